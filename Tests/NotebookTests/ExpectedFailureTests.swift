import OrderedCollections
import PipelineSyntax
import Tables
import Testing

@testable import Notebook

/// Cells with the tag `raises-exception`.
@Suite struct ExpectedFailureTests {
    private func scratch(_ cells: [String], tagged: Int) throws -> Scratch {
        let scratch = try Scratch(cells: cells)
        try scratch.edit { $0.cells[tagged - 1].metadata["tags"] = ["raises-exception"] }
        return scratch
    }

    @Test(arguments: ["load \"nope.jsonl\"", "let b = = 2", "lod \"x\"", "unknown + 1", "let s = model \"judge\""])
    func theRunGoesOnAndNothingIsLeftToDo(_ source: String) throws {
        let scratch = try scratch(["let a = 1", source, "a + 1"], tagged: 2)
        let listener = Listener()
        let summary = try scratch.session().run(observer: listener)
        #expect(summary.ran == 3)
        #expect(summary.failedAsExpected == 1)
        #expect(summary.failed == nil)
        #expect(listener.shown == [2])
        #expect(listener.mistakes.count == 1)
        #expect(listener.others.isEmpty)
        #expect(try scratch.session().statuses().map(\.status) == [.current, .current, .current])
        let before = try scratch.read("lab.distnb")
        let again = try scratch.session().run()
        #expect(again.ran == 0)
        #expect(again.current == 3)
        #expect(try scratch.read("lab.distnb") == before)
    }

    @Test func itsMessageIsItsOutput() throws {
        let scratch = try scratch(["load \"nope.jsonl\""], tagged: 1)
        _ = try scratch.session().run()
        let output = try scratch.session().document.cells[0].outputs.first
        #expect(output?[field: "output_type"] == "error")
        #expect(output?[field: "ename"] == "E0502")
    }

    @Test func whatReadsFromItIsToldThatNothingCan() throws {
        let scratch = try scratch(["let b = load \"nope.jsonl\"", "b | take 1"], tagged: 1)
        let listener = Listener()
        #expect(try scratch.session().run(observer: listener).failed == 2)
        #expect(listener.mistakes.last?.code == .missingState)
        #expect(listener.mistakes.last?.hint == "cell 1 is meant to fail, so nothing can read from it")
    }

    @Test func aChangedOneRunsAgain() throws {
        let scratch = try scratch(["load \"nope.jsonl\"", "1"], tagged: 1)
        _ = try scratch.session().run()
        try scratch.edit { $0.cells[0].source = "load \"other.jsonl\"" }
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        #expect(listener.started == [1])
    }

    @Test func aCellThatDoesNotFailAsItShouldIsTold() throws {
        let scratch = try scratch(["1", "2"], tagged: 1)
        let listener = Listener()
        let summary = try scratch.session().run(observer: listener)
        #expect(summary.failedAsExpected == 0)
        #expect(summary.ran == 2)
        #expect(listener.log == ["This cell is tagged raises-exception, but it did not fail."])
    }

    @Test func withoutTheTagItFails() throws {
        let scratch = try scratch(["load \"nope.jsonl\""], tagged: 1)
        _ = try scratch.session().run()
        try scratch.edit { $0.cells[0].metadata["tags"] = nil }
        #expect(try scratch.session().statuses().map(\.status) == [.failed])
    }
}
