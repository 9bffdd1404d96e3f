import OrderedCollections
import Tables
import Testing

@testable import Distillation

@Suite struct PriceTests {
    private func kernel(_ profile: String, base: KernelProfile? = nil) throws -> KernelProfile {
        try KernelProfile(
            name: "k", json: try JSON.parse("{\"metadata\":{\"distnb\":\(profile)}}"), base: base)
    }

    @Test func aPriceHasTheDayOfItsListUnlessItNamesItsOwn() throws {
        let kernel = try kernel(
            """
            {"provider": "openai", "endpoint": "https://api.example.com",
             "prices": {"as_of": "2026-11-01", "source": "example.com/pricing"},
             "models": {"a": {"id": "a", "price": {"input": 2, "output": 8, "training": 25}},
                        "b": {"id": "b", "price": {"input": 0.1, "output": 0.4, "as_of": "2026-02-29"}},
                        "c": {"id": "c"}}}
            """.replacing("2026-02-29", with: "2024-02-29"))
        #expect(
            kernel.models["a"]?.price?.text
                == "$2.00 in, $8.00 out, $25.00 trained a million tokens (2026-11-01, example.com/pricing)")
        #expect(
            kernel.models["b"]?.price?.text
                == "$0.10 in, $0.40 out a million tokens (2024-02-29, example.com/pricing)")
        #expect(kernel.tariff(of: "c") == .unknown)
    }

    @Test(arguments: [
        #"{"input": 1}"#, #"{"input": -1, "output": 1}"#, #"{"input": "1", "output": 1}"#,
        #"{"input": 1, "output": 1, "training": "x"}"#, #"{"input": 1, "output": 1, "as_of": "2026-02-29"}"#,
        #"{"input": 1, "output": 1, "as_of": "yesterday"}"#, #"{"input": 1, "output": 1, "as_of": 5}"#,
    ]) func aPriceThatIsNoneIsRefused(_ price: String) {
        #expect(throws: KernelError.self) {
            try kernel(#"{"provider": "p", "models": {"a": {"id": "a", "price": \#(price)}}}"#)
        }
    }

    @Test func onTheUsersMachineModelsWithoutAPriceTakeItsTime() throws {
        let models =
            #""models": {"a": {"id": "a", "price": {"input": 0, "output": 0}}, "b": {"id": "b", "price": {"input": 1, "output": 1}}, "c": {"id": "c"}}"#
        let here = try kernel(#"{"provider": "embedded", \#(models)}"#)
        #expect(here.tariff(of: "a") == .machine && here.tariff(of: "c") == .machine)
        #expect(here.tariff(of: "b") == .tokens(TokenPrice(input: 1, output: 1)))
        let away = try kernel(#"{"provider": "openai", "endpoint": "https://api.example.com", \#(models)}"#)
        // What a server gives for nothing costs nothing; what has no price is not known.
        #expect(away.tariff(of: "a") == .tokens(TokenPrice(input: 0, output: 0)))
        #expect(away.tariff(of: "c") == .unknown)
        let rented = try kernel(
            #"{"provider": "compatible", "endpoint": "https://gpu.example.com", "machine_hour": 1.5, \#(models)}"#)
        #expect(rented.tariff(of: "c") == .machine && rented.machineHour == 1.5)
        let local = try kernel(#"{"provider": "compatible", "endpoint": "http://localhost:8080/v1", \#(models)}"#)
        #expect(local.tariff(of: "c") == .machine && local.machineHour == nil)
        var priced = away
        priced.machineHour = 0.4
        #expect(priced.tariff(of: "c") == .unknown, "the user's machine says nothing of a server's model")
    }

    @Test(arguments: [
        ("0.40", 0.4), ("$2", 2), ("0", 0), ("-1", nil), ("", nil), ("nan", nil), ("1e9", nil), ("x", nil),
    ])
    func aMachinesHourIsDollars(_ text: String, _ dollars: Double?) {
        #expect(MachineHour.dollars(text) == dollars)
    }

    @Test(arguments: [
        (0.0, "$0.00"), (0.4, "$0.40"), (0.5, "$0.50"), (0.0123, "$0.0123"), (0.000_412_34, "$0.000412"),
        (12.4, "$12.40"),
        (1_234.567, "$1234.57"), (1e-9, "less than $0.0000001"), (0.999_9, "$1.00"),
    ]) func dollarsShowTheDigitsThatCount(_ amount: Double, _ text: String) {
        #expect(Dollars.text(amount) == text)
    }
}

@Suite struct BreakEvenTests {
    @Test func itIsWhatWasSpentByWhatACallSaves() {
        let cost = { Cost(dollars: $0) }
        let after = BreakEven(spent: cost(1.26), teacher: cost(0.000_4), student: cost(0.000_1), machineHour: nil)
        #expect(after == .after(calls: 4_200))
        #expect(
            after.sentence(model: "tuned", teacher: "cora")
                == "tuned pays for itself after about 4200 calls, if it is good enough.")
        #expect(BreakEven(spent: cost(1), teacher: cost(2), student: cost(2), machineHour: nil) == .never)
        #expect(BreakEven(spent: cost(0), teacher: cost(2), student: cost(1), machineHour: nil) == .after(calls: 0))
    }

    @Test func onOneMachineThePriceOfItsHourDoesNotMatter() {
        for hour in [nil, 0, 0.4] {
            #expect(
                BreakEven(
                    spent: Cost(seconds: 200), teacher: Cost(seconds: 0.25), student: Cost(seconds: 0.05),
                    machineHour: hour) == .after(calls: 1_000))
        }
    }

    @Test func tokensAndMachineTimeNeedAPriceOfTheHour() throws {
        let mixed = {
            BreakEven(
                spent: Cost(dollars: 1, seconds: 3_600), teacher: Cost(dollars: 0.01), student: Cost(seconds: 36),
                machineHour: $0)
        }
        guard case .unknown(let why) = mixed(nil) else {
            Issue.record("it cannot be known")
            return
        }
        #expect(why.contains("--machine-hour"))
        // (1 + 0.5) / (0.01 − 0.005)
        #expect(mixed(0.5) == .after(calls: 300))
    }

    @Test(arguments: [
        (1, "about 1 call, if"), (99, "about 99 calls, if"), (4_249, "about 4200 calls, if"),
        (4_250, "about 4300 calls, if"),
    ])
    func theSentenceRoundsToTwoDigits(_ calls: Int, _ ending: String) {
        #expect(BreakEven.after(calls: calls).sentence(model: "m", teacher: "t").contains(ending))
    }
}

@Suite struct ExpenseTests {
    private func completion(_ seconds: Double, stored: Bool = false) -> Completion {
        Completion(
            text: "", finishReason: "stop", usage: Usage(promptTokens: 10, completionTokens: 5), seconds: seconds,
            isStored: stored)
    }

    @Test func storedCallsAreNeverMeasured() throws {
        let fresh = try #require(FreshCalls([completion(1), completion(99, stored: true), completion(3)]))
        #expect(fresh.latency == LatencySummary(n: 2, median: 1, p95: 3))
        #expect(fresh.secondsPerCall == 2 && fresh.tokensPerSecond == 2.5)
        #expect(FreshCalls([completion(1, stored: true)]) == nil)
    }

    @Test func lessonsCountByTheBatchEvenWhereRowsWereSortedOut() {
        let batch = GenerationBatch(id: "b", calls: 600, usage: Usage(promptTokens: 60_000, completionTokens: 6_000))
        func row(_ batch: GenerationBatch?) -> Record {
            [
                "sample": [
                    "model": "cora", "model_id": "big", "batch": batch?.value ?? .null,
                    "usage": ["prompt_tokens": 3, "completion_tokens": 2],
                ]
            ]
        }
        let lessons = TrainingEffort.lessons(in: [
            DataSet(rows: [row(batch), row(batch)]), DataSet(rows: [row(batch)]),
        ])
        #expect(lessons.map(\.batch) == [batch] && lessons.map(\.teacher) == ["cora"])
        let old = TrainingEffort.lessons(in: [DataSet(rows: [row(nil), row(nil)])])
        #expect(old.map(\.batch.calls) == [2] && old[0].batch.usage == Usage(promptTokens: 6, completionTokens: 4))
    }

    @Test func aBatchCountsEqualRequestsOnceAndNoFailures() {
        let requests = ["a", "a", "b", "c"].map {
            CompletionRequest(
                model: ModelIdentity(endpoint: "e", id: "m"), messages: [ChatMessage(role: "user", content: $0)],
                sampling: Sampling(maxTokens: 4))
        }
        let answers: [Result<Completion, RowError>] = [
            .success(completion(1)), .success(completion(1)), .success(completion(1, stored: true)),
            .failure(RowError("timeout")),
        ]
        let batch = GenerationBatch(requests, answers)
        #expect(batch.calls == 2 && batch.usage == Usage(promptTokens: 20, completionTokens: 10))
        #expect(GenerationBatch(requests.reversed(), answers.reversed()) == batch)
    }

    /// A student of 1,000 lessons, its teacher, and another model.
    private func comparison(
        _ tariff: Tariff, training: Tariff? = nil, machineHour: Double? = nil, effort: TrainingEffort? = nil
    ) -> Comparison {
        let lessons = TrainingEffort.Lessons(
            teacher: "cora", teacherID: "c",
            batch: GenerationBatch(id: "1", calls: 1_000, usage: Usage(promptTokens: 400_000, completionTokens: 20_000))
        )
        let effort = effort ?? TrainingEffort(lessons: [lessons], tokens: 1_200_000, seconds: 600)
        func model(_ id: String, trained: Bool = false) -> Model {
            Model(
                alias: id, specification: ModelSpecification(id: id), identity: ModelIdentity(endpoint: "e", id: id),
                trainedWeights: trained ? "w" : nil, lineage: Lineage(teachers: trained ? ["c"] : []),
                training: trained ? TrainingRecord(options: .null, rows: DataSet(rows: []), effort: effort) : nil)
        }
        func expense(_ name: String, _ tokens: Int, seconds: Double, _ tariff: Tariff) -> Comparison.Expense {
            Comparison.Expense(
                model: name, calls: 100, usage: Usage(promptTokens: tokens * 100, completionTokens: 2_000),
                fresh: FreshCalls((0..<20).map { _ in completion(seconds) }), parameters: 63_700_000,
                weightBytes: 52_000_000, tariff: tariff, machineHour: machineHour)
        }
        let expenses = [
            expense("tuned", 50, seconds: 0.1, training ?? tariff), expense("cora", 400, seconds: 0.5, tariff),
            expense("other", 50, seconds: 0.1, .unknown),
        ]
        return Comparison(
            entries: [],
            expenses: Comparison.withMaking(
                expenses, of: [model("t", trained: true), model("c"), model("o")], tariff: { _ in nil }),
            rows: DataSet(rows: []))
    }

    private func text(_ comparison: Comparison) -> [String] {
        comparison.expenseBlocks.flatMap { block -> [String] in
            switch block {
            case .line(let text), .prose(let text): [text]
            case .table(let table):
                table.rows.rows.map { $0.values.map { $0.text ?? "" }.joined(separator: " | ") }
            case .chart: []
            }
        }
    }

    @Test func byTokensACallAndTheLessonsCostWhatTheListSays() throws {
        let price = TokenPrice(input: 2, output: 8, training: 25, asOf: "2026-11-01")
        let comparison = comparison(.tokens(price))
        // 50 · 2 + 20 · 8 = 260 millionths, 400 · 2 + 20 · 8 = 960; lessons 0.96, training 30.
        #expect(
            text(comparison) == [
                "tuned | 63.7 M | 52 MB | 50 + 20 | $0.26 | 100 ms | 100 ms | 50 tok/s",
                "cora | 63.7 M | 52 MB | 400 + 20 | $0.96 | 500 ms | 500 ms | 10 tok/s",
                "other | 63.7 M | 52 MB | 50 + 20 | – | 100 ms | 100 ms | 50 tok/s",
                "tokens: of a prompt + of its reply, on average.",
                "p50, p95, speed: of 20 fresh requests a model, one at a time; never of stored ones.",
                "tuned, cora: $2.00 in, $8.00 out, $25.00 trained a million tokens (2026-11-01).",
                "No price is known for other.", "",
                "tuned | 1000 of cora | $0.96 | 1.20M tokens, 10.0 min | $30.00 | 44,229 calls",
                "tuned pays for itself after about 44,000 calls, if it is good enough.",
            ], "\(text(comparison))")
    }

    @Test func onTheMachineTheyCostItsTime() throws {
        // 1,000 lessons of 0.5 s and 600 s of training; 0.4 s saved by a call.
        let free = text(comparison(.machine))
        #expect(free[0] == "tuned | 63.7 M | 52 MB | 50 + 20 | – | 100 ms | 100 ms | 50 tok/s")
        #expect(free.contains { $0.hasPrefix("No cost: an hour of this machine has no price. --machine-hour") })
        #expect(free.contains("tuned | 1000 of cora | – | 1.20M tokens, 10.0 min | – | ≈2750 calls"), "\(free)")
        let priced = text(comparison(.machine, machineHour: 3.6))
        #expect(priced[1] == "cora | 63.7 M | 52 MB | 400 + 20 | ≈$0.50 | 500 ms | 500 ms | 10 tok/s")
        #expect(priced.contains("≈: time of this machine, at $3.60 an hour."))
        #expect(priced.contains("tuned | 1000 of cora | ≈$0.50 | 1.20M tokens, 10.0 min | ≈$0.60 | ≈2750 calls"))
        #expect(text(comparison(.machine).priced(machineHour: 3.6)) == priced, "it can be priced later")
    }

    @Test func whyItCannotBeToldIsSaid() throws {
        #expect(
            comparison(.unknown).breakEvenSentences == [
                "When tuned pays for itself cannot be told: the kernel names no price for cora."
            ])
        #expect(
            comparison(.tokens(TokenPrice(input: 1, output: 1))).breakEvenSentences == [
                "When tuned pays for itself cannot be told: the kernel names no price for training it."
            ])
        #expect(
            comparison(.machine, effort: TrainingEffort(seconds: nil)).breakEvenSentences == [
                "When tuned pays for itself cannot be told: how long its training took was not measured."
            ])
        #expect(
            comparison(.tokens(TokenPrice(input: 1, output: 1)), training: .machine).breakEvenSentences.first?
                .contains("--machine-hour 0.40") == true)
    }

    @Test func expensesComeBackFromTheState() throws {
        let comparison = comparison(.tokens(TokenPrice(input: 2, output: 8, training: 1)), machineHour: 0.4)
        #expect(comparison.expenses.compactMap { Comparison.Expense($0.value) } == comparison.expenses)
    }
}
