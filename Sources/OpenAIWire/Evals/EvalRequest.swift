public import OrderedCollections
public import Tables

/// What an eval's rows are: the schema of a custom one, or a filter of logged completions.
///
/// Source: openai/openai-openapi, schemas `CreateEvalCustomDataSourceConfig`, `EvalCustomDataSourceConfig` and siblings.
public struct EvalDataSourceConfig: WireObject {
    public static let form = WireForm("an eval's data_source_config", .needs("type", .text))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// Rows of one's own, as they are asked for.
    /// - Parameters:
    ///   - itemSchema: a JSON schema of a row's `item`.
    ///   - includesSample: whether rows get a `sample`, which templates may then speak of.
    public static func custom(itemSchema: Value, includesSample: Bool = false) -> EvalDataSourceConfig {
        EvalDataSourceConfig(
            fields: WireFields([
                "type": "custom", "item_schema": itemSchema, "include_sample_schema": .when(includesSample, true),
            ]))
    }

    /// Logged completions that have these pairs, as they are asked for.
    public static func logs(metadata: Metadata) -> EvalDataSourceConfig {
        EvalDataSourceConfig(fields: WireFields(["type": "logs", "metadata": .pairs(metadata)]))
    }

    /// The config as a server answers it, with the schema of a whole row, `item` and `sample`, in place of the item's.
    public func answered(schema: Value) -> EvalDataSourceConfig {
        EvalDataSourceConfig(
            fields: WireFields([
                "type": .string(type), "schema": schema,
                "metadata": fields.present("metadata"),
            ]))
    }

    /// `custom`, `logs`, `stored_completions` (deprecated) or what a server adds.
    public var type: String { fields.text("type") ?? "" }

    /// The JSON schema of a row's `item`, from a request or an answer.
    public var itemSchema: Value? {
        fields.present("item_schema") ?? self[field: "schema"][field: "properties"].record?["item"]
    }

    public var includesSample: Bool {
        fields.flag("include_sample_schema") ?? !self[field: "schema"][field: "properties"][field: "sample"].isNull
    }

    public var metadata: Metadata { fields.pairs("metadata") ?? [:] }
}

/// The body of `POST /evals`. Source: openai/openai-openapi, schema `CreateEvalRequest`.
public struct EvalRequest: WireObject {
    public static let form = WireForm(
        "a request for an eval", .mayHave("name", .text),
        .needs("data_source_config", .object(EvalDataSourceConfig.self)),
        .needs("testing_criteria", .other("a list of graders") { $0.list?.isEmpty == false }))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameter criteria: the graders; a `text_similarity` needs its `pass_threshold` here.
    public init(
        name: String? = nil, metadata: Metadata? = nil, dataSource: EvalDataSourceConfig, criteria: [GraderWire]
    ) {
        fields = WireFields([
            "name": name.map(Value.string), "metadata": metadata.map(Value.pairs),
            "data_source_config": dataSource.json, "testing_criteria": .list(criteria.map(\.json)),
        ])
    }

    public var name: String? { fields.text("name") }
    public var metadata: Metadata { fields.pairs("metadata") ?? [:] }
    public var dataSource: EvalDataSourceConfig { fields.child("data_source_config") }

    /// The graders' JSON.
    public var criteria: [Value] { self[field: "testing_criteria"].list ?? [] }

    /// The graders.
    /// - Throws: `WireError` that names the grader which is none, or which is not run here.
    public func graders() throws(WireError) -> [GraderWire] { try GraderWire.list(criteria) }
}

/// An eval. Source: openai/openai-openapi, schema `Eval`.
public struct EvalObject: WireObject, Listed {
    public static let form = WireForm("an eval", .needs("id", .text))
    public static let listing = Listing.cursors

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// An eval as a server answers it.
    /// - Parameters:
    ///   - created: seconds since 1970.
    ///   - dataSource: with the schema of a whole row: see `EvalDataSourceConfig.answered(schema:)`.
    public init(
        id: String, name: String, created: Int, dataSource: EvalDataSourceConfig, criteria: [Value],
        metadata: Metadata = [:]
    ) {
        fields = WireFields([
            "object": "eval", "id": .string(id), "data_source_config": dataSource.json,
            "testing_criteria": .list(criteria), "name": .string(name), "created_at": .integer(created),
            "metadata": .pairs(metadata),
        ])
    }

    public var id: String { fields.text("id") ?? "" }
    public var name: String? { fields.text("name") }

    /// Seconds since 1970.
    public var created: Int? { fields.whole("created_at") }
    public var dataSource: EvalDataSourceConfig? { fields.object("data_source_config") }
    public var metadata: Metadata { fields.pairs("metadata") ?? [:] }

    /// The graders' JSON.
    public var criteria: [Value] { self[field: "testing_criteria"].list ?? [] }

    /// The graders.
    /// - Throws: `WireError` that names the grader which is none, or which is not run here.
    public func graders() throws(WireError) -> [GraderWire] { try GraderWire.list(criteria) }
}

/// A page of `GET /evals`.
public typealias EvalList = WirePage<EvalObject>
