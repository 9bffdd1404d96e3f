import Distillation
import OrderedCollections
import PipelineSyntax
import Synchronization
import Tables
import Testing

@testable import Notebook

/// A wish to stop that comes after so many questions, and stays until it is taken back.
private final class LateInterrupt: Sendable {
    private let left: Mutex<Int>

    init(after questions: Int) { left = Mutex(questions) }

    func isRequested() -> Bool {
        left.withLock { left in
            left -= 1
            return left < 0
        }
    }

    func takeBack() { left.withLock { $0 = .max } }
}

@Suite struct InterruptTests {
    private static let rows = (1...6).map { "{\"prompt\":\"q\($0)\"}\n" }.joined()
    private static let cells = [
        "let rows = load \"rows.jsonl\"", "let m = model \"teacher\"", "let done = rows | generate m",
        "len((done | where .output == \"yes\"))",
    ]

    @Test(arguments: 0..<40) func aRunThatIsInterruptedAnywhereGoesOn(_ questions: Int) throws {
        let scratch = try Scratch(cells: Self.cells, files: ["rows.jsonl": Self.rows])
        let interrupt = LateInterrupt(after: questions)
        let provider = ScriptedProvider { _ in "yes" }
        let session = try scratch.session(provider: provider, cancellation: Cancellation(interrupt.isRequested))
        let first = try session.run()
        if let stopped = first.failed {
            #expect(first.wasInterrupted)
            let statuses = try scratch.session(provider: provider).statuses().map(\.status)
            #expect(statuses[..<(stopped - 1)].allSatisfy { $0 == .current })
            #expect(statuses[stopped - 1] == .interrupted)
            #expect(statuses[stopped...].allSatisfy { $0 == .notRun })
            #expect(session.statuses().map(\.status) == statuses)
        }
        interrupt.takeBack()
        let listener = Listener()
        let second = try session.run(observer: listener)
        #expect(second.failed == nil)
        #expect(first.ran + second.ran == (first.failed == nil ? 4 : 5))
        #expect(provider.requests == 6)
        if first.failed != nil { #expect(listener.shown == [6]) }
    }

    @Test func theNamesOfEarlierCellsStayUsable() throws {
        let scratch = try Scratch(cells: Self.cells, files: ["rows.jsonl": Self.rows])
        let isWished = Mutex(false)
        let provider = ScriptedProvider { _ in
            isWished.withLock { $0 = true }
            return "yes"
        }
        let session = try scratch.session(
            provider: provider, cancellation: Cancellation { isWished.withLock { $0 } })
        #expect(try session.run().failed == 3)
        isWished.withLock { $0 = false }
        let listener = Listener()
        #expect(try session.runNewCell("len(rows)", observer: listener))
        #expect(listener.shown == [6])
        #expect(try !session.runNewCell("len(done)", observer: listener))
        #expect(listener.mistakes.first?.message == "`done` comes from cell 3, which is interrupted.")
    }

    @Test func theMessageIsTheOutput() throws {
        let scratch = try Scratch(cells: ["len(\"x\")"])
        let session = try scratch.session(cancellation: Cancellation { true })
        let listener = Listener()
        #expect(try session.run(observer: listener).wasInterrupted)
        #expect(listener.mistakes.map(\.code) == [.interrupted])
        #expect(try scratch.session().document.cells[0].outputs.first?[field: "ename"] == "E0510")
    }

    @Test func anInterruptIsNoExpectedFailure() throws {
        let scratch = try Scratch(cells: ["len(\"x\")", "1"])
        try scratch.edit { $0.cells[0].metadata["tags"] = ["raises-exception"] }
        let summary = try scratch.session(cancellation: Cancellation { true }).run()
        #expect(summary.failed == 1)
        #expect(summary.failedAsExpected == 0)
        #expect(summary.wasInterrupted)
    }
}
