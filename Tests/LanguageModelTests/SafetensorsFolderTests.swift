import Foundation
import Testing

@testable import LanguageModel

/// Against Hugging Face's transformers (Tests/References/folder_reference.py).
@Suite struct SafetensorsFolderTests {
    struct Reference: Decodable {
        struct Folder: Decodable {
            let name: String
            let files: [String]
            let logits: [[Float]]
        }
        let ids: [Int32]
        let positions: [Int]
        let folders: [Folder]
    }

    private func fixtureFolder(_ name: String) throws -> URL {
        try #require(Bundle.module.url(forResource: "Fixtures/folders/\(name)", withExtension: nil))
    }

    @Test func logitsAreTransformersForEveryTypeOfNumberAndForShards() throws {
        let reference = try fixture("folders", as: Reference.self)
        for expected in reference.folders {
            let folder = try SafetensorsFolder(fixtureFolder(expected.name))
            let weights = try LanguageModelWeights.load(folder)
            #expect(weights.configuration.tiedEmbeddings == (expected.name != "sharded"))
            #expect(weights.sha256.count == 64)
            let logits = try Transformer(weights).logits(reference.ids)
            for (position, wanted) in zip(reference.positions, expected.logits) {
                let row = logits[position * wanted.count..<(position + 1) * wanted.count]
                let worst = zip(row, wanted).map { abs($0 - $1) }.max() ?? .infinity
                #expect(worst < 1e-3, "\(expected.name), position \(position)")
            }
        }
    }

    /// A copy of a fixture that a test may spoil.
    private func copy(_ name: String, _ spoil: (URL) throws -> Void) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: fixtureFolder(name), to: url)
        try spoil(url)
        return url
    }

    private func message(_ name: String, _ spoil: (URL) throws -> Void) throws -> String {
        let url = try copy(name, spoil)
        defer { try? FileManager.default.removeItem(at: url) }
        let error = try #require(throws: WeightsError.self) { try LanguageModelWeights.load(SafetensorsFolder(url)) }
        return error.description.replacingOccurrences(of: url.path, with: "FOLDER")
    }

    @Test func whatIsMissingIsNamed() throws {
        func remove(_ name: String) -> (URL) throws -> Void {
            { try FileManager.default.removeItem(at: $0.appendingPathComponent(name)) }
        }
        let config = try message("single", remove("config.json"))
        #expect(config == "cannot read the weights FOLDER/config.json: there is no such file")
        let shard = try message("sharded", remove("model-00002-of-00002.safetensors"))
        #expect(shard.contains("FOLDER/model-00002-of-00002.safetensors: there is no such file"))
        let index = try message("sharded", remove("model.safetensors.index.json"))
        #expect(index.hasPrefix("FOLDER lacks `model.safetensors`"))
        let torch = try message("single") { url in
            try remove("model.safetensors")(url)
            try Data("x".utf8).write(to: url.appendingPathComponent("pytorch_model.bin"))
        }
        #expect(torch.contains("the weights' format is PyTorch's"))
    }

    @Test(arguments: ["../single/model.safetensors", "/etc/passwd", "model.bin", "", "a\\u0000b.safetensors"])
    func anIndexLeadsNowhereElse(_ name: String) throws {
        let text = try message("sharded") { url in
            try Data(#"{"weight_map": {"model.norm.weight": "\#(name)"}}"#.utf8)
                .write(to: url.appendingPathComponent("model.safetensors.index.json"))
        }
        #expect(text.contains("the file of `model.norm.weight` should be a name that ends in .safetensors"), "\(text)")
    }

    private func rewriteHeader(_ url: URL, _ file: String, _ change: (inout String) -> Void) throws {
        let url = url.appendingPathComponent(file)
        let bytes = try Data(contentsOf: url)
        let length = Int(bytes[0]) + Int(bytes[1]) << 8 + Int(bytes[2]) << 16
        var header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
        change(&header)
        header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        var written = Data()
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { written.append(contentsOf: $0) }
        try (written + Data(header.utf8) + bytes[(8 + length)...]).write(to: url)
    }

    @Test func aTensorOfAnotherTypeOrNameOrSharedBytesIsRefused() throws {
        let type = try message("single") { url in
            try rewriteHeader(url, "model.safetensors") {
                $0 = $0.replacingOccurrences(of: "\"F32\"", with: "\"I32\"")
            }
        }
        #expect(type.contains("is I32; the embedded engine runs F32, F16 and BF16."), "\(type)")
        let surplus = try message("single") { url in
            try rewriteHeader(url, "model.safetensors") {
                $0 = $0.replacingOccurrences(
                    of: "{\"model.norm",
                    with:
                        "{\"model.layers.0.self_attn.q_proj.bias\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"model.norm"
                )
                $0 = $0.replacingOccurrences(
                    of: ",\"model.norm",
                    with:
                        ",\"model.layers.0.self_attn.q_proj.bias\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"model.norm"
                )
            }
        }
        #expect(surplus.contains("`model.layers.0.self_attn.q_proj.bias` is present"), "\(surplus)")
        var both = Safetensors(metadata: [:])
        both.append("a", shape: [2], [1, 2], as: .single)
        both.append("b", shape: [2], [3, 4], as: .single)
        let text = String(decoding: try both.encode(), as: UTF8.self)
        let shared = Data(text.replacingOccurrences(of: "[8,16]", with: "[4,12]").utf8)
        let error = try #require(throws: WeightsError.self) { try Safetensors(shared, name: "x") }
        #expect(error.description.contains("tensor `b` should be bytes of its own, but is some of `a`"))
    }

    @Test func theHashCoversEveryFileThatHasASay() throws {
        let first = try copy("single") { _ in }
        defer { try? FileManager.default.removeItem(at: first) }
        let before = try SafetensorsFolder.sha256(of: first.path)
        try Data("{}".utf8).write(to: first.appendingPathComponent("generation_config.json"))
        #expect(try SafetensorsFolder.sha256(of: first.path) != before)
    }
}
