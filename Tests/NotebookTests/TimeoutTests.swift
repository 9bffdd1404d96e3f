import OrderedCollections
import PipelineSyntax
import Tables
import Testing

@testable import Notebook

@Suite struct TimeoutTests {
    private static let rows = (1...6).map { "{\"prompt\":\"q\($0)\"}\n" }.joined()
    private static let slow = "let n = 0..50 | each len(\"x\")"

    @Test func aCellThatTakesTooLongIsStoppedAndTold() throws {
        let scratch = try Scratch(cells: ["let a = 1", "0..50 | each len(\"${.}\")", "a"])
        let session = try scratch.session(now: TickingClock().now)
        session.cellTimeout = 12
        let listener = Listener()
        let summary = try session.run(observer: listener)
        #expect(summary.failed == 2)
        #expect(!summary.wasInterrupted)
        #expect(listener.mistakes.map(\.code) == [.timedOut])
        #expect(
            listener.mistakes.first?.message == "The cell took longer than 12 s and was stopped; what is done is kept.")
        #expect(listener.mistakes.first?.hint == "run it again to go on, with a larger --timeout")
        #expect(try scratch.session().statuses().map(\.status) == [.current, .failed, .notRun])
        #expect(try scratch.session().document.cells[1].outputs.first?[field: "ename"] == "E0511")
    }

    @Test func theNextCellHasTheWholeTimeAgain() throws {
        let cell = "0..6 | each len(\"${.}\")"
        let scratch = try Scratch(cells: [cell, cell, cell, cell])
        let session = try scratch.session(now: TickingClock().now)
        session.cellTimeout = 40
        #expect(try session.run().ran == 4)
        #expect(session.statuses().allSatisfy { $0.status == .current })
    }

    @Test func withoutALimitNothingIsStopped() throws {
        let scratch = try Scratch(cells: [Self.slow])
        #expect(try scratch.session(now: TickingClock().now).run().failed == nil)
    }

    @Test func whatWasDoneIsKept() throws {
        let scratch = try Scratch(
            cells: ["let rows = load \"rows.jsonl\"", "let m = model \"teacher\"", "let done = rows | generate m"],
            files: ["rows.jsonl": Self.rows])
        let clock = TickingClock()
        // The provider's time passes, too.
        let slow = ScriptedProvider { _ in
            _ = (0..<10).map { _ in clock.now() }
            return "yes"
        }
        let session = try scratch.session(provider: slow, now: clock.now)
        session.cellTimeout = 40
        let listener = Listener()
        #expect(try session.run(observer: listener).failed == 3)
        #expect(listener.mistakes.map(\.code) == [.timedOut])
        #expect((1...5).contains(slow.requests))
        session.releaseLock()
        let rest = ScriptedProvider { _ in "yes" }
        #expect(try scratch.session(provider: rest).run().failed == nil || slow.requests == 0)
        #expect(slow.requests + rest.requests == 6)
    }

    @Test func aTypedLineIsStoppedAndNotKept() throws {
        let scratch = try Scratch(cells: [])
        let session = try scratch.session(now: TickingClock().now)
        session.cellTimeout = 5
        let listener = Listener()
        #expect(try !session.runNewCell(Self.slow, observer: listener))
        #expect(listener.mistakes.map(\.code) == [.timedOut])
        #expect(session.document.cells.isEmpty)
    }
}
