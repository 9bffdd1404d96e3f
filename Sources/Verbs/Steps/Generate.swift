internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// The columns that `generate` adds.
enum GeneratedColumns {
    static let output = "output"
    static let json = "output_json"
    static let sample = "sample"
    static let all: Set<String> = [output, json, sample]

    /// A column of the user's own that generating would replace: one of the three without the others.
    static func foreign(in names: [String]) -> String? {
        let present = names.filter(all.contains)
        return present.count == all.count ? nil : present.first
    }

    static func refusal(_ name: String) -> String {
        "Expected rows without a column `.\(name)` of their own; generating adds one of that name."
    }

    static func refusalHint(_ name: String) -> String { "rename gold: .\(name)" }

    static let types: Columns = [
        output: .text, json: .any,
        sample: .record([
            "model": .text, "model_id": .text, "messages": .list(.any), "usage": .record(nil), "finish_reason": .text,
            "latency": .number, "cached": .bool, "error": .any, "lineage": .any, "teachers": .any, "batch": .any,
            "reasoning": .any, "raw": .any, "asked": .any, "logprobs": .any,
        ]),
    ]
}

extension Builtin {
    static let generate = Builtin(
        "generate", .steps, "Sends each row's prompt to a model; adds .output, .output_json and .sample.",
        [
            .rows, Parameter("model", .domain(Model.self, "a model"), "who answers"),
            .option(
                "prompt", .anything, evaluation: .row, "the user's words, where the rows have no .prompt or .messages"),
            .option("samples", .whole(1...100), "how many answers a row; each becomes a row of its own"),
        ] + GenerationGoal.parameters + SamplingArguments.parameters + [SamplingArguments.logprobs],
        example: "questions.test | generate student",
        reachesModel: true,
        result: { call throws(Diagnostic) in
            try GenerationGoal.check(call)
            guard var columns = call.columns() else { return .rows(nil) }
            if let name = GeneratedColumns.foreign(in: Array(columns.keys)) {
                throw call.mistake(
                    .columnExists, GeneratedColumns.refusal(name), hint: GeneratedColumns.refusalHint(name))
            }
            if !call.has("prompt"), columns["prompt"] == nil, columns["messages"] == nil {
                throw call.mistake(
                    .unknownColumn,
                    "Expected rows with .prompt or .messages; these have \(columns.keys.sorted().joined(separator: ", ")).",
                    hint: columns["question"] != nil
                        ? "rows | rename prompt: .question | generate …" : "generate …, prompt: .column")
            }
            for (name, type) in GeneratedColumns.types { columns[name] = type }
            return .rows(columns)
        },
        run: { call in
            let rows = call.rows()
            guard rows.count > 0 else {
                throw call.failure(
                    .emptyRows, at: "rows", "Expected rows to generate for; there are none.",
                    hint: "look at what the steps before keep")
            }
            guard let model = call.value("model").domain(Model.self) else { return .null }
            let goal = try GenerationGoal(call)
            let generation = Generation(call, rows, model: model, sampling: try goal.sampling(call), goal: goal)
            return .domain(try generation.run(metadata: SamplingArguments.tags(call)))
        })
}

/// One model's answers for rows: what `generate` and `compare` share.
struct Generation {
    private let call: Invocation
    private let rows: DataSet
    private let model: Model
    private let sampling: Sampling
    private let samples: Int
    private let goal: GenerationGoal?

    /// What a row asks; or why it cannot be asked.
    private typealias Asked = Result<[ChatMessage], RowError>

    /// - Parameter goal: a task or a way of reasoning; nil where the rows are asked as they are.
    init(_ call: Invocation, _ rows: DataSet, model: Model, sampling: Sampling, goal: GenerationGoal? = nil) {
        self.call = call
        self.rows = rows
        self.model = model
        self.sampling = sampling
        self.goal = goal
        samples = call.value("samples").integer ?? 1
    }

    /// The rows with `.output`, `.output_json` and `.sample`; earlier ones and grades are dropped.
    func run(metadata: [String: String] = [:]) throws -> DataSet {
        if let name = GeneratedColumns.foreign(in: rows.columnNames) {
            throw call.failure(.columnExists, GeneratedColumns.refusal(name), hint: GeneratedColumns.refusalHint(name))
        }
        let lineage = try lineageName()
        let kept = rows.dropping(GeneratedColumns.all.union(rows.grades))
        let repeated =
            samples == 1 ? kept : kept.selecting(kept.indices.flatMap { Array(repeating: $0, count: samples) })
        let conversations = try self.conversations()
        let (found, batch) = try self.answers(conversations, metadata)
        var answers = found.makeIterator()
        var columns: [String: [Value]] = [:]
        var outcome = GenerationOutcome()
        for (row, conversation) in conversations.enumerated() {
            for _ in 0..<samples {
                let result: Result<Dialogue.Answer, RowError>
                switch conversation {
                case .success:
                    guard let answer = answers.next() else { continue }
                    result = answer
                case .failure(let error): result = .failure(error)
                }
                let cells = self.cells(result, asked: conversation, lineage: lineage, batch: batch, &outcome)
                for (name, value) in cells { columns[name, default: []].append(value) }
                if isConversation { columns["messages", default: []].append(rewritten(row, result)) }
            }
        }
        var result = repeated
        for name in [GeneratedColumns.output, GeneratedColumns.json, GeneratedColumns.sample] {
            result = result.setting(name, Column(columns[name] ?? []))
        }
        if let rewritten = columns["messages"], result[column: "messages"] != nil {
            result = result.setting("messages", Column(rewritten))
        }
        outcome.rows = result.count
        try report(outcome)
        return result
    }

    /// What is asked for the rows, `samples` requests each; rows that cannot be asked are left out.
    func requests() throws -> [CompletionRequest] {
        try conversations().flatMap { conversation -> [CompletionRequest] in
            guard case .success(let messages) = conversation else { return [] }
            return (0..<samples).map { request(messages, ordinal: $0) }
        }
    }

    private func request(_ messages: [ChatMessage], ordinal: Int) -> CompletionRequest {
        CompletionRequest(
            model: model.identity, messages: goal?.reasoning?.asked(messages) ?? messages, sampling: sampling,
            ordinal: ordinal)
    }

    /// The answers to the rows that can be asked, `samples` each, and what they took.
    private func answers(
        _ conversations: [Asked], _ metadata: [String: String]
    ) throws -> (answers: [Result<Dialogue.Answer, RowError>], batch: Value) {
        let asked = conversations.compactMap { try? $0.get() }.flatMap { Array(repeating: $0, count: samples) }
        let run = try SamplingArguments.run(call, model, metadata: metadata)
        var isFirst = goal?.preset != nil
        var requested: [CompletionRequest] = []
        var completed: [Result<Completion, RowError>] = []
        func complete(_ requests: [CompletionRequest]) throws -> [Result<Completion, RowError>] {
            defer { isFirst = false }
            do {
                let completions = try call.withProviderFailures {
                    try run.completions(requests, tryingFirst: isFirst)
                }
                requested += requests
                completed += completions
                return completions
            } catch let error as RowError {
                throw call.failure(
                    .providerFailure, at: "model",
                    "Expected an answer to a first request; it failed, so no other was sent: \(error.message).",
                    hint: "look at the model and its kernel, then run the cell again")
            }
        }
        let answers: [Result<Dialogue.Answer, RowError>]
        if isConversation {
            answers = try Dialogue.answers(
                asked, request: { request($1, ordinal: $0 % samples) }, complete: complete)
        } else {
            let requests = asked.enumerated().map { request($1, ordinal: $0 % samples) }
            answers = zip(asked, try complete(requests)).map { messages, result in
                result.map { Dialogue.Answer(messages: messages, completion: $0) }
            }
        }
        return (answers, GenerationBatch(requested, completed).value)
    }

    private func conversations() throws -> [Asked] {
        let prompt = call.function("prompt")
        let parts = try rows.indices.map { index in
            (
                prompt: try prompt.map { try $0(rows, index) } ?? rows.value(index, "prompt"),
                messages: prompt == nil ? rows.value(index, "messages") : .null
            )
        }
        if let goal, let task = goal.preset {
            let found = parts.map { part in
                Result { () throws(RowError) in
                    try TaskRecord(prompt: part.prompt, messages: part.messages, system: model.system, task: task)
                }
            }
            return try goal.records(call, found).map { .success($0.messages) }
        }
        return parts.map { part in
            Result { () throws(RowError) in
                try Conversation.messages(prompt: part.prompt, messages: part.messages, system: model.system)
            }
        }
    }

    /// What generating adds to a row.
    private func cells(
        _ result: Result<Dialogue.Answer, RowError>, asked: Asked, lineage: Value, batch: Value,
        _ outcome: inout GenerationOutcome
    ) -> Record {
        let messages = (try? result.get())?.messages ?? (try? asked.get()) ?? []
        var sample: Record = [
            "model": .string(model.displayName), "model_id": .string(model.identity.id),
            "messages": .list(messages.map(\.value)), "usage": .null, "finish_reason": .null, "latency": .null,
            "cached": .bool(false), "error": .null, "lineage": lineage,
            "batch": batch,
        ]
        // Who taught the model, so that a judge that is one of them can be told.
        if !model.lineage.teachers.isEmpty {
            sample["teachers"] = .list(model.lineage.teachers.sorted().map { .string($0) })
        }
        var output: Value
        switch result {
        case .success(let answer):
            let completion = answer.completion
            sample["usage"] = [
                "prompt_tokens": .integer(completion.usage.promptTokens),
                "completion_tokens": .integer(completion.usage.completionTokens),
            ]
            sample["finish_reason"] = .string(completion.finishReason)
            sample["latency"] = .double(completion.seconds)
            sample["cached"] = .bool(completion.isStored)
            if sampling.topLogprobs != nil {
                sample["logprobs"] = completion.logprobs ?? .null
                if completion.logprobs == nil { outcome.withoutLogprobs += 1 }
            }
            output = read(completion, messages, &sample, &outcome)
        case .failure(let error):
            outcome.add(error)
            output = .error(error)
        }
        if let error = output.rowError { sample["error"] = .string(error.message) }
        var cells: Record = [
            GeneratedColumns.output: output, GeneratedColumns.json: output.text.map(Conversation.json) ?? output,
        ]
        if isConversation {
            // The row as it was: who learnt from it anew has seen it all the same.
            if let before = try? asked.get() { sample["row"] = .string(RowHash(messages: before).text) }
        }
        cells[GeneratedColumns.sample] = .record(sample)
        return cells
    }

    private var isConversation: Bool { goal?.preset?.isConversation == true }

    /// A row's conversation with the model's replies in it, under the row's own system prompt if it has one: the
    /// teacher's is the teacher's.
    private func rewritten(_ row: Int, _ result: Result<Dialogue.Answer, RowError>) -> Value {
        let before = rows.value(row, "messages")
        guard let own = before.list, let answer = try? result.get() else { return before }
        return .list(
            own.filter { $0[field: "role"].text == "system" }
                + answer.messages.filter { $0.role != "system" }.map(\.value))
    }

    /// What is taught of a reply. The reasoning stays in the sample, which nobody is trained on; so does the request
    /// for it, beside the messages as they are without it.
    private func read(
        _ completion: Completion, _ messages: [ChatMessage], _ sample: inout Record, _ outcome: inout GenerationOutcome
    ) -> Value {
        guard let goal else { return .string(completion.text) }
        if let reasoning = goal.reasoning {
            sample["asked"] = .list(reasoning.asked(messages).map(\.value))
            sample["raw"] = .string(completion.text)
            sample["reasoning"] = .null
        }
        do throws(UnreadableReply) {
            // A reply that no model gave cannot be read, and its row must stay.
            guard completion.finishReason != RehearsedLanguage.finishReason else { return .string(completion.text) }
            let reply = try goal.read(completion)
            if let reasoning = reply.reasoning { sample["reasoning"] = reasoning }
            return .string(reply.answer)
        } catch {
            let fault = RowError(error.message)
            outcome.add(fault, error.kind, reply: completion.text)
            return .error(fault)
        }
    }

    /// The blob with the rows that the model was trained on; its students inherit them through the sample.
    private func lineageName() throws -> Value {
        guard !model.lineage.rows.isEmpty else { return .null }
        let hashes = model.lineage.rows.map(\.text).sorted().joined(separator: "\n")
        return try call.withProviderFailures { .string(try call.lab.blobs.put(Array(hashes.utf8))) }
    }

    private func report(_ outcome: GenerationOutcome) throws {
        try goal?.checkSuccess(call, outcome)
        if outcome.withoutLogprobs > 0 {
            let which = outcome.withoutLogprobs == outcome.rows ? "" : " of \(outcome.withoutLogprobs) rows"
            call.note(
                "\(model.displayName): .sample.logprobs\(which) is null; the kernel \(try call.lab.kernel.name) gave no "
                    + "log-probabilities.")
        }
        guard outcome.failures > 0, let first = outcome.first else { return }
        if outcome.failures == outcome.rows, goal?.allowsNoAnswer != true {
            let what = outcome.unreadable.isEmpty ? "The first: \(first.error.message)." : outcome.description
            throw call.failure(
                .providerFailure, "Expected answers; all \(outcome.failures) rows failed. \(what)",
                hint: goal.flatMap { outcome.unreadable.isEmpty ? nil : outcome.hint($0) })
        }
        let what = outcome.unreadable.isEmpty ? "; the first: \(first.error.message)." : ". \(outcome.description)"
        call.note("\(model.displayName): \(outcome.failures) of \(outcome.rows) rows failed\(what)")
    }
}
