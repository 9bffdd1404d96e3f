internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// What a `generate` is for, where it says so: a task with its checks, a way of reasoning.
struct GenerationGoal {
    let preset: TaskPreset?
    let reasoning: Reasoning?
    /// How many records there must be.
    private let least: Int
    /// The share of rows that must be answered; nil where any will do.
    private let successRatio: Double?

    static let parameters: [Parameter] = [
        .option(
            "task", Acceptance.oneOf(Task.names).or(.domain(Task.self, "a task")),
            "a preset: how the teacher is asked, and what is checked before and after"),
        .option(
            "reasoning", .oneOf(["cot", "cod", "none"]),
            "\"cot\": think, then answer; \"cod\": four ever denser summaries; .output is the answer alone"),
        .option("max_summary", .whole(10...1_000), "how many words a summary of \"cod\" may have; 80 unless given"),
        .option("least", .whole(1...1_000_000), "how many rows a task must have; the preset's unless given"),
        .option(
            "success_ratio", .number(0...1),
            "the share of rows that must be answered; 0.7 with a task, else any, unless given"),
    ]

    /// Refuses what can be told from the program alone.
    static func check(_ call: CheckedCall) throws(Diagnostic) {
        let preset = call.literalText("task").flatMap(TaskPreset.init(rawValue:))
        let word = call.literalText("reasoning")
        if let (parameter, code, message, hint) = refusal(preset, word, has: call.has) {
            throw call.mistake(code, at: parameter, message, hint: hint)
        }
    }

    private static func refusal(
        _ preset: TaskPreset?, _ word: String?, has: (String) -> Bool
    ) -> (parameter: String, code: DiagnosticCode, message: String, hint: String)? {
        if let preset, let word {
            switch (preset, word) {
            case (.conversation, "cot"), (.conversation, "cod"):
                return (
                    "reasoning", .outOfRange,
                    "Expected no reasoning for `conversation`; its teacher talks, and nothing of a chain would be kept.",
                    "leave out reasoning"
                )
            case (.summarization, "cot"):
                return (
                    "reasoning", .outOfRange,
                    "Expected \"cod\" or \"none\" for `summarization`; a summary is not thought out, it is made denser.",
                    "reasoning: \"cod\""
                )
            case (.inference, "cod"), (.multipleChoice, "cod"), (.math, "cod"):
                return (
                    "reasoning", .outOfRange,
                    "Expected \"cot\" or \"none\" for `\(preset.rawValue)`; \"cod\" writes summaries.",
                    "reasoning: \"cot\""
                )
            default: break
            }
        }
        let isDense = word.map { $0 == "cod" } ?? preset.map { $0 == .summarization }
        if has("max_summary"), isDense == false || (isDense == nil && !has("task")) {
            return (
                "max_summary", .missingArgument, "Expected `reasoning: \"cod\"`; `max_summary` is about its summaries.",
                "reasoning: \"cod\", max_summary: 80"
            )
        }
        if has("least"), !has("task") {
            return (
                "least", .missingArgument, "Expected a task; `least` is about the rows that its preset wants.",
                "task: \"math\", least: 10"
            )
        }
        return nil
    }

    /// - Throws: a diagnostic where the arguments do not go together.
    init(_ call: Invocation) throws {
        preset =
            call.value("task").domain(Task.self)?.preset ?? call.value("task").text.flatMap(TaskPreset.init(rawValue:))
        let word = call.value("reasoning").text ?? preset?.reasoning?.word
        if let (parameter, code, message, hint) = Self.refusal(preset, word, has: call.has) {
            throw call.failure(code, at: parameter, message, hint: hint)
        }
        switch word {
        case "cot": reasoning = preset?.reasoning ?? .chainOfThought(.free)
        case "cod": reasoning = .chainOfDensity(longest: call.value("max_summary").integer ?? TaskPreset.longestSummary)
        default: reasoning = nil
        }
        least = call.value("least").integer ?? preset?.leastRecords ?? 0
        successRatio = call.value("success_ratio").double ?? preset.map { _ in TaskPreset.successRatio }
        guard preset != nil else { return }
        for name in ["temperature", "top_p"] {
            guard let number = call.value(name).double, number > 1 else { continue }
            throw call.failure(
                .outOfRange, at: name, "Expected a number from 0 to 1 in `\(name)` of a task, found \(number).",
                hint: "\(name): \(TaskPreset.temperature)")
        }
    }

    /// How the teacher is asked: as the cell says, else as the task wants it, else as `generate` does it.
    func sampling(_ call: Invocation) throws -> Sampling {
        let kernel = try call.lab.kernel.maxTokens
        var defaults = Sampling(
            temperature: preset == nil ? 0 : TaskPreset.temperature,
            maxTokens: reasoning.map { preset == nil ? max($0.tokens, kernel) : $0.tokens }
                ?? (preset == nil ? kernel : TaskPreset.tokens))
        if let samples = call.value("samples").integer, samples > 1, preset == nil, !call.has("temperature") {
            // At temperature 0 they would be one answer, several times.
            defaults.temperature = TaskPreset.temperature
            call.note("generate: \(samples) samples a row are drawn at temperature \(TaskPreset.temperature).")
        }
        return try SamplingArguments.sampling(call, defaults: defaults)
    }

    /// Checks all records of a task before anything is spent on one.
    /// - Returns: the messages of each.
    func records(_ call: Invocation, _ found: [Result<TaskRecord, RowError>]) throws -> [TaskRecord] {
        let name = preset?.rawValue ?? ""
        var records: [TaskRecord] = []
        var faults: [(row: Int, error: RowError)] = []
        for (index, result) in found.enumerated() {
            switch result {
            case .success(let record): records.append(record)
            case .failure(let error): faults.append((index + 1, error))
            }
        }
        guard faults.isEmpty else {
            throw call.failure(
                .badData, at: "rows",
                "Expected records of `\(name)`; \(faults.count) of \(found.count) rows are none, so nothing was asked. "
                    + Self.words(faults), hint: faults.first.map { recordHint($0.error) })
        }
        guard found.count >= least else {
            throw call.failure(
                .outOfRange, at: "rows",
                "Expected at least \(least) rows for `\(name)`; there are \(found.count), too few to learn from.",
                hint: "for a trial: least: \(found.count)")
        }
        return records
    }

    /// The first faults, each once with the rows that have it: "row 3 and 5 more: message 2 is empty."
    private static func words(_ faults: [(row: Int, error: RowError)]) -> String {
        var rows: OrderedDictionary<String, [Int]> = [:]
        for fault in faults { rows[fault.error.message, default: []].append(fault.row) }
        let told = rows.prefix(3).map { message, rows in
            "row \(rows.first ?? 0)\(rows.count > 1 ? " and \(rows.count - 1) more" : ""): \(message)"
        }
        return told.joined(separator: "; ") + (rows.count > 3 ? "; …" : ".")
    }

    private func recordHint(_ error: RowError) -> String {
        if error.message.hasPrefix("the first message") {
            return "model \"teacher\", system: (task \"\(preset?.rawValue ?? "")\").system"
        }
        if error.message.contains("more than the system's") {
            return "task: \"conversation\", or keep the question alone in .prompt"
        }
        return "leave such rows out with `where`"
    }

    /// Whether a run counts though no row is answered: `success_ratio: 0` says so.
    var allowsNoAnswer: Bool { successRatio == 0 }

    /// Reads a reply: what is taught of it, and the reasoning.
    func read(_ completion: Completion) throws(UnreadableReply) -> ReadReply {
        guard let reasoning else {
            guard preset == nil || completion.text.contains(where: { !$0.isWhitespace }) else {
                throw UnreadableReply(.empty, "the reply is empty")
            }
            return ReadReply(answer: completion.text, reasoning: nil)
        }
        let reply = try ReasonedReply(
            completion.text, reasoning, rule: preset?.rule, isCut: completion.finishReason == "length")
        return ReadReply(answer: reply.answer, reasoning: reply.reasoning)
    }

    /// A reply as it was read.
    struct ReadReply {
        let answer: String
        /// Nil where none was asked for.
        let reasoning: Value?
    }

    /// Stops a run of which too little came.
    func checkSuccess(_ call: Invocation, _ outcome: GenerationOutcome) throws {
        guard let successRatio, outcome.rows > 0 else { return }
        let answered = outcome.rows - outcome.failures
        guard Double(answered) < successRatio * Double(outcome.rows) else { return }
        func percent(_ share: Double) -> String { "\(Number.fixed(share * 100, decimals: 0)) %" }
        throw call.failure(
            .providerFailure,
            "Expected answers for at least \(percent(successRatio)) of the rows; \(answered) of \(outcome.rows) "
                + "(\(percent(Double(answered) / Double(outcome.rows)))) have one. \(outcome.description) "
                + "All replies are in the store: asking again as it is gives the same.", hint: outcome.hint(self))
    }
}

/// How rows fared, for people.
struct GenerationOutcome {
    var rows = 0
    /// Rows whose request failed.
    var failed = 0
    /// Rows whose reply could not be read.
    var unreadable: [UnreadableReply.Kind: Int] = [:]
    /// Rows that were answered without the log-probabilities that were asked for.
    var withoutLogprobs = 0
    /// The first failure, and the reply it is about.
    var first: (error: RowError, reply: String?)?

    var failures: Int { failed + unreadable.values.reduce(0, +) }

    mutating func add(_ error: RowError, _ kind: UnreadableReply.Kind? = nil, reply: String? = nil) {
        if let kind { unreadable[kind, default: 0] += 1 } else { failed += 1 }
        if first == nil { first = (error, reply) }
    }

    /// What went wrong how often, and the first case.
    var description: String {
        guard let first else { return "" }
        var counts = UnreadableReply.Kind.allCases.compactMap { kind in
            unreadable[kind].map { "\($0) \($0 == 1 ? "reply" : "replies") \(kind.rawValue)" }
        }
        if failed > 0 { counts.insert("\(failed) \(failed == 1 ? "request" : "requests") without an answer", at: 0) }
        let words = first.reply.map { reply in
            let line = reply.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return line.isEmpty ? "" : " (“\(line.prefix(80))\(line.count > 80 ? "…" : "")”)"
        }
        return "There were \(counts.joined(separator: ", ")); the first: \(first.error.message)\(words ?? "")."
    }

    /// What helps against the most frequent failure.
    func hint(_ goal: GenerationGoal) -> String {
        let worst = unreadable.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }
        guard let worst, worst.value > failed else { return "look at the provider, then run the cell again" }
        if worst.key == .cut {
            return "more room for replies: max_tokens: \(2 * (goal.reasoning?.tokens ?? TaskPreset.tokens))"
        }
        return goal.reasoning == nil
            ? "another teacher, or success_ratio: 0 to go on with what there is"
            : "a larger teacher, reasoning: \"none\", or success_ratio: 0 to go on with what there is"
    }
}
