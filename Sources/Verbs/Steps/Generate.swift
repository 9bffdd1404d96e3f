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
            "latency": .number, "cached": .bool, "error": .any, "lineage": .any, "teachers": .any,
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
        ] + SamplingArguments.parameters, example: "questions.test | generate student", reachesModel: true,
        result: { call throws(Diagnostic) in
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
            let generation = try Generation(call, rows, model: model, sampling: SamplingArguments.sampling(call))
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

    init(_ call: Invocation, _ rows: DataSet, model: Model, sampling: Sampling) {
        self.call = call
        self.rows = rows
        self.model = model
        self.sampling = sampling
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
        let requests = requests(conversations)
        let completions = try call.withProviderFailures {
            try SamplingArguments.run(call, model, metadata: metadata).completions(requests)
        }
        let batch = GenerationBatch(requests, completions).value
        var answers = zip(requests, completions).makeIterator()
        var columns: [String: [Value]] = [:]
        for conversation in conversations {
            for _ in 0..<samples {
                var request: CompletionRequest?
                var result: Result<Completion, RowError>
                switch conversation {
                case .success:
                    guard let (asked, answer) = answers.next() else { continue }
                    (request, result) = (asked, answer)
                case .failure(let error): result = .failure(error)
                }
                append(result, request, lineage: lineage, batch: batch, to: &columns)
            }
        }
        var result = repeated
        for name in [GeneratedColumns.output, GeneratedColumns.json, GeneratedColumns.sample] {
            result = result.setting(name, Column(columns[name] ?? []))
        }
        try report(result)
        return result
    }

    /// What is asked for the rows, `samples` requests each; rows that cannot be asked are left out.
    func requests() throws -> [CompletionRequest] { requests(try conversations()) }

    private func requests(_ conversations: [Result<[ChatMessage], RowError>]) -> [CompletionRequest] {
        conversations.flatMap { conversation -> [CompletionRequest] in
            guard case .success(let messages) = conversation else { return [] }
            return (0..<samples).map { ordinal in
                CompletionRequest(model: model.identity, messages: messages, sampling: sampling, ordinal: ordinal)
            }
        }
    }

    private func conversations() throws -> [Result<[ChatMessage], RowError>] {
        let prompt = call.function("prompt")
        return try rows.indices.map { index in
            let words = try prompt.map { try $0(rows, index) } ?? rows.value(index, "prompt")
            let messages = prompt == nil ? rows.value(index, "messages") : .null
            do throws(RowError) {
                return .success(try Conversation.messages(prompt: words, messages: messages, system: model.system))
            } catch {
                return .failure(error)
            }
        }
    }

    private func append(
        _ result: Result<Completion, RowError>, _ request: CompletionRequest?, lineage: Value, batch: Value,
        to columns: inout [String: [Value]]
    ) {
        var sample: Record = [
            "model": .string(model.displayName), "model_id": .string(model.identity.id),
            "messages": .list((request?.messages ?? []).map(\.value)), "usage": .null, "finish_reason": .null,
            "latency": .null,
            "cached": .bool(false), "error": .null, "lineage": lineage,
            "batch": batch,
        ]
        // Who taught the model, so that a judge that is one of them can be told.
        if !model.lineage.teachers.isEmpty {
            sample["teachers"] = .list(model.lineage.teachers.sorted().map { .string($0) })
        }
        switch result {
        case .success(let completion):
            sample["usage"] = [
                "prompt_tokens": .integer(completion.usage.promptTokens),
                "completion_tokens": .integer(completion.usage.completionTokens),
            ]
            sample["finish_reason"] = .string(completion.finishReason)
            sample["latency"] = .double(completion.seconds)
            sample["cached"] = .bool(completion.isStored)
            columns[GeneratedColumns.output, default: []].append(.string(completion.text))
            columns[GeneratedColumns.json, default: []].append(Conversation.json(in: completion.text))
        case .failure(let error):
            sample["error"] = .string(error.message)
            columns[GeneratedColumns.output, default: []].append(.error(error))
            columns[GeneratedColumns.json, default: []].append(.error(error))
        }
        columns[GeneratedColumns.sample, default: []].append(.record(sample))
    }

    /// The blob with the rows that the model was trained on; its students inherit them through the sample.
    private func lineageName() throws -> Value {
        guard !model.lineage.rows.isEmpty else { return .null }
        let hashes = model.lineage.rows.map(\.text).sorted().joined(separator: "\n")
        return try call.withProviderFailures { .string(try call.lab.blobs.put(Array(hashes.utf8))) }
    }

    private func report(_ result: DataSet) throws {
        guard let column = result[column: GeneratedColumns.output] else { return }
        let errors = column.gaps.errors
        guard errors > 0, let first = column.values.lazy.compactMap(\.rowError).first else { return }
        if errors == result.count {
            throw call.failure(
                .providerFailure, "Expected answers; all \(errors) rows failed. The first: \(first.message).")
        }
        call.note("\(model.displayName): \(errors) of \(result.count) rows failed; the first: \(first.message).")
    }
}
