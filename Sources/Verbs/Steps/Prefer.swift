internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let prefer = Builtin(
        "prefer", .steps,
        "Lets a judge choose between two sets of answers, in both orders; where the order changes the verdict it is a tie.",
        [
            Parameter("a", .rows, isSubject: true, "answered rows"),
            Parameter("b", .rows, "the same rows, answered by another model"),
            Parameter("with", .domain(Grader.self, "a grader"), .named, "a pairwise grader"),
        ], example: "prefer a, b, with: better", reachesModel: true,
        result: { call throws(Diagnostic) in
            try AnsweredPair.checkColumns(call, "a", "b")
            return .rows(nil)
        },
        run: { call in
            guard let grader = call.value("with").domain(Grader.self),
                case .pairwise(let judge, let asked) = grader.kind
            else {
                throw call.failure(
                    .wrongType, at: "with", "Expected a grader that judges between two answers.",
                    hint: "grader \"pairwise\", model: \"judge\", criteria: \"more helpful\"")
            }
            return .domain(try Preferring(call, judge, asked, name: grader.column).rows())
        })
}

/// One run of `prefer`.
private struct Preferring {
    private let call: Invocation
    private let judge: PairwiseJudge
    private let asked: Grader.AskedModel
    private let name: String

    init(_ call: Invocation, _ judge: PairwiseJudge, _ asked: Grader.AskedModel, name: String) {
        self.call = call
        self.judge = judge
        self.asked = asked
        self.name = name
    }

    /// The questions with both answers and who won.
    func rows() throws -> DataSet {
        let pair = try AnsweredPair(call, "a", "b")
        try pair.refuseColumns(["a", "b", "winner", "flip"])
        // Both orders of a pair stand side by side.
        var requests: [Result<[ChatMessage], JudgeFailure>] = []
        for (a, b) in pair.pairs {
            requests += try [false, true].map { isTurned in try request(pair, a, b, isTurned: isTurned) }
        }
        let asking = JudgeAsking(call, asked, form: PairwiseJudge.form, name: name)
        let samples = try asking.judgements(requests)
        var tally = Tally()
        tally.repaired = samples.repaired
        var found: [Record] = []
        for (place, (a, b)) in pair.pairs.enumerated() {
            var row = pair.question(a)
            row["a"] = pair.first.value(a, GeneratedColumns.output)
            row["b"] = pair.second.value(b, GeneratedColumns.output)
            do throws(JudgeFailure) {
                let straight = try preference(samples.rows[2 * place])
                let turned = try preference(samples.rows[2 * place + 1])
                let (outcome, isFlip) = PairwiseJudge.outcome(straight: straight, turned: turned)
                tally.count(outcome, isFlip)
                row["winner"] = .string(outcome.rawValue)
                row["flip"] = .bool(isFlip)
            } catch {
                tally.failures += 1
                tally.firstFailure = tally.firstFailure ?? error.message
                row["winner"] = .error(RowError(error.message))
                row["flip"] = .error(RowError(error.message))
            }
            found.append(row)
        }
        report(tally, pair)
        return DataSet(rows: found)
    }

    private func request(
        _ pair: AnsweredPair, _ a: Int, _ b: Int, isTurned: Bool
    ) throws -> Result<[ChatMessage], JudgeFailure> {
        let (left, right) = (
            pair.first.value(a, GeneratedColumns.output), pair.second.value(b, GeneratedColumns.output)
        )
        guard let one = left.text, let other = right.text else {
            return .failure(.notAsked(left.rowError?.message ?? right.rowError?.message ?? "there is no answer"))
        }
        let question: String
        do throws(RowError) {
            question = try judge.context?.filled(with: pair.first.row(a)) ?? self.question(pair, a)
        } catch {
            return .failure(.notAsked(error.message))
        }
        return .success(
            judge.request(
                question: question, first: isTurned ? other : one, second: isTurned ? one : other,
                system: asked.model.system))
    }

    /// What the user said last.
    private func question(_ pair: AnsweredPair, _ row: Int) -> String {
        let sent = pair.first.value(row, GeneratedColumns.sample)[field: "messages"].list
        let messages = (sent ?? pair.first.value(row, "messages").list ?? []).compactMap(ChatMessage.init)
        let words = messages.last { $0.role == "user" }?.content ?? pair.first.value(row, "prompt").text
        return words.map { "The question:\n\($0)" } ?? ""
    }

    private func preference(
        _ samples: [Result<Judgement, JudgeFailure>]
    ) throws(JudgeFailure) -> PairwiseJudge.Preference {
        switch samples.first {
        case .success(.label(let label))?:
            guard let preference = PairwiseJudge.Preference(rawValue: label) else { throw .undecided }
            return preference
        case .failure(let failure)?: throw failure
        case .success(.score)?, nil: throw .unanswered("the judge gave no reply")
        }
    }

    private struct Tally {
        var wins = 0
        var losses = 0
        var ties = 0
        var flips = 0
        var failures = 0
        var repaired = 0
        var firstFailure: String?

        var judged: Int { wins + losses + ties }

        mutating func count(_ outcome: PairwiseJudge.Outcome, _ isFlip: Bool) {
            switch outcome {
            case .a: wins += 1
            case .b: losses += 1
            case .tie: ties += 1
            }
            if isFlip { flips += 1 }
        }
    }

    private func report(_ tally: Tally, _ pair: AnsweredPair) {
        func percent(_ share: Double) -> String { Number.fixed(100 * share, decimals: 0) }
        var text = "\(name): a (\(model(pair.first))) wins \(tally.wins), b (\(model(pair.second))) \(tally.losses), "
        text += "\(tally.ties) ties in \(tally.judged) of \(pair.pairs.count) pairs judged."
        if tally.judged > 0 {
            text += " The order changed the verdict in \(Self.pairs(tally.flips)) (flip rate "
            text += "\(percent(Double(tally.flips) / Double(tally.judged))) %), which "
            text += tally.flips == 1 ? "counts as a tie." : "count as ties."
        }
        let decided =
            Array(repeating: Value.integer(1), count: tally.wins)
            + Array(repeating: Value.integer(0), count: tally.losses)
        let summary = ScoreSummary(scores: decided)
        if let mean = summary.mean, let interval = summary.interval {
            text += " Of the \(summary.n) decided a wins \(percent(mean)) % "
            text += "(\(percent(interval.low)) – \(percent(interval.high)) %)."
        }
        if tally.repaired > 0 {
            text += " \(tally.repaired) \(tally.repaired == 1 ? "reply was" : "replies were") repaired."
        }
        call.note(text)
        if let failure = tally.firstFailure {
            call.note(
                "\(name): \(Self.pairs(tally.failures)) could not be judged and \(tally.failures == 1 ? "does" : "do") not "
                    + "count; the first: \(failure).")
        }
        let judges = asked.model.identity.id
        for rows in [pair.first, pair.second]
        where rows.indices.contains(where: { rows.value($0, GeneratedColumns.sample)[field: "model_id"].text == judges }
        ) {
            call.note(
                "\(name): \(asked.model.displayName) judges answers of its own; models favour these. Let another model judge."
            )
        }
    }

    private static func pairs(_ count: Int) -> String { "\(count) pair\(count == 1 ? "" : "s")" }

    private func model(_ rows: DataSet) -> String {
        rows.value(0, GeneratedColumns.sample)[field: "model"].text ?? "no model named"
    }
}
