import Crypto
import Distillation
import Foundation
import Testing

@testable import LanguageModel

@Suite struct TokenizerTests {
    private struct Nasty: Decodable {
        struct Text: Decodable { let text: String; let ids: [Int32]; let ids_plain: [Int32]; let decoded: String }
        struct Partial: Decodable { let ids: [Int32]; let decoded: String }
        let texts: [Text]
        let partial: [Partial]
    }

    private struct Files: Decodable {
        struct File: Decodable { let path: String; let count: Int; let sha256: String }
        let files: [File]
    }

    @Test(.needsWeights) func idsAgreeWithHuggingFacesTokenizersOnNastyTexts() throws {
        let tokenizer = try RealModel.tokenizer
        for item in try fixture("tokenizer-nasty", as: Nasty.self).texts {
            #expect(tokenizer.encode(item.text, special: .parsed) == item.ids, "\(item.text.debugDescription)")
            #expect(tokenizer.encode(item.text, special: .plain) == item.ids_plain, "\(item.text.debugDescription)")
            // Compared by scalars: Swift's == takes é and e + accent for equal.
            let decoded = tokenizer.decode(item.ids, skippingSpecial: false)
            #expect(Array(decoded.unicodeScalars) == Array(item.decoded.unicodeScalars))
        }
    }

    @Test(.needsWeights) func incompleteCharactersDecodeToReplacementCharacters() throws {
        let tokenizer = try RealModel.tokenizer
        for item in try fixture("tokenizer-nasty", as: Nasty.self).partial {
            #expect(tokenizer.decode(item.ids, skippingSpecial: false) == item.decoded, "\(item.ids)")
        }
    }

    @Test(.needsWeights) func streamedTextIsTheDecodedText() throws {
        let tokenizer = try RealModel.tokenizer
        for item in try fixture("tokenizer-nasty", as: Nasty.self).texts {
            var stream = StreamingDecoder(tokenizer)
            var text = ""
            for token in item.ids_plain {
                let piece = stream.append(token)
                #expect(!piece.contains("\u{FFFD}") || item.decoded.contains("\u{FFFD}") || item.decoded != item.text)
                text += piece
            }
            text += stream.finish()
            #expect(Array(text.utf8) == Array(tokenizer.decode(item.ids_plain).utf8))
        }
    }

    @Test(.needsWeights) func idsOfWholeFilesAgreeWithHuggingFacesTokenizers() throws {
        let data = URL(fileURLWithPath: #filePath).appending(path: "../../../../shared/data").standardizedFileURL
        guard FileManager.default.fileExists(atPath: data.path) else {
            FileHandle.standardError.write(
                Data("SKIPPED: token ids of whole files: no data sets at \(data.path)\n".utf8))
            return
        }
        let tokenizer = try RealModel.tokenizer
        for file in try fixture("tokenizer-files", as: Files.self).files {
            let text = try String(contentsOf: data.appending(path: file.path), encoding: .utf8)
            let ids = tokenizer.encode(text, special: .plain)
            #expect(ids.count == file.count, "\(file.path)")
            let bytes = ids.flatMap { id in withUnsafeBytes(of: id.littleEndian, Array.init) }
            let digest = SHA256.hash(data: bytes).map { String(UInt16($0) | 0x100, radix: 16).suffix(2) }.joined()
            #expect(digest == file.sha256, "\(file.path)")
        }
    }

    @Test func mergingByHeapIsMergingByScan() throws {
        guard case .bytes(let merges, _, _) = try Tokenizer(TinyModel.gguf).pipeline.model else {
            Issue.record("not a byte-level model")
            return
        }
        var random = RandomStream(seed: 3)
        for length in 0..<60 {
            let letters = (0..<length).map { _ in Array("helo wa".utf8)[Int(random.next() % 7)] }
            let ids = letters.map { Int32($0) + 3 }
            var (scanned, heaped) = (ids, ids)
            merges.mergeByScan(&scanned)
            merges.mergeByHeap(&heaped)
            #expect(scanned == heaped)
        }
    }

    @Test func aMegabyteOfOneLetterIsQuick() throws {
        let tokenizer = try Tokenizer(TinyModel.gguf)
        let ids = tokenizer.encode(String(repeating: "a", count: 1 << 20), special: .plain)
        #expect(ids.count == 1 << 18)
    }

    @Test func unknownIdsDecodeToNothing() throws {
        let tokenizer = try Tokenizer(TinyModel.gguf)
        #expect(tokenizer.decode([-1, 100_000, .max, .min]) == "")
    }

    @Test func specialTokensAreParsedOnlyWhenAskedFor() throws {
        let tokenizer = try Tokenizer(TinyModel.gguf)
        #expect(tokenizer.encode("a<|im_end|>b", special: .parsed) == [3 + 0x61, 2, 3 + 0x62])
        #expect(!tokenizer.encode("a<|im_end|>b", special: .plain).contains(2))
        #expect(tokenizer.decode([1, 3 + 0x61, 2]) == "a")
        #expect(tokenizer.decode([1, 3 + 0x61, 2], skippingSpecial: false) == "<|im_start|>a<|im_end|>")
    }
}
