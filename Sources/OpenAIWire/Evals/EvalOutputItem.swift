public import OrderedCollections
public import Tables

/// A row of a run: what was graded, what each grader found, what the model said. Source: openai/openai-openapi, schema
/// `EvalRunOutputItem`.
public struct EvalOutputItem: WireObject, Listed {
    public static let form = WireForm("an output item", .needs("id", .text))
    public static let listing = Listing.cursors

    /// What a grader found.
    public struct Result: Sendable, Equatable {
        public let name: String
        /// The grader's type; nil where the server doesn't say.
        public let type: String?
        /// The score; nil where there is none, as of a row that could not be graded.
        public let score: Double?
        /// Whether it passed; nil where the server doesn't say.
        public let passed: Bool?
        /// What a judge was asked and said, where there was one.
        public let sample: Record?

        public init(name: String, type: String?, score: Double?, passed: Bool?, sample: Record? = nil) {
            self.name = name
            self.type = type
            self.score = score
            self.passed = passed
            self.sample = sample
        }
    }

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A row as a server answers it.
    /// - Parameters:
    ///   - created: seconds since 1970.
    ///   - index: the row's number in the source.
    ///   - status: `pass`, `fail` or `error`.
    public init(
        id: String, run: String, eval: String, created: Int, status: String, index: Int, item: Record,
        results: [Result], sample: EvalSample
    ) {
        fields = WireFields([
            "object": "eval.run.output_item", "id": .string(id), "run_id": .string(run), "eval_id": .string(eval),
            "created_at": .integer(created), "status": .string(status), "datasource_item_id": .integer(index),
            "datasource_item": .record(item), "results": .list(results.map(Self.json)), "sample": sample.json,
        ])
    }

    public var id: String { fields.text("id") ?? "" }

    /// Seconds since 1970.
    public var created: Int? { fields.whole("created_at") }

    /// `pass`, `fail` or what a server adds.
    public var status: String { fields.text("status") ?? "" }

    /// The row's number in the source.
    public var index: Int? { fields.whole("datasource_item_id") }
    public var item: Record { self[field: "datasource_item"].record ?? [:] }
    public var sample: EvalSample? { fields.object("sample") }

    public var results: [Result] {
        (self[field: "results"].list ?? []).compactMap { result in
            guard let name = result[field: "name"].text else { return nil }
            return Result(
                name: name, type: result[field: "type"].text, score: result[field: "score"].double,
                passed: result[field: "passed"].bool, sample: result[field: "sample"].record)
        }
    }

    private static func json(_ result: Result) -> Value {
        .record(
            WireFields([
                "name": .string(result.name), "type": result.type.map(Value.string),
                "score": result.score.map(Value.double).orNull, "passed": result.passed.map(Value.bool).orNull,
                "sample": result.sample.map(Value.record),
            ]).record)
    }
}

/// What a model was asked and said for a row of a run.
public struct EvalSample: WireObject {
    public static let form = WireForm("a sample")

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A sample as a server answers it.
    public init(
        input: [(role: ChatRole, content: String)], output: [(role: ChatRole, content: String)],
        finishReason: FinishReason, model: String, usage: TokenUsage, failure: EvalFailure? = nil,
        temperature: Double, maxCompletionTokens: Int, topP: Double, seed: Int
    ) {
        fields = WireFields([
            "input": .list(input.map(Self.json)), "output": .list(output.map(Self.json)),
            "finish_reason": .string(finishReason.rawValue), "model": .string(model),
            "usage": [
                "total_tokens": .integer(
                    usage.promptTokens.addingReportingOverflow(usage.completionTokens).partialValue),
                "completion_tokens": .integer(usage.completionTokens), "prompt_tokens": .integer(usage.promptTokens),
                "cached_tokens": .integer(usage.cachedTokens),
            ],
            "error": (failure?.json).orNull, "temperature": .double(temperature),
            "max_completion_tokens": .integer(maxCompletionTokens), "top_p": .double(topP), "seed": .integer(seed),
        ])
    }

    /// What the model said; nil where it said nothing.
    public var output: String? {
        guard let list = self[field: "output"].list else { return nil }
        let texts = list.compactMap { $0[field: "content"].text }
        return texts.isEmpty ? nil : texts.joined()
    }

    public var model: String? { fields.text("model") }
    public var finishReason: FinishReason? { fields.word("finish_reason") }
    public var usage: TokenUsage? { fields.object("usage") }
    public var failure: EvalFailure? { EvalFailure(self[field: "error"]) }

    private static func json(_ message: (role: ChatRole, content: String)) -> Value {
        ["role": .string(message.role.rawValue), "content": .string(message.content)]
    }
}

/// A page of `GET /evals/{id}/runs/{id}/output_items`.
public typealias EvalOutputItemList = WirePage<EvalOutputItem>
