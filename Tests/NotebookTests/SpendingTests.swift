import Distillation
import OrderedCollections
import PipelineSyntax
import Synchronization
import Tables
import Testing
import Verbs

@testable import Notebook

/// Budgets on a provider that counts what was paid: a request is 3 tokens in and 2 out.
@Suite struct SpendingTests {
    private static let rows = (1...20).map { "{\"prompt\":\"q\($0)\"}\n" }.joined()
    private static let cells = [
        "let rows = load \"rows.jsonl\"", "let m = model \"teacher\"",
        "let done = rows | generate m, max_tokens: 4", "len((done | where .output == \"yes\"))",
    ]

    private static func scratch(_ cells: [String] = cells) throws -> Scratch {
        try Scratch(cells: cells, files: ["rows.jsonl": rows])
    }

    /// 1 $ for a token in, 10 $ for one out: 23 $ a request, 43 $ at most with 4 tokens out.
    private static let price = TokenPrice(input: 1_000_000, output: 10_000_000)

    @Test func aBudgetOfTokensIsNeverExceededAndPaysNoneTwice() throws {
        let scratch = try Self.scratch()
        var paid = 0
        var runs = 0
        while runs < 30 {
            runs += 1
            let provider = ScriptedProvider(tokens: { _ in 3 }) { _ in "yes" }
            let session = try scratch.session(provider: provider)
            session.budgets = [try #require(Budget("24tokens"))]
            let listener = Listener()
            let summary = try session.run(observer: listener)
            session.releaseLock()
            #expect(provider.requests * 5 <= 24)
            #expect(provider.requests >= 1, "each run goes on")
            paid += provider.requests
            guard summary.failed != nil else {
                #expect(listener.shown.last == 20)
                break
            }
            #expect(summary.failed == 3)
            #expect(!summary.wasInterrupted)
            #expect(listener.mistakes.map(\.code) == [.budgetSpent])
        }
        #expect(paid == 20)
        #expect(runs > 4)
    }

    @Test func theMessageSaysWhatWasSpentAndHowToGoOn() throws {
        let scratch = try Self.scratch()
        let provider = ScriptedProvider(tokens: { _ in 3 }) { _ in "yes" }
        let session = try scratch.session(provider: provider, price: Self.price)
        session.budgets = [try #require(Budget("100"))]
        let listener = Listener()
        _ = try session.run(observer: listener)
        // 2 fit by their most (86); they take 46; of 54 one more fits: 69; 31 are too few for 43.
        #expect(provider.requests == 3)
        #expect(
            listener.mistakes.first?.message == """
                The budget of $100.00 for this run is spent: $69.00 for 3 requests; of the rest, $31.00, the next could \
                take up to $43.00. All answers are kept.
                """)
        #expect(
            listener.mistakes.first?.hint == "run again to go on where it stopped, none is paid twice: --budget 200")
        #expect(session.lab.spending.summary == "$69.00 of $100.00")
        #expect(try scratch.session().document.cells[2].outputs.first?[field: "ename"] == "E0513")
        #expect(try scratch.session(price: Self.price).statuses()[2].status == .failed)
    }

    @Test func whatComesFromTheStoreCostsNothing() throws {
        let scratch = try Self.scratch()
        let first = ScriptedProvider(tokens: { _ in 3 }) { _ in "yes" }
        #expect(try scratch.session(provider: first).run().failed == nil)
        let second = ScriptedProvider(tokens: { _ in 3 }) { _ in "yes" }
        let session = try scratch.session(provider: second)
        session.budgets = [try #require(Budget("1tokens"))]
        #expect(try session.run(.all).failed == nil)
        #expect(second.requests == 0)
    }

    @Test func aKilledRunKeepsWhatWasPaidUnderABudgetToo() throws {
        let scratch = try Self.scratch()
        let killed = ScriptedProvider(stopAfter: 3, tokens: { _ in 3 }) { _ in "yes" }
        let session = try scratch.session(provider: killed)
        session.budgets = [try #require(Budget("60tokens"))]
        #expect(try session.run().wasInterrupted)
        session.releaseLock()
        let rest = ScriptedProvider(tokens: { _ in 3 }) { _ in "yes" }
        let next = try scratch.session(provider: rest)
        next.budgets = [try #require(Budget("1000tokens"))]
        #expect(try next.run().failed == nil)
        #expect(killed.requests == 3)
        #expect(rest.requests == 17)
    }

    @Test func withoutAPriceDollarsAreRefusedBeforeAnythingIsSent() throws {
        let scratch = try Self.scratch()
        let provider = ScriptedProvider { _ in "yes" }
        let session = try scratch.session(provider: provider)
        session.budgets = [try #require(Budget("5"))]
        let listener = Listener()
        #expect(try session.run(observer: listener).failed == 3)
        #expect(provider.requests == 0)
        #expect(listener.mistakes.first?.message.contains("names no price for m") == true, "\(listener.messages)")
    }

    @Test func whereAServerCountsTheTokensThePromptsBytesStandForThem() throws {
        let scratch = try Self.scratch()
        // 16 for the message, 2 or 3 for its words, 4 for the reply: 22 or 23 at most, of which 5 are taken.
        let provider = ScriptedProvider { _ in "yes" }
        let session = try scratch.session(provider: provider)
        session.budgets = [try #require(Budget("40tokens"))]
        #expect(try session.run().failed == 3)
        #expect((1...8).contains(provider.requests))
        #expect(provider.requests == 4)
    }

    @Test func timeIsABudgetOfTheWholeRun() throws {
        let scratch = try Self.scratch()
        let clock = TickingClock()
        let provider = ScriptedProvider { _ in
            _ = (0..<10).map { _ in clock.now() }
            return "yes"
        }
        let session = try scratch.session(provider: provider, now: clock.now)
        session.budgets = [try #require(Budget("2min"))]
        let listener = Listener()
        let summary = try session.run(observer: listener)
        #expect(summary.failed != nil && !summary.wasInterrupted)
        #expect(listener.mistakes.map(\.code) == [.budgetSpent])
        #expect(
            listener.mistakes.first?.message == "The budget of 2 min for this run is over; what was answered is kept.")
        #expect(listener.mistakes.first?.hint == "run again to go on where it stopped: --budget 4min")
        session.releaseLock()
        let rest = ScriptedProvider { _ in "yes" }
        #expect(try scratch.session(provider: rest).run().failed == nil)
        #expect(provider.requests + rest.requests == 20)
    }

    @Test func aBudgetIsNoExpectedFailure() throws {
        let scratch = try Self.scratch()
        try scratch.edit { $0.cells[2].metadata["tags"] = ["raises-exception"] }
        let session = try scratch.session(provider: ScriptedProvider(tokens: { _ in 3 }) { _ in "yes" })
        session.budgets = [try #require(Budget("10tokens"))]
        let summary = try session.run()
        #expect(summary.failed == 3 && summary.failedAsExpected == 0 && !summary.wasInterrupted)
        session.releaseLock()
        #expect(try scratch.session().statuses()[2].status == .interrupted)
    }

    @Test func everyRunHasTheWholeBudget() throws {
        let scratch = try Self.scratch(["let m = model \"teacher\"", "ask m, \"a\"", "ask m, \"b\"", "ask m, \"c\""])
        let provider = ScriptedProvider(tokens: { _ in 3 }) { _ in "yes" }
        let session = try scratch.session(provider: provider)
        session.budgets = [try #require(Budget("38tokens"))]
        // 19 at most for each; after two, which took 10, there are 28 left, and 23 after three.
        #expect(try session.run().failed == nil)
        session.budgets = [try #require(Budget("23tokens"))]
        session.lab.ignoresStore = true
        #expect(try session.run(.all).failed == 3)
    }
}
