import Crypto
import Foundation
import Testing

@testable import LanguageModel

/// Against Hugging Face's tokenizers (Tests/References/embedding_reference.py).
@Suite struct WordPieceTests {
    private struct Reference: Decodable {
        struct Text: Decodable { let text: String; let ids: [Int32]; let plain: [Int32]? }
        let texts: [Text]
        let scalars: [String]
    }

    @Test(.needsEncoder) func idsAgreeWithHuggingFacesTokenizersOnNastyTexts() throws {
        let tokenizer = try RealEncoder.encoder.tokenizer
        let texts = try fixture("wordpiece", as: Reference.self).texts
        #expect(texts.count > 250)
        for item in texts {
            let (parsed, plain) = (
                tokenizer.encode(item.text, special: .parsed), tokenizer.encode(item.text, special: .plain)
            )
            #expect(parsed.tokens == item.ids, "\(item.text.debugDescription)")
            #expect(plain.tokens == item.plain ?? item.ids, "\(item.text.debugDescription)")
            #expect(!parsed.isCut)
        }
    }

    /// Every character there is, between two letters: whether it stays, what it becomes, and whether it parts words.
    @Test(arguments: 0..<272) func everyCharacterIsTreatedAsHuggingFacesTokenizersDo(_ block: Int) throws {
        let reference = try fixture("wordpiece", as: Reference.self).scalars
        let rules = BertText()
        var hash = SHA256()
        for value in UInt32(block * 4096)..<UInt32(block * 4096 + 4096) where value != 0x11938 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = Array("x\(scalar)y".utf8)
            var pieces: [Range<Int>] = []
            BertText.cut(text, 0..<text.count, into: &pieces)
            let parts = [rules.normalized(text)] + pieces.map { Array(text[$0]) }
            hash.update(data: Data(parts.joined(separator: [1])))
            hash.update(data: Data([0x0A]))
        }
        let digest = hash.finalize().prefix(8).map { String(UInt16($0) | 0x100, radix: 16).suffix(2) }.joined()
        #expect(digest == reference[block], "from U+\(String(block * 4096, radix: 16, uppercase: true)) on")
    }

    @Test(.needsEncoder) func aLongTextIsCutAndItsEndMarkStays() throws {
        let tokenizer = try RealEncoder.encoder.tokenizer
        let whole = tokenizer.encode(String(repeating: "paint ", count: 254), special: .parsed, longest: 256)
        #expect(whole.tokens.count == 256 && !whole.isCut)
        let cut = tokenizer.encode(String(repeating: "paint ", count: 255), special: .parsed, longest: 256)
        #expect(cut.tokens == whole.tokens && cut.isCut)
        #expect(tokenizer.encode("paint", special: .parsed, longest: 1).tokens.count == 2)
    }

    @Test func aTokenizerOfAnotherKindIsRefused() throws {
        let error = #expect(throws: WeightsError.self) {
            try WordPieceTokenizer(json: try SmallTokenizers.json("gpt2"), name: "gpt2.json")
        }
        #expect(error?.description.contains("the tokenizer's model is `BPE`") == true)
    }

    @Test(arguments: [
        (#""unk_token":"[UNK]""#, #""unk_token":"[NONE]""#, "lacks `[NONE]`"),
        (#""max_input_chars_per_word":20"#, #""max_input_chars_per_word":"x""#, "`model.max_input_chars_per_word`"),
        (#""type":"BertNormalizer""#, #""type":"BertNormaliser""#, "the normalizer is `BertNormaliser`"),
        (#""type":"TemplateProcessing""#, #""type":"ByteLevel""#, "the post-processor is `ByteLevel`"),
        (#""ids":[2]"#, #""ids":[2000]"#, "`post_processor` should be ids of the vocabulary"),
        (#"{"Sequence":{"id":"A","type_id":0}}"#, #"{"SpecialToken":{"id":"?"}}"#, "`post_processor.single`"),
    ]) func aDamagedTokenizerIsRefusedWithThePlace(_ from: String, _ to: String, _ words: String) throws {
        let whole = String(decoding: try TinyEncoder.file("plain", "tokenizer.json"), as: UTF8.self)
        let spoilt = whole.replacingOccurrences(of: from, with: to)
        #expect(spoilt != whole)
        let error = #expect(throws: WeightsError.self) {
            try WordPieceTokenizer(json: Data(spoilt.utf8), name: "tokenizer.json")
        }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
