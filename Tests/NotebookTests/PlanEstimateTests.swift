import Distillation
import OrderedCollections
import PipelineSyntax
import Synchronization
import Tables
import Testing

@testable import Notebook

/// A clock that goes on by a twentieth of a second each time it is looked at.
private final class SlowClock: Sendable {
    private let seconds = Mutex(1_000.0)

    func now() -> Double { pass(0.05) }

    @discardableResult func pass(_ time: Double) -> Double {
        seconds.withLock { seconds in
            seconds += time
            return seconds
        }
    }
}

/// What `plan` says that cells would take, before any model is asked.
@Suite struct PlanEstimateTests {
    private static let rows = (1...12).map { "{\"prompt\":\"q\($0)\",\"answer\":\"yes\"}\n" }.joined()
    private static let cells = [
        "let rows = load \"rows.jsonl\"\nlet parts = rows | split {train: 0.5, test: 0.5}, seed: 1",
        "let t = model \"teacher\"\nlet s = model \"student\"\nlet right = grader .output == .answer",
        "let lessons = parts.train | generate t | grade right | where .right == 1",
        "let tuned = lessons | finetune s, epochs: 4",
        "compare [s, tuned, t], on: parts.test, with: right, latency: 2",
        "parts.test | generate s | save \"out/x.jsonl\"",
    ]
    /// 1 $ for a token in, 10 $ for one out.
    private static let price = TokenPrice(input: 1_000_000, output: 10_000_000)

    private static func scratch(_ cells: [String] = cells) throws -> Scratch {
        try Scratch(cells: cells, files: ["rows.jsonl": rows])
    }

    private static func provider() -> ScriptedProvider { ScriptedProvider(tokens: { _ in 7 }) { _ in "yes" } }

    @Test func cellsThatNeverRanAreEstimatedWithoutAskingAnything() throws {
        let scratch = try Self.scratch()
        let provider = Self.provider()
        let before = try scratch.read("lab.distnb")
        let plan = try scratch.session(provider: provider, price: Self.price).plan()
        #expect(provider.requests + provider.trainings == 0)
        #expect(try scratch.read("lab.distnb") == before)
        #expect(scratch.names(in: "out") == [])
        let estimates = plan.steps.map(\.estimate)
        #expect(estimates.allSatisfy { $0.problem == nil }, "\(estimates.map(\.problem))")
        // 6 lessons; 6 test rows for each of three models, and 2 that are timed for each; the last are the first's.
        #expect(estimates.map(\.requests) == [0, 0, 6, 0, 24, 0])
        #expect(estimates.map(\.stored) == [0, 0, 0, 0, 0, 6])
        // 7 in, and 16, the kernel's most, out.
        #expect(estimates[2].tokens == 6 * 23)
        #expect(estimates[2].isBound)
        #expect(abs((estimates[2].cost ?? 0) - 6 * (7 + 160)) < 1e-6)
        #expect(estimates[3].training?.rows == 6)
        #expect(estimates[3].training?.tokens == 6 * 7 * 4)
    }

    @Test func aJudgeIsEstimatedForEachAnswerAndForWhatItMayBeAskedAgain() throws {
        let scratch = try Self.scratch([
            "let rows = load \"rows.jsonl\"\nlet t = model \"teacher\"\nlet s = model \"student\"",
            "let polite = grader \"score_model\", model: t, range: [1, 5], input: \"Rate: {{sample.output_text}}\"",
            "let better = grader \"pairwise\", model: t, criteria: \"kinder\"",
            "let a = rows | generate s\nlet b = rows | generate s, temperature: 1, seed: 3",
            "a | grade polite | count", "prefer a, b, with: better",
        ])
        let provider = Self.provider()
        let estimates = try scratch.session(provider: provider, price: Self.price).plan().steps.map(\.estimate)
        #expect(provider.requests == 0)
        #expect(estimates.allSatisfy { $0.problem == nil }, "\(estimates.map(\.problem))")
        // No made-up reply can be read, so each of 12 judgements is asked for twice; pairs in both orders.
        #expect(estimates.map(\.requests) == [0, 0, 0, 24, 24, 48])
    }

    @Test func repliesAreAsLongAsThoseInTheStore() throws {
        let scratch = try Self.scratch()
        let provider = Self.provider()
        let first = try scratch.session(provider: provider)
        #expect(try first.run(.staleUpTo(3)).failed == nil)
        first.releaseLock()
        try scratch.edit { $0.cells[0].source += "\nlet more = rows | derive more: \"${.prompt}?\"" }
        try scratch.edit {
            $0.cells.append(NotebookCell(id: "new", kind: .code, source: "more | generate t, prompt: .more"))
        }
        let plan = try scratch.session(provider: provider).plan()
        let last = try #require(plan.steps.last?.estimate)
        #expect(last.requests == 12)
        #expect(!last.isBound)
        #expect(last.tokens == 12 * (7 + 2))
        #expect(plan.steps.first { $0.number == 3 }?.estimate.requests == 0, "the store has them")
    }

    @Test func estimatesAreWhatTheRunThenTakes() throws {
        let scratch = try Self.scratch()
        let provider = Self.provider()
        let plan = try scratch.session(provider: provider).plan()
        let session = try scratch.session(provider: provider)
        #expect(try session.run().failed == nil)
        let taken = session.document.cells.map { $0.state?.usage.requests }
        #expect(plan.steps.map(\.estimate.requests) == taken)
    }

    @Test func whatOnlyAServerCountsIsGuessedAndSaidSo() throws {
        let scratch = try Self.scratch()
        let plan = try scratch.session(provider: ScriptedProvider { _ in "yes" }).plan()
        #expect(plan.steps[2].estimate.isApproximate)
        #expect(plan.summary.contains("~: prompts are counted with 4 bytes a token; the server counts exactly."))
        #expect(plan.summary.contains { $0.hasPrefix("≤: replies whose length") })
    }

    @Test func aCellWithAMistakeSaysWhyItIsNotEstimatedAndSoDoThoseBelowIt() throws {
        let scratch = try Self.scratch(
            [
                "let rows = load \"rows.jsonl\" | take 0", "let m = model \"teacher\"", "let done = rows | generate m",
                "len(done)",
            ])
        let plan = try scratch.session().plan()
        #expect(plan.steps[2].estimate.problem == "Expected rows to generate for; there are none.")
        #expect(plan.steps[3].estimate.problem == "It needs what cell 3 makes.")
        #expect(plan.summary.contains { $0.hasPrefix("Cell 3 was tried only in part: ") })
    }

    @Test func aTrialMeasuresAndItsRepliesAreKept() throws {
        let scratch = try Self.scratch()
        let provider = Self.provider()
        let clock = SlowClock()
        let plan = try scratch.session(provider: provider, now: clock.now).plan(trial: true)
        #expect(plan.hasTrial)
        // The first 16 of each model's largest call at most: the 6 test rows, here, for both.
        #expect((2...12).contains(provider.requests))
        #expect(provider.trainings == 1)
        let asked = provider.requests
        let session = try scratch.session(provider: provider)
        #expect(try session.run().failed == nil)
        // 30 in all, of which 6 are timed anew whatever is stored.
        #expect(provider.requests - asked < 30)
    }

    @Test func theTrialsTimeIsBounded() throws {
        let scratch = try Self.scratch()
        let clock = SlowClock()
        let slow = ScriptedProvider(tokens: { _ in 7 }) { _ in
            clock.pass(5)
            return "yes"
        }
        let session = try scratch.session(provider: slow, now: clock.now)
        let rehearsal = Rehearsal(session, cells: [1, 2, 3, 4, 5, 6])
        let trial = Trial(rehearsal, in: session.lab, seconds: 20)
        #expect(slow.requests <= 8)
        #expect(trial.seconds < 40)
    }

    @Test func repliesThatMustBeReadStandForThemselves() throws {
        let scratch = try Self.scratch(
            Array(Self.cells.prefix(2)) + [
                "let lessons = parts.train | generate t, reasoning: \"cot\"", "let tuned = lessons | finetune s",
            ])
        let plan = try scratch.session(provider: Self.provider()).plan()
        #expect(plan.steps.allSatisfy { $0.estimate.problem == nil }, "\(plan.summary)")
        #expect(plan.steps.last?.estimate.training?.rows == 6)
    }

    /// A teacher at a host, its student in this process.
    private static func mixed(_ scratch: Scratch, _ provider: ScriptedProvider) throws -> NotebookSession {
        let clock = SlowClock()
        return try scratch.session(
            provider: provider, more: ["student": ModelSpecification(id: "small", provider: "embedded")], price: price,
            host: "https://api.example.com/v1", now: clock.now)
    }

    @Test func aTrialSendsNothingToAHost() throws {
        let asked = Mutex<Set<String>>([])
        let provider = ScriptedProvider(tokens: { _ in 7 }) { request in
            asked.withLock { _ = $0.insert(request.model.id) }
            return "yes"
        }
        let scratch = try Self.scratch()
        let session = try Self.mixed(scratch, provider)
        let plan = session.plan(trial: true)
        #expect(asked.withLock { $0 } == ["small"])
        #expect(provider.trainings == 1)
        #expect(
            plan.summary.contains(
                "The time of cells 3, 5 depends on https://api.example.com/v1; a trial there would be paid for."),
            "\(plan.summary)")
        #expect(plan.steps[3].estimate.seconds != nil, "the student is trained here")
        #expect(session.inspect().host == "https://api.example.com/v1 (teacher); the others on this machine")
    }

    @Test func whatAServiceTakesForTrainingIsPartOfTheCost() throws {
        let price = TokenPrice(input: 1_000_000, output: 10_000_000, training: 2_000_000)
        let scratch = try Self.scratch()
        let plan = try scratch.session(
            provider: Self.provider(), price: price, host: "https://api.example.com/v1"
        ).plan()
        let cost = try #require(plan.steps[3].estimate.cost)
        #expect(abs(cost - 6 * 7 * 4 * 2) < 1e-9)
        let free = try scratch.session(
            provider: Self.provider(), price: Self.price, host: "https://api.example.com/v1"
        ).plan()
        #expect(free.steps[3].estimate.cost == nil, "an unknown cost is not 0")
    }
}
