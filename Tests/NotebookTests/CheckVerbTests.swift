import OrderedCollections
import PipelineSyntax
import Tables
import Testing

@testable import Notebook

@Suite struct CheckVerbTests {
    private func run(_ scratch: Scratch) throws -> Listener {
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        return listener
    }

    private func failure(_ source: String) throws -> Diagnostic? {
        let scratch = try Scratch(cells: [source])
        let mistakes = try run(scratch).mistakes
        #expect(mistakes.map(\.code) == [.checkFailed])
        return mistakes.first
    }

    @Test func whatHoldsIsNoted() throws {
        let listener = try run(Scratch(cells: ["check 1 + 1 == 2, \"one and one are two\"\ncheck 2 > 1"]))
        #expect(listener.log == ["✓ one and one are two", "✓ 2 > 1"])
        #expect(listener.mistakes == [])
    }

    @Test func whatDoesNotHoldStopsTheRun() throws {
        let scratch = try Scratch(cells: ["check 1 == 2, \"they are equal\"", "2"])
        let listener = try run(scratch)
        #expect(listener.started == [1])
        #expect(listener.mistakes.first?.message == "Not yet: they are equal.")
        #expect(listener.mistakes.first?.hint == nil)
        #expect(try scratch.session().statuses().map(\.status) == [.failed, .notRun])
    }

    @Test func eachRunTellsOneMoreHint() throws {
        let scratch = try Scratch(
            cells: ["let a = 1", "check a == 2, \"a is two\", hints: [\"look at a\", \"let a = 2\"]"])
        #expect(try run(scratch).mistakes.first?.hint == "look at a (hint 1 of 2)")
        #expect(try run(scratch).mistakes.first?.hint == "let a = 2 (hint 2 of 2)")
        #expect(try run(scratch).mistakes.first?.hint == "let a = 2 (hint 2 of 2)")
        #expect(try scratch.session().document.cells[1].state?.attempts == 3)
    }

    @Test func attemptsBeginAnewWhenTheCheckHolds() throws {
        let check = "check a == 2, \"a is two\", hints: [\"one\", \"two\"]"
        let scratch = try Scratch(cells: ["let a = 1", check])
        _ = try run(scratch)
        _ = try run(scratch)
        try scratch.edit { $0.cells[0].source = "let a = 2" }
        #expect(try run(scratch).log == ["a: 2", "✓ a is two"])
        #expect(try scratch.session().document.cells[1].state?.attempts == 0)
        try scratch.edit { $0.cells[0].source = "let a = 3" }
        #expect(try run(scratch).mistakes.first?.hint == "one (hint 1 of 2)")
    }

    @Test func otherFailuresAreNoAttempts() throws {
        let scratch = try Scratch(cells: ["load \"nope.jsonl\"\ncheck 1 == 2, hints: [\"one\", \"two\"]"])
        _ = try run(scratch)
        _ = try run(scratch)
        #expect(try scratch.session().document.cells[0].state?.attempts == 0)
    }

    @Test func aMistakeBetweenTwoAttemptsKeepsTheCount() throws {
        let check = "check 1 == 2, \"goal\", hints: [\"one\", \"two\", \"three\"]"
        let scratch = try Scratch(cells: [check])
        _ = try run(scratch)
        try scratch.edit { $0.cells[0].source = "chek 1" }
        _ = try run(scratch)
        try scratch.edit { $0.cells[0].source = check }
        #expect(try run(scratch).mistakes.first?.hint == "two (hint 2 of 3)")
    }

    @Test func oneHintHasNoNumber() throws {
        #expect(try failure("check 1 == 2, \"goal\", hints: [\"only\"]")?.hint == "only")
        #expect(try failure("check 1 == 2, \"goal\", hints: []")?.hint == nil)
    }

    @Test(arguments: [
        ("check null, \"goal\"", "Not yet: goal. The condition is null: something in it is missing."),
        ("check 5, \"goal\"", "Not yet: goal. The condition is a whole number, not true or false."),
        ("check \"yes\", \"goal\"", "Not yet: goal. The condition is text, not true or false."),
    ]) func conditionsThatAreNeitherTrueNorFalseAreTold(_ source: String, _ message: String) throws {
        #expect(try failure(source)?.message == message)
    }

    @Test func aConditionThatIsAnErrorSaysWhich() throws {
        let message = try failure("check number(\"x\") > 1, \"goal\"")?.message
        #expect(message?.hasPrefix("Not yet: goal. The condition is an error: ") == true)
    }

    @Test func withoutAGoalTheCodeIsTheGoal() throws {
        #expect(try failure("check 1 + 1 == 3")?.message == "Not yet: 1 + 1 == 3.")
    }

    @Test func theLaterOfTwoChecksIsTold() throws {
        let scratch = try Scratch(cells: ["check true, \"first\"\ncheck false, \"second\""])
        let listener = try run(scratch)
        #expect(listener.log == ["✓ first"])
        #expect(listener.mistakes.first?.message == "Not yet: second.")
    }
}
