internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Rows with a wish of how many to show.
struct Shown: DomainValue {
    static let tag = "shown"
    let rows: DataSet
    let limit: Int
    let wraps: Bool

    var kindName: String { "rows to show" }
    var summary: String { rows.summary }
    var asRows: DataSet? { rows }
    var memberNames: [String] { rows.memberNames }
    func member(_ name: String) -> Value? { rows.member(name) }
    var presentation: [PresentationBlock] { [.table(TablePresentation(rows, limit: limit, wraps: wraps))] }

    func encoded(with encoder: inout ValueEncoder) throws -> Value {
        ["rows": try encoder.encode(.domain(rows)), "limit": .integer(limit), "wraps": .bool(wraps)]
    }

    static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        guard let rows = try codec.decode(state[field: "rows"], blobs: blobs).rows else {
            throw StateError("a table without rows")
        }
        return .domain(
            Shown(rows: rows, limit: state[field: "limit"].integer ?? 10, wraps: state[field: "wraps"].bool ?? false))
    }
}

extension Builtin {
    static let show = Builtin(
        "show", .data, "Shows so many rows, or any value.",
        [
            Parameter("value", .anything, isSubject: true, "rows, or any value"),
            Parameter("n", .whole(0...10_000), isRequired: false, "how many rows; 10 unless given"),
        ],
        example: "rows | show 20", seesNull: true, result: { $0.type("value") },
        run: { call in
            guard let rows = call.value("value").rows else { return call.value("value") }
            return .domain(Shown(rows: rows, limit: call.value("n").integer ?? 10, wraps: false))
        })
}
