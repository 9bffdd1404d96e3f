import Distillation
import Foundation
import Synchronization
import Tables
import Testing

@testable import LanguageModel

/// What is exported is read back by our own readers; that others read it too is `Tests/References/export_check.py`'s.
@Suite struct ExportTests {
    /// A folder with the tiny model, gone after the test.
    private final class Kernel {
        let path: String
        let provider: EmbeddedProvider
        let blobs = Blobs()

        init() throws {
            path = NSTemporaryDirectory() + "distnb-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try TinyModel.file.write(to: URL(fileURLWithPath: path + "/tiny.gguf"))
            provider = EmbeddedProvider(weights: path, kernel: [path])
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func model(_ trained: [UInt8]? = nil, layers: [Int]? = [1], id: String = "tiny.gguf") throws -> Model {
            let specification = ModelSpecification(id: id, layers: layers)
            let name = try trained.map(blobs.put)
            return Model(
                alias: "student", specification: specification,
                identity: try provider.identity(of: specification, trainedWeights: name), trainedWeights: name,
                lineage: Lineage(rows: trained == nil ? [] : [RowHash(text: "a1"), RowHash(text: "b2")]))
        }

        /// Exports into this folder, so that the result is a model of the kernel.
        func export(_ model: Model, as export: ModelExport, to name: String) throws {
            for file in try provider.export(model, as: export, blobs: blobs) {
                let url = URL(fileURLWithPath: file.name.isEmpty ? "\(path)/\(name)" : "\(path)/\(name)/\(file.name)")
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                var bytes = Data()
                try file.write { piece throws(FileError) in bytes.append(contentsOf: piece) }
                try bytes.write(to: url)
            }
        }

        func read(_ name: String) throws -> WeightsSource { try WeightsSource("\(path)/\(name)") }
    }

    private final class Blobs: BlobStoring {
        private let blobs = Mutex<[String: [UInt8]]>([:])

        func put(_ bytes: [UInt8]) throws -> String {
            let name = SHA256Name.of(bytes)
            blobs.withLock { $0[name] = bytes }
            return name
        }

        func get(_ name: String) throws -> [UInt8] {
            guard let bytes = blobs.withLock({ $0[name] }) else { throw BlobError.missing(name) }
            return bytes
        }

        func contains(_ name: String) -> Bool { blobs.withLock { $0[name] != nil } }
    }

    private static let tokens: [Int32] = [70, 80, 90, 100, 3, 41, 5, 5]

    private func student() throws -> LanguageModelWeights { try TinyModel.weights.selecting(layers: [1]) }

    private func adapter() throws -> LoRAAdapter {
        var adapter = try LoRAAdapter.fresh(student().configuration, rank: 3, alpha: 6, seed: 5)
        var random = RandomStream(seed: 9)
        for index in adapter.values.indices { adapter.values[index] = (random.unit() - 0.5) / 3 }
        return adapter
    }

    private func logits(_ weights: LanguageModelWeights) throws -> [Float] {
        try Transformer(weights).logits(Self.tokens)
    }

    /// All numbers of a model, and that it computes with them.
    private func expect(
        _ found: LanguageModelWeights, _ wanted: LanguageModelWeights, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let layout = WeightsLayout(wanted.configuration)
        #expect(found.configuration.layers == wanted.configuration.layers, sourceLocation: location)
        #expect(found.flattened(layout) == wanted.flattened(layout), sourceLocation: location)
        #expect(try worst(logits(found), logits(wanted)) < 1e-3, sourceLocation: location)
    }

    private func worst(_ a: [Float], _ b: [Float]) -> Float {
        a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
    }

    @Test(arguments: ["x.gguf", "folder"]) func aMergedModelIsReadBackWithTheSameLogits(_ name: String) throws {
        let kernel = try Kernel()
        let adapter = try adapter()
        let model = try kernel.model(Array(try adapter.encode()))
        let format: ModelExport.Format = name == "folder" ? .folder : .gguf
        try kernel.export(model, as: ModelExport(format, precision: .f32), to: name)
        let back = try kernel.read(name).weights()
        #expect(back.configuration.layers == 1, "the student is a model of its own")
        try expect(back, student().merging(adapter))
        let wanted = try logits(back)
        #expect(try worst(logits(student()), wanted) > 0.1, "the adapter shows")

        try kernel.export(model, as: ModelExport(format), to: "half-" + name)
        let half = try kernel.read("half-" + name).weights()
        #expect(try worst(logits(half), wanted) < 0.02)
        #expect(
            half.layers[0].gateUp.pointer[3] == Float(Float16(back.layers[0].gateUp.pointer[3])),
            "each number is rounded once")
    }

    @Test func allLayersAndTheOrderOfHeadsComeBack() throws {
        let kernel = try Kernel()
        let base = try kernel.model(layers: nil)
        try kernel.export(base, as: ModelExport(.gguf, precision: .f32), to: "x.gguf")
        try kernel.export(base, as: ModelExport(.folder, precision: .f32), to: "folder")
        for name in ["x.gguf", "folder"] {
            try expect(kernel.read(name).weights(), TinyModel.weights)
        }
        // A folder becomes what it was, also by way of the other format.
        let folder = try kernel.read("folder")
        let exporter = ModelExporter(
            source: folder, weights: try folder.weights(), tokenizer: try Tokenizer(TinyModel.gguf), trainedOn: "",
            encoding: .single)
        var bytes = Data()
        try exporter.files(.gguf)[0].write { piece throws(FileError) in bytes.append(contentsOf: piece) }
        let gguf = try TinyModel.open(bytes)
        try expect(LanguageModelWeights.load(gguf), TinyModel.weights)
        #expect(try gguf.strings("tokenizer.ggml.tokens") == TinyModel.tokens)
        let source = try TinyModel.gguf
        for key in ["merges", "pre", "model", "eos_token_id", "token_type"] {
            #expect(gguf.metadata["tokenizer.ggml." + key] == source.metadata["tokenizer.ggml." + key], "\(key)")
        }
        #expect(gguf.metadata["tokenizer.chat_template"] == .string(TinyModel.template))
    }

    @Test func aGGUFFileKeepsAllThatItsSourceSays() throws {
        let kernel = try Kernel()
        try kernel.export(kernel.model(), as: ModelExport(.gguf, precision: .q8_0), to: "x.gguf")
        guard case .gguf(let file) = try kernel.read("x.gguf") else { return }
        let source = try TinyModel.gguf
        for (key, value) in source.metadata where key != "llama.block_count" { #expect(file.metadata[key] == value) }
        #expect(file.metadata["llama.block_count"]?.integer == 1)
        #expect(file.metadata["general.file_type"]?.integer == 7)
        #expect(
            try Tokenizer(file).encode("hello wa", special: .plain)
                == Tokenizer(source).encode("hello wa", special: .plain))
        #expect(file.tensors["blk.0.attn_norm.weight"]?.type == .f32)
        // Rows of 24 are no whole number of blocks.
        #expect(file.tensors["blk.0.attn_q.weight"]?.type == .f16)
    }

    @Test func theRowsThatAModelWasTrainedOnGoWithIt() throws {
        let kernel = try Kernel()
        let model = try kernel.model(Array(try adapter().encode()))
        for (name, format) in [("x.gguf", ModelExport.Format.gguf), ("folder", .folder)] {
            try kernel.export(model, as: ModelExport(format), to: name)
            let lineage = try kernel.provider.lineage(of: ModelSpecification(id: name))
            #expect(lineage.rows == model.lineage.rows)
            #expect(lineage.trainedIn == "the notebook that exported it")
        }
        #expect(try kernel.provider.lineage(of: ModelSpecification(id: "tiny.gguf")).rows.isEmpty)
    }

    @Test func anAdapterIsKeptAsPEFTHasIt() throws {
        let kernel = try Kernel()
        let adapter = try adapter()
        let model = try kernel.model(Array(try adapter.encode()))
        try kernel.export(model, as: ModelExport(.folder, precision: .f32, adapter: .kept), to: "peft")
        let fields = try JSON.parse(
            Array(Data(contentsOf: URL(fileURLWithPath: kernel.path + "/peft/adapter_config.json"))))
        #expect(fields[field: "r"] == 3 && fields[field: "lora_alpha"].double == 6)
        #expect(fields[field: "target_modules"].list?.count == 7)
        try kernel.export(model, as: ModelExport(.safetensors, precision: .f32), to: "a.safetensors")
        for name in ["peft/adapter_model.safetensors", "a.safetensors"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(kernel.path)/\(name)"))
            let back = try LoRAAdapter(decoding: bytes, for: student().configuration)
            #expect(back.values == adapter.values && back.alpha == 6)
            #expect(back.metadata[Lineage.metadataKey] == "a1 b2")
        }
    }

    @Test func wholeWeightsOfATrainedModelAreExported() throws {
        let kernel = try Kernel()
        let trained = try student().merging(adapter())
        let model = try kernel.model(Array(try trained.encode(.single)))
        try kernel.export(model, as: ModelExport(.gguf, precision: .f32), to: "x.gguf")
        try expect(kernel.read("x.gguf").weights(), trained)
        try kernel.export(model, as: ModelExport(.safetensors, precision: .f32), to: "w.safetensors")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: kernel.path + "/w.safetensors"))
        try expect(student().replacing(decoding: bytes, name: "w"), trained)
    }

    @Test func whatCannotBeWrittenIsRefusedWithAWayOut() throws {
        let kernel = try Kernel()
        let plain = try kernel.model()
        let tuned = try kernel.model(Array(try adapter().encode()))
        func message(_ model: Model, _ export: ModelExport) throws -> String {
            let error = try #require(throws: ProviderError.self) {
                try kernel.provider.export(model, as: export, blobs: kernel.blobs)
            }
            return error.description + " → " + (error.hint ?? "")
        }
        #expect(try message(plain, ModelExport(.folder, adapter: .kept)).contains("adapter: \"merged\""))
        #expect(try message(tuned, ModelExport(.gguf, adapter: .kept)).contains("a whole model"))
        #expect(try message(tuned, ModelExport(.folder, precision: .q8_0)).contains("these have \"q8_0\""))
        #expect(try message(tuned, ModelExport(.safetensors, precision: .q8_0)).contains("precision: \"f16\""))
        let merged = ModelExport(.safetensors, precision: .q8_0, adapter: .merged)
        #expect(try message(tuned, merged).contains("these have \"q8_0\""))
        let damaged = try student()
        let values = damaged.flattened(WeightsLayout(damaged.configuration)).enumerated().map {
            $0.offset == 700 ? 1e6 : $0.element
        }
        let broken = damaged.replacing(values: values, WeightsLayout(damaged.configuration))
        let large = try kernel.model(Array(try broken.encode(.single)))
        #expect(try message(large, ModelExport(.gguf)).contains("one that holds the values"))
        try kernel.export(large, as: ModelExport(.gguf, precision: .f32), to: "x.gguf")
    }
}
