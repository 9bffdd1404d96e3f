public import OrderedCollections
public import Tables

/// Where a run's rows come from. Source: openai/openai-openapi, schemas `EvalJsonlFileContentSource`,
/// `EvalJsonlFileIdSource` and `EvalStoredCompletionsSource`.
public struct EvalSource: WireObject {
    public static let form = WireForm("a run's source", .needs("type", .text))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A row: an item to grade, and the sample that a model gave for it where there is one already.
    public struct Row: Sendable, Equatable {
        public let item: Record
        public let sample: Record?

        public init(item: Record, sample: Record? = nil) {
            self.item = item
            self.sample = sample
        }
    }

    /// Rows in the request itself.
    public static func rows(_ rows: [Row]) -> EvalSource {
        let content = rows.map { row -> Value in
            .record(WireFields(["item": .record(row.item), "sample": row.sample.map(Value.record)]).record)
        }
        return EvalSource(fields: WireFields(["type": "file_content", "content": .list(content)]))
    }

    /// An uploaded file of rows.
    public static func file(_ id: String) -> EvalSource {
        EvalSource(fields: WireFields(["type": "file_id", "id": .string(id)]))
    }

    /// Stored completions.
    /// - Parameters:
    ///   - createdAfter: seconds since 1970, as is `createdBefore`.
    public static func storedCompletions(
        model: String? = nil, metadata: Metadata? = nil, createdAfter: Int? = nil, createdBefore: Int? = nil,
        limit: Int? = nil
    ) -> EvalSource {
        EvalSource(
            fields: WireFields([
                "type": "stored_completions", "metadata": metadata.map(Value.pairs), "model": model.map(Value.string),
                "created_after": createdAfter.map(Value.integer), "created_before": createdBefore.map(Value.integer),
                "limit": limit.map(Value.integer),
            ]))
    }

    /// `file_content`, `file_id`, `stored_completions`, `responses` or what a server adds.
    public var type: String { fields.text("type") ?? "" }

    /// The file's id, of `file_id`.
    public var fileID: String? { fields.text("id") }

    /// The rows of `file_content`; none of another source.
    /// - Throws: `WireError` where a row has no item.
    public func rows() throws(WireError) -> [Row] {
        var rows: [Row] = []
        for (index, element) in (self[field: "content"].list ?? []).enumerated() {
            guard let item = element[field: "item"].record else {
                throw WireError("an object", at: "content[\(index)].item", found: element.record?["item"])
            }
            rows.append(Row(item: item, sample: element[field: "sample"].record))
        }
        return rows
    }

    public var model: String? { fields.text("model") }
    public var metadata: Metadata { fields.pairs("metadata") ?? [:] }
    public var createdAfter: Int? { fields.whole("created_after") }
    public var createdBefore: Int? { fields.whole("created_before") }
    public var limit: Int? { fields.whole("limit") }
}

/// What a run says to the model that it samples.
public enum EvalInput: Sendable, Equatable {
    /// Messages with templates such as `{{item.question}}`.
    case template([ChatMessage])
    /// Where a row holds its messages, such as `item.messages`.
    case reference(String)

    var json: Value {
        switch self {
        case .template(let messages): ["type": "template", "template": .list(messages.map(Self.json))]
        case .reference(let path): ["type": "item_reference", "item_reference": .string(path)]
        }
    }

    /// A message as OpenAI's examples write it. A bare text as content fits two forms of the schema's `oneOf`, which
    /// is one too many.
    private static func json(_ message: ChatMessage) -> Value {
        let isReply = message.role == .assistant
        let text: Value = ["type": isReply ? "output_text" : "input_text", "text": .string(message.text)]
        let isText = message.content.map(\.isText) ?? true
        return [
            "type": "message", "role": .string(message.role.rawValue),
            "content": isText ? text : message[field: "content"],
        ]
    }
}

/// What a run grades: rows, and the model that answers them where they have no answers yet.
///
/// Source: openai/openai-openapi, schemas `CreateEvalJsonlRunDataSource` and `CreateEvalCompletionsRunDataSource`.
public struct EvalDataSource: WireObject {
    public static let form = WireForm(
        "a run's data_source", .needs("type", .text), .mayHave("source", .object(EvalSource.self)))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// Rows whose samples stand in them.
    public static func jsonl(_ source: EvalSource) -> EvalDataSource {
        EvalDataSource(fields: WireFields(["type": "jsonl", "source": source.json]))
    }

    /// Rows that a model answers first, by chat completions.
    public static func completions(
        model: String, input: EvalInput, source: EvalSource, temperature: Double? = nil, topP: Double? = nil,
        maxCompletionTokens: Int? = nil, seed: Int? = nil, reasoningEffort: ReasoningEffort? = nil
    ) -> EvalDataSource {
        let sampling = WireFields([
            "reasoning_effort": reasoningEffort.map { .string($0.rawValue) },
            "temperature": temperature.map(Value.double),
            "max_completion_tokens": maxCompletionTokens.map(Value.integer), "top_p": topP.map(Value.double),
            "seed": seed.map(Value.integer),
        ])
        return EvalDataSource(
            fields: WireFields([
                "type": "completions", "input_messages": input.json,
                "sampling_params": .when(!sampling.record.isEmpty, .record(sampling.record)), "model": .string(model),
                "source": source.json,
            ]))
    }

    /// `jsonl`, `completions`, `responses` or what a server adds.
    public var type: String { fields.text("type") ?? "" }
    public var source: EvalSource? { fields.object("source") }
    public var model: String? { fields.text("model") }

    /// What is said to the model; nil where it is not said, or in a way that is unknown here.
    public var input: EvalInput? {
        let input = self[field: "input_messages"]
        if let path = input[field: "item_reference"].text { return .reference(path) }
        guard let list = input[field: "template"].list else { return nil }
        var messages: [ChatMessage] = []
        for element in list {
            guard let role = element[field: "role"].text, let content = ChatContent(content: element[field: "content"])
            else { return nil }
            messages.append(
                ChatMessage(
                    role: ChatRole(rawValue: role), content: content.isText ? .text(content.plainText) : content))
        }
        return .template(messages)
    }

    /// How the model is sampled. OpenAI's schema says `max_completion_tokens` where its examples, and the graders of
    /// its schema, say `max_completions_tokens`: both are read.
    public func sampling() throws(WireError) -> GraderSampling { try GraderSampling(self[field: "sampling_params"]) }
}

extension ChatContent {
    /// The content of an eval's message: text, one part, or a list of parts.
    fileprivate init?(content json: Value) {
        self.init(json.record == nil ? json : .list([json]))
    }
}
