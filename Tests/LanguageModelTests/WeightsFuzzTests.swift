import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Whatever a model's files hold, reading them ends in a model or in an error that names the file: never in a trap, and
/// never in more memory than a small multiple of the file.
///
/// `DISTNB_FUZZ=n` makes n rounds of each instead of one.
@Suite struct WeightsFuzzTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["DISTNB_FUZZ"].flatMap { Int($0) }.map { max(1, $0) } ?? 1

    private struct Random {
        private var stream: RandomStream

        init(_ seed: UInt64) { stream = RandomStream(seed: seed) }

        mutating func next() -> UInt64 { stream.next() }

        mutating func below(_ limit: Int) -> Int { Int(stream.next() % UInt64(max(1, limit))) }

        mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
    }

    private func forEachRound(_ seed: Int, _ body: (inout Random) throws -> Void) rethrows {
        for round in 0..<Self.rounds {
            var random = Random(UInt64(1000 * round + seed))
            try body(&random)
        }
    }

    // MARK: GGUF

    private static let fields = GGUFFields(TinyModel.file)

    /// Numbers at which arithmetic goes wrong, and such that mean something near the one that stood there.
    private func hostile(_ was: UInt64, _ file: Int, _ random: inout Random) -> UInt64 {
        switch random.below(4) {
        case 0:
            let edges: [UInt64] = [
                0, 1, 2, 3, 4, 8, 9, 31, 32, .max, .max - 1, .max - 31, 1 << 63, 1 << 62, 1 << 61, 1 << 60, 1 << 40,
                1 << 32, (1 << 32) - 1, 1 << 31, (1 << 31) - 1, 1 << 24, 65536, 65535, 255, 127, 128,
            ]
            return random.one(of: edges)
        case 1: return was &+ UInt64(random.below(9)) &- 4
        case 2: return random.one(of: [was &* 2, was / 2, was &<< 32, ~was, UInt64(file), UInt64(file) &- was])
        default: return random.next() >> UInt64(random.below(64))
        }
    }

    private func spoil(_ file: inout Data, _ random: inout Random) {
        let fields = Self.fields
        switch random.below(10) {
        case 0...5:
            let field = random.one(of: random.below(3) > 0 ? fields.structure : fields.numbers)
            guard field.offset + field.width <= file.count else { return }
            let was = (0..<field.width).reduce(UInt64(0)) { $0 | UInt64(file[field.offset + $1]) << (8 * UInt64($1)) }
            let now = hostile(was, file.count, &random)
            for index in 0..<field.width {
                file[field.offset + index] = UInt8(truncatingIfNeeded: now >> (8 * UInt64(index)))
            }
        case 6:
            let text = random.one(of: fields.texts)
            guard !text.isEmpty, text.upperBound <= file.count else { return }
            file[text.lowerBound + random.below(text.count)] = UInt8(truncatingIfNeeded: random.next())
        case 7:
            let place = random.below(min(fields.end, file.count))
            if !file.isEmpty { file[place] = UInt8(truncatingIfNeeded: random.next()) }
        case 8: file = Data(file.prefix(random.below(file.count)))
        default:
            // A part of the header somewhere else: fields of one kind read as another.
            let end = min(fields.end, file.count)
            let (from, to, length) = (random.below(end), random.below(end), 1 + random.below(64))
            for index in 0..<length where max(from, to) + index < end { file[to + index] = file[from + index] }
        }
    }

    private func useGGUF(_ bytes: Data) throws {
        let file = try TinyModel.open(bytes)
        // Each by itself: what one refuses must not keep the others from being tried.
        let tokenizer = try? Tokenizer(file)
        if let tokenizer {
            _ = tokenizer.encode("hello <|im_end|> wörld 12 \u{1F600}", special: .parsed)
            _ = tokenizer.decode([0, 1, 5, 200, 265, 266, -1, .max])
            if let template = try? ChatTemplate(file, tokenizer: tokenizer) {
                _ = try? template.encode([ChatMessage(role: "user", content: "hi")], addGenerationPrompt: true)
            }
        }
        let weights = try LanguageModelWeights.load(file)
        let model = try Transformer(weights)
        _ = try model.logits([1, 2, 3])
        if let tokenizer {
            let exporter = ModelExporter(
                source: .gguf(file), weights: weights, tokenizer: tokenizer, trainedOn: "", encoding: .half)
            for format in ModelExport.Format.allCases {
                for file in (try? exporter.files(format)) ?? [] { try file.write { _ throws(FileError) in } }
            }
            let generator = try Generator(model: model, tokenizer: tokenizer, batchSize: 1, now: { 0 })
            try generator.generate([GenerationRequest(promptTokens: [70, 80], maxTokens: 2)]) { _, _ in }
        }
    }

    /// Runs what must not trap; errors other than ours would reach people raw.
    private func expectAnswer(_ work: () throws -> Void) {
        do { try work() } catch is WeightsError {} catch is EngineError {} catch {
            Issue.record("an error of another kind: \(error)")
        }
    }

    @Test(arguments: 0..<4) func everySpoiltGGUFFileIsAnswered(_ seed: Int) {
        forEachRound(seed) { random in
            for _ in 0..<300 {
                var file = TinyModel.file
                for _ in 0...random.below(3) { spoil(&file, &random) }
                expectAnswer { try useGGUF(file) }
            }
        }
    }

    /// Each field by itself, at each edge: the random mutants may miss one.
    @Test func everyFieldMayHoldAnyEdge() {
        for field in Self.fields.structure.prefix(120) + Self.fields.structure.suffix(120) {
            for value in [0, 1, UInt64.max, 1 << 63, 1 << 32, UInt64(TinyModel.file.count)] {
                var file = TinyModel.file
                for index in 0..<field.width {
                    file[field.offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
                }
                expectAnswer { try useGGUF(file) }
            }
        }
    }

    @Test func tensorsThatShareBytesAreRefused() throws {
        // The offset of the last tensor is the header's last field.
        let field = try #require(Self.fields.structure.last)
        var file = TinyModel.file
        for index in 0..<field.width { file[field.offset + index] = 0 }
        let error = try #require(throws: WeightsError.self) { try TinyModel.open(file) }
        #expect(error.description.contains("should be bytes of its own"))
    }

    // MARK: Folders and adapters

    private static let literals = [
        "0", "-1", "1", "2", "1e400", "-1e400", "9223372036854775807", "9223372036854775808", "18446744073709551616",
        "-9223372036854775808", "4294967296", "2147483648", "1.5", "1e18", "1e-320", "-0", "null", "true", "\"x\"",
        "[]", "{}", "[[1]]", "\"\"", "NaN", "[1,2,3]",
    ]

    private func spoil(text bytes: inout [UInt8], _ random: inout Random) {
        guard !bytes.isEmpty else { return bytes.append(UInt8(truncatingIfNeeded: random.next())) }
        switch random.below(6) {
        case 0...2:
            // A number becomes another value.
            let digits = bytes.indices.filter { isDigit(bytes[$0]) && ($0 == 0 || !isDigit(bytes[$0 - 1])) }
            guard !digits.isEmpty else { return }
            let start = random.one(of: digits)
            let end = bytes[start...].firstIndex { !isDigit($0) && $0 != UInt8(ascii: ".") } ?? bytes.count
            bytes.replaceSubrange(start..<end, with: Array(random.one(of: Self.literals).utf8))
        case 3: bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
        case 4:
            let place = random.below(bytes.count)
            bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(12)))
        default:
            let (place, other) = (random.below(bytes.count), random.below(bytes.count))
            bytes.insert(contentsOf: Array(bytes[other..<min(bytes.count, other + random.below(60))]), at: place)
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// A safetensors file with a spoilt header, whose length fits it or is spoilt too.
    private func spoil(safetensors file: inout [UInt8], _ random: inout Random) {
        guard file.count > 8 else { return }
        let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(file[$1]) << (8 * UInt64($1)) }
        guard length <= UInt64(file.count - 8) else { return }
        var header = Array(file[8..<8 + Int(length)])
        let rest = file[(8 + Int(length))...]
        for _ in 0...random.below(3) { spoil(text: &header, &random) }
        let written = random.below(5) == 0 ? hostile(length, file.count, &random) : UInt64(header.count)
        file = (0..<8).map { UInt8(truncatingIfNeeded: written >> (8 * UInt64($0))) } + header + rest
        if random.below(8) == 0 { file = Array(file.prefix(random.below(file.count))) }
    }

    /// A folder for a test, with files that are spoilt one at a time.
    private func withFolder(
        _ files: [(name: String, bytes: [UInt8])], _ seed: Int, mutants: Int, _ use: (URL) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, bytes) in files { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
        try forEachRound(seed) { random in
            for _ in 0..<mutants {
                let (name, original) = random.one(of: files)
                var bytes = original
                if name.hasSuffix(".safetensors") {
                    spoil(safetensors: &bytes, &random)
                } else {
                    for _ in 0...random.below(4) { spoil(text: &bytes, &random) }
                }
                try Data(bytes).write(to: folder.appendingPathComponent(name))
                expectAnswer { try use(folder) }
                try Data(original).write(to: folder.appendingPathComponent(name))
            }
        }
    }

    @Test(arguments: ["single", "sharded"], 0..<2) func everySpoiltFolderIsAnswered(_ name: String, _ seed: Int) throws
    {
        let source = try #require(Bundle.module.url(forResource: "Fixtures/folders/\(name)", withExtension: nil))
        let files = try FileManager.default.contentsOfDirectory(atPath: source.path).sorted().map {
            (name: $0, bytes: Array(try Data(contentsOf: source.appendingPathComponent($0))))
        }
        try withFolder(files, seed, mutants: 200) { folder in
            _ = try Transformer(LanguageModelWeights.load(SafetensorsFolder(folder))).logits([1, 2, 3])
        }
    }

    /// The files beside the weights, on the way to the other format.
    @Test func everySpoiltCompanionIsAnswered() throws {
        let gguf = try TinyModel.gguf
        let weights = try TinyModel.weights
        let tokenizer = try Tokenizer(gguf)
        let exporter = ModelExporter(
            source: .gguf(gguf), weights: weights, tokenizer: tokenizer, trainedOn: "", encoding: .half)
        let files = try exporter.files(.folder).map { file in
            var bytes: [UInt8] = []
            try file.write { piece throws(FileError) in bytes += piece }
            return (name: file.name, bytes: bytes)
        }
        try withFolder(files, 0, mutants: 300) { folder in
            let folder = try SafetensorsFolder(folder)
            if let own = try? folder.tokenizer() {
                _ = own.encode("hello <|im_end|> wörld 12 \u{1F600}", special: .parsed)
                _ = own.decode([0, 1, 5, 200, 265, 266, -1, .max])
                _ = try? folder.template(own).encode(
                    [ChatMessage(role: "user", content: "hi")], addGenerationPrompt: true)
            }
            let exporter = ModelExporter(
                source: .folder(folder), weights: try LanguageModelWeights.load(folder), tokenizer: tokenizer,
                trainedOn: "", encoding: .single)
            for format in ModelExport.Format.allCases { _ = try exporter.files(format) }
        }
    }

    @Test(arguments: 0..<2) func everySpoiltAdapterIsAnswered(_ seed: Int) throws {
        let weights = try TinyModel.weights
        let adapter = try LoRAAdapter.fresh(weights.configuration, rank: 2, alpha: 4, seed: 1)
        let files = [Array(try adapter.encode(.half)), Array(try weights.encode(.half))]
        forEachRound(seed) { random in
            for _ in 0..<300 {
                var bytes = random.one(of: files)
                spoil(safetensors: &bytes, &random)
                expectAnswer {
                    let found = try LoRAAdapter(decoding: Data(bytes), for: weights.configuration)
                    _ = try Transformer(weights, adapter: found).logits([1, 2, 3])
                }
                expectAnswer { _ = try weights.replacing(decoding: Data(bytes), name: "weights") }
            }
        }
    }

    @Test func nestingWithoutEndIsRefused() throws {
        let deep = Array(String(repeating: "[", count: 200_000).utf8)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(deep).write(to: folder.appendingPathComponent("config.json"))
        #expect(throws: WeightsError.self) { try SafetensorsFolder(folder) }
        let header =
            (0..<8).map { UInt8(truncatingIfNeeded: (deep.count + 5) >> (8 * $0)) } + Array("{\"a\":".utf8) + deep
        #expect(throws: WeightsError.self) { try Safetensors(Data(header), name: "x") }
    }
}
