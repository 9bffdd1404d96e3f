import Rendering
import Testing

@Suite struct TerminalTextTests {
    @Test(arguments: ["", "plain text", "a\tb\nc", "é 😀 漢字", "e\u{301}", "a\u{A0}b", "\u{2028}"])
    func ordinaryTextStays(_ text: String) {
        #expect(Array(TerminalText.safe(text).utf8) == Array(text.utf8))
    }

    @Test(arguments: [
        ("\u{1B}[31mred\u{1B}[0m", "␛[31mred␛[0m"), ("\u{1B}[2Jx", "␛[2Jx"), ("\u{1B}]0;title\u{07}x", "␛]0;title␇x"),
        ("a\u{08}\u{08}b", "a␈␈b"), ("safe\rEVIL", "safe␍EVIL"), ("a\u{0}b", "a␀b"), ("a\u{7F}b", "a␡b"),
        ("a\u{9B}31mb", "a⟨U+9B⟩31mb"), ("a\u{202E}b\u{2066}c", "a⟨U+202E⟩b⟨U+2066⟩c"), ("a\r\nb", "a\nb"),
    ]) func controlCharactersAreSeenAndNothingIsHidden(_ text: String, _ safe: String) {
        #expect(TerminalText.safe(text) == safe)
    }

    @Test func coloursOfOtherKernelsAreTakenOut() {
        #expect(TerminalText.withoutColours("\u{1B}[31;1mred\u{1B}[0m \u{1B}[2J\u{1B}[8mx") == "red ␛[2Jx")
    }

    @Test func onlyOurOwnColoursPassToTheTerminal() {
        #expect(TerminalText.shown("\u{1B}[31mred\u{1B}[0m") == "\u{1B}[31mred\u{1B}[0m")
        #expect(TerminalText.shown("\u{1B}[8mhidden\u{1B}[2J") == "␛[8mhidden␛[2J")
    }

    @Test func nothingThatIsLeftControlsATerminal() {
        var state: UInt64 = 7
        func random(below limit: UInt64) -> UInt64 {
            // A linear congruential generator with Knuth's constants: any variety will do.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % limit
        }
        for _ in 0..<2_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<random(below: 20) {
                let scalar =
                    random(below: 3) == 0
                    ? [0x1B, 0x5B, 0x5D, 0x9B, 0x07][Int(random(below: 5))] : random(below: 0x2100)
                text.append(Unicode.Scalar(UInt32(scalar)) ?? " ")
            }
            let safe = TerminalText.safe(String(text))
            #expect(
                safe.unicodeScalars.allSatisfy {
                    $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) || $0 == "\n" || $0 == "\t"
                })
            #expect(TerminalText.safe(safe) == safe)
        }
    }
}
