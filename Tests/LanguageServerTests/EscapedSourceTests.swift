import SeededRandom
import Tables
import Testing

@testable import LanguageServer

/// Positions in a cell's source to positions in the JSON that holds it, and back.
@Suite struct EscapedSourceTests {
    private static let pieces = [
        "a", "let x = 1", "é", "😀", #"\n"#, #"\""#, #"\\"#, #"\/"#, #"\t"#, #"\u00e9"#, #"\ud83d\ude00"#, #"\ud83d"#,
        #"\u0000"#, " ", #"\b\f\r"#, "",
    ]

    /// A JSON text with some literals in it.
    private func sample(_ seed: UInt64) -> (json: [UInt8], literals: [Range<Int>], text: String) {
        var random = SeededRandom(seed: seed)
        var json = Array(#"{"source": ["#.utf8)
        var literals: [Range<Int>] = []
        var text = ""
        for index in 0..<random.below(5) {
            if index > 0 { json += Array(",\n  ".utf8) }
            let literal =
                "\"" + (0..<random.below(6)).map { _ in random.one(of: Self.pieces) }.joined() + "\""
            literals.append(json.count..<json.count + literal.utf8.count)
            json += Array(literal.utf8)
            text += (try? JSON.parse(literal))?.text ?? "not JSON"
        }
        return (json + Array("]}".utf8), literals, text)
    }

    @Test(arguments: UInt64(0)..<300) func theTextIsWhatTheCodecReads(_ seed: UInt64) {
        let (json, literals, text) = sample(seed)
        #expect(EscapedSource(json, literals: literals).text == Array(text.utf8))
    }

    @Test(arguments: UInt64(0)..<300) func everyCharacterComesBackFromItsPlace(_ seed: UInt64) {
        let (json, literals, text) = sample(seed)
        let source = EscapedSource(json, literals: literals)
        var offset = 0
        for scalar in text.unicodeScalars {
            #expect(source.offset(of: source.place(of: offset)) == offset)
            offset += scalar.utf8.count
        }
        if let last = literals.last { #expect(source.offset(of: last.upperBound - 1) == text.utf8.count) }
    }

    @Test(arguments: UInt64(0)..<300) func aPartStandsWhereItReadsBackAsItself(_ seed: UInt64) {
        let (json, literals, text) = sample(seed)
        let source = EscapedSource(json, literals: literals)
        var offset = 0
        for scalar in text.unicodeScalars {
            let part = offset..<offset + scalar.utf8.count
            offset = part.upperBound
            let place = source.place(of: part)
            #expect(literals.contains { $0.lowerBound < place.lowerBound && place.upperBound < $0.upperBound })
            let written = "\"" + String(decoding: json[place], as: UTF8.self) + "\""
            #expect((try? JSON.parse(written))?.text == String(Character(scalar)))
        }
    }

    @Test(arguments: UInt64(0)..<100) func onlyBetweenQuotesIsSource(_ seed: UInt64) {
        let (json, literals, text) = sample(seed)
        let source = EscapedSource(json, literals: literals)
        for place in 0...json.count {
            let isInside = literals.contains { $0.lowerBound < place && place < $0.upperBound }
            let offset = source.offset(of: place)
            #expect((offset != nil) == isInside)
            #expect((offset ?? 0) <= text.utf8.count)
        }
    }

    @Test func outsideTheTextItsEndsAreMeant() {
        let source = EscapedSource(Array(#"x"ab""#.utf8), literals: [1..<5])
        #expect(source.place(of: 0..<99) == 2..<4)
        #expect(source.place(of: 2..<2) == 4..<4)
        #expect(EscapedSource([], literals: [0..<9]).place(of: 0..<3) == 0..<0)
    }

    @Test(arguments: ["a\"b\\c\nd", "é😀", "\u{1}"]) func whatIsPutInIsEscaped(_ text: String) {
        #expect((try? JSON.parse("\"" + EscapedSource.written(text) + "\""))?.text == text)
    }
}
