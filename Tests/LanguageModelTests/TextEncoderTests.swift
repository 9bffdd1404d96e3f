import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Small encoders with random weights, made by Tests/References/embedding_reference.py.
enum TinyEncoder {
    static let names = ["plain", "cased", "flat"]

    struct Reference: Decodable {
        let texts: [String]
        let ids: [[Int32]]
        let vectors: [[Float]]
    }

    static func folder(_ name: String) throws -> URL {
        try #require(Bundle.module.url(forResource: "Fixtures/Encoders/\(name)", withExtension: nil))
    }

    static func file(_ name: String, _ file: String) throws -> Data {
        try Data(contentsOf: folder(name).appendingPathComponent(file))
    }

    static func encoder(_ name: String) throws -> TextEncoder { try TextEncoder(folder: folder(name).path) }

    /// A copy that a test may spoil, in a folder of its own.
    static func spoilt<Result>(_ name: String, _ spoil: (URL) throws -> Void, _ body: (String) throws -> Result) throws
        -> Result
    {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: folder(name), to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        try spoil(url)
        return try body(url.path)
    }
}

extension TextEncoder {
    func vectors(_ texts: [String]) throws -> [[Float]] {
        try embeddings(of: texts, isCancelled: { false }) { _, _ in }.vectors
    }
}

@Suite struct TextEncoderTests {
    private func worst(_ one: [Float], _ other: [Float]) -> Float {
        one.count == other.count ? zip(one, other).map { abs($0 - $1) }.max() ?? 0 : .infinity
    }

    @Test(arguments: TinyEncoder.names) func idsAndVectorsAgreeWithTransformers(_ name: String) throws {
        let reference = try fixture("Encoders/\(name)/reference", as: TinyEncoder.Reference.self)
        let encoder = try TinyEncoder.encoder(name)
        let result = try encoder.embeddings(of: reference.texts, isCancelled: { false }) { _, _ in }
        for (index, text) in reference.texts.enumerated() {
            let (tokens, isCut) = encoder.tokenizer.encode(text, special: .parsed, longest: encoder.shape.longestText)
            #expect(tokens == reference.ids[index], "\(text.debugDescription)")
            #expect(isCut == result.cut.contains(index))
            #expect(worst(result.vectors[index], reference.vectors[index]) < 2e-5, "\(text.debugDescription)")
        }
    }

    private struct Reference: Decodable {
        struct Text: Decodable {
            let text: String
            let tokens: Int
            let dimensions: [Float]
            let projections: [Double]
        }
        let sha256: String
        let texts: [Text]
        let cosines: [[Double]]
    }

    @Test(.needsEncoder) func vectorsAgreeWithSentenceTransformers() throws {
        let reference = try fixture("embeddings", as: Reference.self)
        let encoder = try RealEncoder.encoder
        let texts = reference.texts.map(\.text)
        let vectors = try encoder.vectors(texts)
        #expect(texts.count >= 60)
        for (item, vector) in zip(reference.texts, vectors) {
            let tokens = encoder.tokenizer.encode(item.text, special: .parsed, longest: 256).tokens
            #expect(tokens.count == item.tokens, "\(item.text.debugDescription)")
            let length = vector.reduce(0) { $0 + Double($1) * Double($1) }
            #expect(abs(length - 1) < 1e-6)
            let some = stride(from: 0, to: vector.count, by: 16).map { vector[$0] }
            #expect(worst(some, item.dimensions) < 1e-5, "\(item.text.debugDescription)")
            for (k, wanted) in item.projections.enumerated() {
                let projection = vector.enumerated().reduce(0.0) { sum, component in
                    sum + Double(component.element) * (sin(Double((k + 1) * (component.offset + 1))) >= 0 ? 1 : -1)
                }
                #expect(abs(projection - wanted) < 1e-4, "\(item.text.debugDescription)")
            }
        }
        for (row, cosines) in reference.cosines.enumerated() {
            for (column, wanted) in cosines.enumerated() {
                let cosine = try #require(TextEmbeddings.cosine(vectors[row], vectors[column]))
                #expect(
                    abs(cosine - wanted) < 1e-4, "\(texts[row].debugDescription), \(texts[column].debugDescription)")
            }
        }
    }

    @Test(.needsEncoder) func aTextHasTheSameVectorInAnyCompany() throws {
        let encoder = try RealEncoder.encoder
        let texts = try fixture("embeddings", as: Reference.self).texts.map(\.text)
        let together = try encoder.vectors(texts)
        let backwards = try encoder.vectors(texts.reversed())
        #expect(Array(backwards.reversed()) == together)
        for (index, text) in texts.enumerated() {
            #expect(try encoder.vectors([text]) == [together[index]], "\(text.debugDescription)")
        }
        let pairs = try encoder.vectors([texts[7], texts[60 % texts.count]])
        #expect(pairs == [together[7], together[60 % texts.count]])
    }

    @Test func whatIsTheSameToTheModelIsComputedOnceAndStandsInEveryPlace() throws {
        let encoder = try TinyEncoder.encoder("plain")
        let texts = ["Where is it?", "paint", "where  is it ?", "", "paint"]
        let vectors = try encoder.vectors(texts)
        #expect(vectors[0] == vectors[2] && vectors[1] == vectors[4] && vectors[0] != vectors[1])
        #expect(try encoder.vectors([]) == [])
    }

    @Test func aTextThatIsTooLongIsToldOf() throws {
        let encoder = try TinyEncoder.encoder("plain")
        let texts = ["a", String(repeating: "a ", count: 14), String(repeating: "a ", count: 15)]
        let result = try encoder.embeddings(of: texts, isCancelled: { false }) { _, _ in }
        #expect(result.cut == [2])
        #expect(result.vectors[1] == result.vectors[2])
    }

    @Test func workStopsWhenItShould() throws {
        let encoder = try TinyEncoder.encoder("plain")
        #expect(throws: CancellationError.self) {
            try encoder.embeddings(of: ["a"], isCancelled: { true }) { _, _ in }
        }
    }

    @Test func progressEndsWithAllTexts() throws {
        var last = (0, 0)
        _ = try TinyEncoder.encoder("flat").embeddings(of: ["a", "b", "a", "c"], isCancelled: { false }) {
            last = ($0, $1)
        }
        #expect(last == (4, 4))
    }

    // MARK: Damaged folders

    private func message(_ spoil: (URL) throws -> Void) throws -> String {
        try TinyEncoder.spoilt("plain", spoil) { folder in
            let error = try #require(throws: WeightsError.self) { try TextEncoder(folder: folder) }
            return error.description.replacingOccurrences(of: folder, with: "FOLDER")
        }
    }

    @Test(arguments: ["config.json", "tokenizer.json", "model.safetensors"])
    func whatIsMissingIsNamed(_ file: String) throws {
        let text = try message { try FileManager.default.removeItem(at: $0.appendingPathComponent(file)) }
        #expect(text.hasPrefix("FOLDER lacks `\(file)`"), "\(text)")
    }

    private static func replace(_ old: String, _ new: String, in file: String) -> (URL) throws -> Void {
        { url in
            let path = url.appendingPathComponent(file)
            let text = try String(contentsOf: path, encoding: .utf8)
            let spoilt = text.replacingOccurrences(of: old, with: new)
            #expect(text != spoilt)
            try Data(spoilt.utf8).write(to: path)
        }
    }

    @Test(arguments: [
        (#""hidden_act": "gelu""#, #""hidden_act": "relu""#, "`hidden_act` is \"relu\""),
        (#""num_attention_heads": 3"#, #""num_attention_heads": 5"#, "should be a divisor of 24"),
        (#""hidden_size": 24"#, #""hidden_size": 12"#, "the shape of tensor"),
        (#""num_hidden_layers": 2"#, #""num_hidden_layers": 3"#, "lacks `encoder.layer.2"),
        (#""num_hidden_layers": 2"#, #""num_hidden_layers": 1"#, "is present; the embedded engine runs"),
        (#""num_hidden_layers": 2"#, #""num_hidden_layers": 99999999999"#, "a whole number from 1 to"),
        (#""vocab_size": "#, #""vocab_size": 1"#, "the vocabulary should be at most"),
        (#""model_type": "bert""#, #""model_type": "roberta""#, "`model_type` is \"roberta\""),
        (#""max_position_embeddings": 48"#, #""max_position_embeddings": 2"#, "`max_position_embeddings`"),
    ]) func anOptionThatTheEngineDoesNotComputeIsRefused(_ old: String, _ new: String, _ words: String) throws {
        let text = try message(Self.replace(old, new, in: "config.json"))
        // A vocabulary of other length is told by the tokenizer or by the tensor, whichever is looked at first.
        #expect(text.contains(words) || old.contains("vocab_size") && text.contains("the shape of tensor"), "\(text)")
    }

    @Test func anotherPoolingThanTheMeanIsRefused() throws {
        let text = try message { url in
            let folder = url.appendingPathComponent("1_Pooling")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#.utf8)
                .write(to: folder.appendingPathComponent("config.json"))
        }
        #expect(text.contains("FOLDER/1_Pooling/config.json: `pooling_mode_mean_tokens` is false"), "\(text)")
    }

    /// A folder says by `modules.json` how a text's vector is made; copied without the file that tells it, it is refused.
    @Test(arguments: [
        ("Pooling", "1_Pooling", "lacks `1_Pooling/config.json`"),
        ("Pooling", "../other", "lacks `../other/config.json`"),
        ("Dense", "2_Dense", "a module is `sentence_transformers.models.Dense`"),
    ]) func whatComesBehindTheEncoderIsNotGuessed(_ type: String, _ path: String, _ words: String) throws {
        let text = try message { url in
            try Data(#"[{"idx": 1, "path": "\#(path)", "type": "sentence_transformers.models.\#(type)"}]"#.utf8)
                .write(to: url.appendingPathComponent("modules.json"))
        }
        #expect(text.contains(words), "\(text)")
    }

    @Test func textLongerThanTheModelsPositionsIsCutThere() throws {
        try TinyEncoder.spoilt(
            "plain", Self.replace("16", "5000", in: "sentence_bert_config.json")
        ) { folder in
            let longest = try TextEncoder(folder: folder).shape.longestText
            #expect(longest == 48)
        }
    }

    @Test func weightsThatAreNoNumbersAreToldOf() throws {
        try TinyEncoder.spoilt("plain") { url in
            let path = url.appendingPathComponent("model.safetensors")
            var bytes = try Data(contentsOf: path)
            let header = 8 + bytes.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
            for index in header..<bytes.count { bytes[index] = 0xFF }
            try bytes.write(to: path)
        } _: { folder in
            let encoder = try TextEncoder(folder: folder)
            #expect(throws: EngineError.self) { try encoder.vectors(["a"]) }
        }
    }

    /// Whatever stands in the files, reading and using them ends in vectors or in an error.
    @Test(arguments: TinyEncoder.names) func damagedFilesNeverTrap(_ name: String) throws {
        let rounds = ProcessInfo.processInfo.environment["DISTNB_FUZZ"].flatMap { Int($0) }.map { max(1, $0) } ?? 1
        var random = RandomStream(seed: UInt64(name.utf8.count))
        let files = ["config.json", "tokenizer.json", "model.safetensors"]
        for _ in 0..<60 * rounds {
            try TinyEncoder.spoilt(name) { url in
                let path = url.appendingPathComponent(files[Int(random.next() % 3)])
                var bytes = try Data(contentsOf: path)
                // Most of a safetensors file are numbers: its header is what matters.
                let end = min(bytes.count, 6000)
                switch random.next() % 4 {
                case 0: bytes = bytes.prefix(Int(random.next() % UInt64(bytes.count)))
                case 1: bytes[Int(random.next() % UInt64(end))] = UInt8(truncatingIfNeeded: random.next())
                default:
                    let digits = (0..<end).filter { (0x30...0x39).contains(bytes[$0]) }
                    guard !digits.isEmpty else { return }
                    bytes[digits[Int(random.next() % UInt64(digits.count))]] = UInt8(0x30 + random.next() % 10)
                }
                try bytes.write(to: path)
            } _: { folder in
                do {
                    let vectors = try TextEncoder(folder: folder).vectors(["Where is my order?", "[MASK] paint"])
                    #expect(vectors.allSatisfy { $0.allSatisfy(\.isFinite) })
                } catch is WeightsError {
                } catch is EngineError {}
            }
        }
    }
}
