import Foundation
import SeededRandom
import ServiceDouble
import Testing

/// The built program on a service that fails in every way, and killed on top of it.
@Suite(.serialized) struct RemoteKernelTests {
    /// Rows of the long run; `make soak` sets DISTNB_REMOTE_ROWS to 10000.
    private static let rows = ProcessInfo.processInfo.environment["DISTNB_REMOTE_ROWS"].flatMap { Int($0) } ?? 300

    private static let faults: [Fault: Double] = [
        .tooManyRequests: 0.02, .tooManyRequestsForMilliseconds: 0.02, .tooManyRequestsForSeconds: 0.001,
        .tooManyRequestsUntilDate: 0.001, .internalError: 0.01, .badGateway: 0.005, .unavailable: 0.02,
        .overloaded: 0.01, .proxyPage: 0.005, .resetWhileReading: 0.01, .resetBeforeGenerating: 0.01,
        .resetAfterGenerating: 0.01, .internalErrorAfterGenerating: 0.01, .halfReply: 0.01, .wrongJSON: 0.01,
        .otherJSON: 0.005, .emptyReply: 0.005, .lengthTooLong: 0.005, .lengthTooShort: 0.005, .stall: 0.002,
        .stallAfterGenerating: 0.002, .slow: 0.01,
    ]

    private func cells(_ kind: RemoteNotebook.Service) -> [String] {
        let store = kind == .stores ? ", store: {lab: \"soak\"}" : ""
        return [
            "let rows = load \"rows.jsonl\"\nlet cora = model \"teacher\"",
            "let answers = rows | generate cora\(store)", "answers | select .row, .output | save \"out/answers.jsonl\"",
        ]
    }

    /// Every row is there once, with its own answer.
    private func expectWhole(_ notebook: RemoteNotebook, rows: Int) throws {
        let saved = try notebook.saved()
        #expect(saved.count == rows)
        #expect(Set(saved.map(\.row)) == Set(0..<rows))
        let wrong = saved.filter { $0.output != "answer to question \($0.row)?" }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }

    @Test(arguments: [RemoteNotebook.Service.stores, .idempotent])
    func whateverFailsAndWheneverItIsKilledEveryRowIsThereOnceAndNoneIsPaidTwice(
        _ kind: RemoteNotebook.Service
    ) throws {
        let rows = Self.rows
        let kills = max(4, rows / 400)
        let notebook = try RemoteNotebook(
            kind, rows: rows, cells: cells(kind), inFlight: rows > 1000 ? 64 : 16, timeout: 2,
            faults: FaultPlan(seed: 3, rates: Self.faults)
        ) { options in
            options.latency = Latency.even(mean: 0.02, spread: 0.9)
            options.recorded = 0
        }
        var random = SeededRandom(seed: 11)
        var ended: Binary.Result?
        for _ in 0..<kills where ended == nil {
            // Together they take about half of the rows.
            ended = try notebook.runKilled(
                afterRequests: 1 + random.below(rows / kills), microseconds: random.below(30_000))
        }
        let last = try ended ?? notebook.run()
        #expect(last.code == 0, "\(last.output.suffix(2000))\(last.errors.suffix(2000))")
        #expect((last.output + last.errors).contains("sent again:"), "the report says what happened")
        try expectWhole(notebook, rows: rows)
        let ledger = notebook.service.ledger
        #expect(ledger.entries.count == rows)
        #expect(ledger.generated == rows && ledger.paidTwice.isEmpty, "\(ledger.paidTwice.count) were paid twice")
        #expect(ledger.faults.values.reduce(0, +) > rows / 20, "\(ledger.faults)")
        #expect(ledger.mostInFlight <= (rows > 1000 ? 64 : 16) * 2, "a killed run's may still be worked on")
        #expect(try notebook.leaks(of: notebook.key) == [])
        let before = notebook.service.requestCount
        #expect(try notebook.run().code == 0)
        #expect(notebook.service.requestCount == before, "nothing is stale")
    }

    @Test func whatMayHaveBeenPaidTwiceIsTold() throws {
        let notebook = try RemoteNotebook(
            .forgetful, rows: 200, cells: cells(.forgetful),
            faults: FaultPlan(seed: 5, rates: [.resetAfterGenerating: 0.1, .wrongJSON: 0.05, .tooManyRequests: 0.05]))
        let result = try notebook.run()
        #expect(result.code == 0, "\(result.errors)")
        try expectWhole(notebook, rows: 200)
        let ledger = notebook.service.ledger
        let told =
            (result.output + result.errors).firstMatch(of: /(\d+) may have been paid twice/)
            .flatMap { Int($0.output.1) } ?? 0
        #expect(ledger.generated > 200 && ledger.generated - 200 <= told, "\(ledger.generated) generated, \(told) told")
    }

    @Test func rowsThatAreRefusedAreErrorsAndTheOthersGoOn() throws {
        let notebook = try RemoteNotebook(
            .idempotent, rows: 100, cells: cells(.idempotent),
            faults: FaultPlan(seed: 2, rates: [.contentFilter: 0.1, .contextLength: 0.05]))
        let result = try notebook.run()
        #expect(result.code == 0, "\(result.errors)")
        let saved = try notebook.saved()
        let refused = notebook.service.ledger.faults.values.reduce(0, +)
        #expect(refused > 0 && saved.count == 100)
        #expect(saved.count { $0.output == nil } == refused, "a refused row is not asked again")
    }

    @Test func aRunWithoutCreditEndsAtOnceAndGoesOnLater() throws {
        let script: [Fault?] = Array(repeating: nil, count: 40) + Array(repeating: .insufficientQuota, count: 200)
        let notebook = try RemoteNotebook(
            .stores, rows: 120, cells: cells(.stores), inFlight: 8, faults: .script(script))
        let broke = try notebook.run()
        #expect(broke.code == 1)
        #expect(notebook.service.requestCount < 40 + 3 * 8, "what was under way, and no more")
        notebook.service.fail(by: .none)
        #expect(try notebook.run().code == 0)
        try expectWhole(notebook, rows: 120)
        #expect(notebook.service.ledger.paidTwice.isEmpty)
    }

    @Test func limitsPerMinuteAreKeptWithoutLosingRows() throws {
        let notebook = try RemoteNotebook(.idempotent, rows: 120, cells: cells(.idempotent)) { options in
            options.limit = .init(requestsPerMinute: 60, tokensPerMinute: 1_000_000, secondsPerMinute: 1)
            options.capacity = .init(slots: 8, queues: false)
        }
        let result = try notebook.run()
        #expect(result.code == 0, "\(result.errors)")
        try expectWhole(notebook, rows: 120)
        #expect(notebook.service.ledger.paidTwice.isEmpty)
    }

    /// Where the key is right and where it is not; where the service repeats it in what it says, too.
    @Test func noKeyIsEverWritten() throws {
        let notebook = try RemoteNotebook(
            .stores, rows: 60, cells: cells(.stores),
            faults: FaultPlan(seed: 1, rate: 0.3, of: [.internalError, .tooManyRequests, .halfReply, .contentFilter])
        ) { $0.repeatsKey = true }
        let wrong = "sk-wrong-Zt5+Kq/1bX=hRv8NcD3yGmF7iWoS0uPj"
        let refused = try notebook.run(key: wrong)
        #expect(refused.code == 1)
        #expect(refused.errors.contains("key"), "\(refused.errors)")
        #expect(try notebook.leaks(of: wrong) == [])
        for command in [
            ["run", "a.distnb", "--kernel", "double"], ["inspect", "a.distnb", "--kernel", "double"],
            ["plan", "a.distnb", "--kernel", "double"], ["doctor", "--kernel", "double"], ["show", "a.distnb"],
            ["export", "a.distnb", "--to", "html"], ["pack", "a.distnb"],
        ] {
            _ = try notebook.run(command)
            #expect(try notebook.leaks(of: notebook.key) == [], "\(command)")
        }
        // That the search would find it.
        try notebook.folder.write("work/leak", Data("Bearer \(notebook.key)".utf8).base64EncodedString())
        #expect(try notebook.leaks(of: notebook.key) == ["work/leak: base64"])
    }

    /// Killed as the request for the job arrives, whose answer is lost, or while it is looked at.
    @Test(arguments: [("POST", "/fine_tuning/jobs"), ("GET", "/checkpoints"), ("GET", "/events"), ("POST", "/files")])
    func aFineTuningJobSurvivesOurEnd(_ method: String, _ path: String) throws {
        let notebook = try RemoteNotebook(
            .stores, rows: 12,
            cells: [
                "let lessons = load \"lessons.jsonl\"\nlet student = model \"student\"",
                "let tuned = lessons | finetune student, epochs: 1", "ask tuned, \"Where is my order?\"",
            ]
        ) { $0.progress = .atOnce }
        let process = try notebook.start()
        let number = process.processIdentifier
        notebook.service.notify(atNext: method, path) { kill(number, SIGKILL) }
        let first = Binary.finish(process, in: notebook.work)
        let result = first.code == 0 && process.terminationReason == .exit ? first : try notebook.run()
        #expect(result.code == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("answer to Where is my order?"), "\(result.output)")
        let jobs = notebook.service.ledger.requests.filter { $0.method == "POST" && $0.path.hasSuffix("/jobs") }
        #expect(jobs.count == 1, "\(jobs.count) jobs were made")
        let uploads = notebook.service.ledger.requests.filter { $0.method == "POST" && $0.path.hasSuffix("/files") }
        #expect(uploads.count == 1)
        #expect(try notebook.leaks(of: notebook.key) == [])
    }
}
