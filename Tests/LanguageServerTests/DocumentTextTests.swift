import SeededRandom
import Testing

@testable import LanguageServer

@Suite struct DocumentTextTests {
    @Test func positionsCountInUnitsOfTheEncoding() {
        let text = DocumentText("a😀é\nb")
        #expect(text.offset(of: TextPosition(line: 0, character: 3), .utf16) == 5)
        #expect(text.offset(of: TextPosition(line: 0, character: 5), .utf8) == 5)
        #expect(text.position(of: 5, .utf16) == TextPosition(line: 0, character: 3))
        #expect(text.position(of: 5, .utf8) == TextPosition(line: 0, character: 5))
        #expect(text.position(of: 8, .utf16) == TextPosition(line: 1, character: 0))
    }

    @Test func insideACharacterItsBeginningIsMeant() {
        let text = DocumentText("a😀b")
        #expect(text.offset(of: TextPosition(line: 0, character: 2), .utf16) == 1)
        #expect(text.offset(of: TextPosition(line: 0, character: 3), .utf8) == 1)
    }

    @Test func beyondTheEndTheEndIsMeant() {
        let text = DocumentText("ab\r\ncd")
        #expect(text.offset(of: TextPosition(line: 0, character: 99), .utf16) == 2)
        #expect(text.offset(of: TextPosition(line: 9, character: 0), .utf16) == 6)
        #expect(text.offset(of: TextPosition(line: -1, character: 5), .utf16) == 0)
        #expect(text.offset(of: TextPosition(line: Int.max, character: Int.max), .utf8) == 6)
        #expect(text.position(of: -3, .utf16) == TextPosition(line: 0, character: 0))
        #expect(text.position(of: 99, .utf16) == TextPosition(line: 1, character: 2))
    }

    @Test func linesEndAsTheProtocolHasIt() {
        let text = DocumentText("a\rb\r\nc\n\nd")
        #expect([0, 2, 5, 7, 8].map { text.position(of: $0, .utf16).line } == [0, 1, 2, 3, 4])
        #expect([0, 2, 5, 7, 8].map { text.position(of: $0, .utf16).character } == [0, 0, 0, 0, 0])
    }

    @Test func aReversedRangeReplacesTheSame() {
        var text = DocumentText("abc")
        text.replace(
            TextRange(start: TextPosition(line: 0, character: 2), end: TextPosition(line: 0, character: 1)), with: "x",
            .utf16)
        #expect(text.text == "axc")
    }

    /// Against a text that is kept as UTF-16 and cut by hand.
    @Test(arguments: UInt64(0)..<100) func editsGiveWhatTheEditorHas(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = ["a", "é", "😀", "\n", "\r\n", "", "let x = 1", "e\u{301}"]
        var document = DocumentText("")
        var model: [UInt16] = []
        for _ in 0..<40 {
            let new = (0..<random.below(5)).map { _ in random.one(of: pieces) }.joined()
            var start = random.below(model.count + 1)
            var end = start + random.below(model.count - start + 1)
            // Editors do not cut characters in halves, nor put the cursor inside a line break.
            func isCut(_ at: Int) -> Bool {
                at > 0 && at < model.count
                    && ((0xDC00..<0xE000).contains(model[at]) || (model[at - 1] == 13 && model[at] == 10))
            }
            while isCut(start) { start -= 1 }
            while isCut(end) { end += 1 }
            document.replace(
                TextRange(start: position(start, model), end: position(end, model)), with: new, .utf16)
            model.replaceSubrange(start..<end, with: Array(new.utf16))
            #expect(document.text == String(decoding: model, as: UTF16.self))
            #expect(document == DocumentText(document.text))
        }
    }

    private func position(_ at: Int, _ model: [UInt16]) -> TextPosition {
        var line = 0
        var start = 0
        for index in 0..<at {
            let isBreak =
                model[index] == 10 || (model[index] == 13 && !(index + 1 < model.count && model[index + 1] == 10))
            if isBreak {
                line += 1
                start = index + 1
            }
        }
        return TextPosition(line: line, character: at - start)
    }

    @Test(arguments: ["a😀é\r\nb\n\n\u{2028}c", "", "\n", "é"]) func everyOffsetOfACharacterComesBack(_ text: String) {
        let document = DocumentText(text)
        var offset = 0
        for scalar in text.unicodeScalars {
            for encoding in [PositionEncoding.utf8, .utf16] where scalar != "\n" {
                #expect(document.offset(of: document.position(of: offset, encoding), encoding) == offset)
            }
            offset += scalar.utf8.count
        }
    }
}
