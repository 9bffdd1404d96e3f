import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Tokenizers of every kind, made and run by Tests/References/tokenizers_reference.py.
enum SmallTokenizers {
    static let byteLevel = ["gpt2", "smollm", "llama3", "qwen2", "tekken", "gpt4o", "deepseek3"]
    static let sentencePiece = ["llama2", "mistral", "gemma", "flags"]
    static let configuration = Data(#"{"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}}"#.utf8)

    static func json(_ name: String) throws -> Data {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/Tokenizers/\(name)", withExtension: "json"))
        return try Data(contentsOf: url)
    }

    static func tokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(json: json(name), configuration: configuration, name: "\(name).json")
    }

    struct Encodings: Decodable {
        struct Text: Decodable { let text: String; let ids: [Int32]; let plain: [Int32]?; let decoded: String? }
        let texts: [Text]
    }

    static func check(_ tokenizer: Tokenizer, _ name: String, decodes: Bool = true) throws {
        for item in try fixture("Tokenizers/\(name)-ids", as: Encodings.self).texts {
            #expect(tokenizer.encode(item.text, special: .parsed) == item.ids, "\(name): \(item.text.debugDescription)")
            #expect(
                tokenizer.encode(item.text, special: .plain) == item.plain ?? item.ids,
                "\(name): \(item.text.debugDescription)")
            guard decodes else { continue }
            // Compared by scalars: Swift's == takes é and e + accent for equal.
            let decoded = tokenizer.decode(item.ids, skippingSpecial: false)
            #expect(
                Array(decoded.unicodeScalars) == Array((item.decoded ?? item.text).unicodeScalars),
                "\(name): \(item.text.debugDescription)")
        }
    }
}

@Suite struct TokenizerFileTests {
    @Test(arguments: SmallTokenizers.byteLevel + SmallTokenizers.sentencePiece)
    func idsAndTextsAgreeWithHuggingFacesTokenizers(_ name: String) throws {
        let tokenizer = try SmallTokenizers.tokenizer(name)
        try SmallTokenizers.check(tokenizer, name)
        #expect(tokenizer.endToken == tokenizer.specialToken("</s>"))
        #expect(tokenizer.namedTokens == ["bos_token": "<s>", "eos_token": "</s>"])
        #expect(tokenizer.specialToken("<|im_end|>").map { tokenizer.stopTokens.contains($0) } == true)
    }

    @Test(arguments: SmallTokenizers.byteLevel + SmallTokenizers.sentencePiece)
    func streamedTextIsTheDecodedText(_ name: String) throws {
        let tokenizer = try SmallTokenizers.tokenizer(name)
        for item in try fixture("Tokenizers/\(name)-ids", as: SmallTokenizers.Encodings.self).texts {
            var stream = StreamingDecoder(tokenizer)
            var text = item.ids.map { stream.append($0) }.joined()
            text += stream.finish()
            #expect(Array(text.utf8) == Array(tokenizer.decode(item.ids).utf8))
        }
    }

    @Test func endTokensOfTheModelStopAndNameTheEndWhereTheTokenizerNamesNone() throws {
        let json = try SmallTokenizers.json("qwen2")
        let tokenizer = try Tokenizer(json: json, endTokens: [5, 9, -1, 1 << 40])
        #expect(tokenizer.endToken == 5)
        #expect(tokenizer.stopTokens.isSuperset(of: [5, 9]))
        #expect(throws: WeightsError.missing(file: "tokenizer.json", name: "eos_token")) { try Tokenizer(json: json) }
    }

    @Test(arguments: [
        ("{\"type\":\"BPE\"", "{\"type\":\"Unigram\"", "`Unigram`"),
        ("\"type\":\"NFC\"", "\"type\":\"Precompiled\"", "`Precompiled`"),
        ("\"type\":\"Split\"", "\"type\":\"Whitespace\"", "`Whitespace`"),
        ("\"Isolated\"", "\"Shredded\"", "Shredded"),
        ("\\\\s+(?!\\\\S)", "\\\\s+(?!\\\\S", "regular expressions"),
        ("\"end_of_word_suffix\":null", "\"end_of_word_suffix\":\"</w>\"", "`model.end_of_word_suffix`"),
        ("\"merges\":[[\"", "\"merges\":[[\"no\",\"token\"],[\"", "merge 0"),
        ("\"vocab\":{\"", "\"vocab\":{\"x\":-1,\"", "an id from 0"), ("\"vocab\":{\"", "\"vocab\":{x\":1,\"", "quotes"),
    ])
    func whatIsNotReadIsRefusedByName(_ old: String, _ new: String, _ named: String) throws {
        let text = try String(decoding: SmallTokenizers.json("qwen2"), as: UTF8.self)
        let changed = text.replacingOccurrences(of: old, with: new)
        #expect(changed != text, "\(old)")
        let error = #expect(throws: WeightsError.self) {
            try Tokenizer(json: Data(changed.utf8), configuration: SmallTokenizers.configuration, name: "t.json")
        }
        #expect(error?.description.contains(named) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("t.json") == true)
    }

    /// Whatever a file has become, it is read or refused, and what is read encodes any text.
    @Test(arguments: ["qwen2", "llama2", "flags", "deepseek3"])
    func noDamagedTokenizerTraps(_ name: String) throws {
        let file = try [UInt8](SmallTokenizers.json(name))
        // The settings before the vocabulary are few and matter most.
        let marker = try #require(file.firstRange(of: Array("\"vocab\"".utf8)))
        let head = marker.lowerBound
        let pieces = [
            "null", "-1", "1e99", "99999999999999999999", "\"\"", "[]", "{}", "true", "[", "]", "{", "}", ",", ":",
            "\"",
            "\\", "\u{0}", "2000000",
        ]
        var random = RandomStream(seed: 5)
        for round in 0..<600 {
            var damaged = file
            for _ in 0...random.next() % 3 {
                let range = round % 4 == 0 ? damaged.count : min(head, damaged.count)
                let at = Int(random.next() % UInt64(max(1, range)))
                let end = min(damaged.count, at + Int(random.next() % 8))
                damaged.replaceSubrange(at..<end, with: pieces[Int(random.next() % UInt64(pieces.count))].utf8)
            }
            do {
                let tokenizer = try Tokenizer(json: Data(damaged), configuration: SmallTokenizers.configuration)
                let ids = tokenizer.encode("Hé 123 \n\n <s> text spaces 好\u{0}", special: .parsed)
                _ = tokenizer.decode(ids)
            } catch is WeightsError {}
        }
    }

    /// A vocabulary whose merges spell `</s>`: they are left out.
    @Test func mergesMakeNoSpecialToken() throws {
        let json = """
            {"added_tokens": [{"id": 0, "content": "</s>", "special": true, "normalized": false}],
             "model": {"type": "BPE", "vocab": {"</s>": 0, "<": 1, "/": 2, "s": 3, ">": 4, "</": 5, "s>": 6},
                       "merges": ["< /", "s >", "</ s>"]}}
            """
        let tokenizer = try Tokenizer(json: Data(json.utf8), configuration: SmallTokenizers.configuration)
        #expect(tokenizer.encode("</s>", special: .plain) == [5, 6])
        #expect(tokenizer.encode("</s>", special: .parsed) == [0])
    }

    @Test func aMegabyteOfOneLetterIsQuickInEveryKind() throws {
        for name in ["llama3", "llama2"] {
            let tokenizer = try SmallTokenizers.tokenizer(name)
            let text = String(repeating: "a", count: 1 << 20)
            #expect(tokenizer.decode(tokenizer.encode(text, special: .plain)).utf8.count == 1 << 20)
        }
    }
}
