import SeededRandom
import Testing

@testable import Notebook

@Suite struct LineDifferenceTests {
    @Test func equalTextsHaveNoLines() {
        #expect(LineDifference.between("a\nb", "a\nb") == [])
        #expect(LineDifference.between("", "") == [])
    }

    @Test func aChangedLineIsRemovedAndAdded() {
        #expect(
            LineDifference.between("a\nb\nc", "a\nx\nc") == [.same("a"), .removed("b"), .added("x"), .same("c")])
    }

    @Test func fromAndToNothing() {
        #expect(LineDifference.between("", "a\nb") == [.added("a"), .added("b")])
        #expect(LineDifference.between("a\nb", "") == [.removed("a"), .removed("b")])
    }

    @Test func whatIsFarFromAnyChangeIsLeftOut() {
        let old = (1...20).map(String.init).joined(separator: "\n")
        let new = (1...20).map { $0 == 10 ? "x" : String($0) }.joined(separator: "\n")
        #expect(
            LineDifference.between(old, new, context: 1) == [
                .gap(8), .same("9"), .removed("10"), .added("x"), .same("11"),
            ])
        #expect(LineDifference.between(old, new, context: 0) == [.gap(9), .removed("10"), .added("x")])
    }

    @Test func twoFarChangesHaveAGapBetweenThem() {
        let old = (1...9).map(String.init).joined(separator: "\n")
        let new = old.replacing("1\n", with: "").replacing("\n9", with: "")
        #expect(
            LineDifference.between(old, new, context: 1) == [
                .removed("1"), .same("2"), .gap(5), .same("8"), .removed("9"),
            ])
    }

    @Test(arguments: UInt64(0)..<100) func theLinesMakeBothTexts(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        func text() -> [String] {
            (0..<(1 + random.below(12))).map { _ in random.one(of: ["a", "b", "c", "", "d e"]) }
        }
        let (old, new) = (text(), text())
        let lines = LineDifference.between(
            old.joined(separator: "\n"), new.joined(separator: "\n"), context: 100)
        guard old.joined(separator: "\n") != new.joined(separator: "\n") else { return #expect(lines.isEmpty) }
        var (before, after): ([String], [String]) = ([], [])
        for line in lines {
            switch line {
            case .same(let text):
                before.append(text)
                after.append(text)
            case .removed(let text): before.append(text)
            case .added(let text): after.append(text)
            case .gap: Issue.record("nothing is left out here")
            }
        }
        // A single empty line is written like no line at all.
        #expect(before == (old == [""] ? [] : old))
        #expect(after == (new == [""] ? [] : new))
    }
}
