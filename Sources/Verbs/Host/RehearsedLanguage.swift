internal import Distillation
public import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// The language for finding out what a notebook would take, with replies that no model gave.
///
/// Nothing depends on what such a reply says: `where` keeps its row, so that what is found is the most that the steps
/// behind can take, and the checks of exercises hold.
public enum RehearsedLanguage {
    /// What stands as the `finish_reason` of a reply that no model gave.
    public static let finishReason = "rehearsed"

    public static let builtins = BuiltinTable(
        StandardLanguage.builtins.all.map { builtin in
            switch builtin.name {
            case "where": builtin.running { try keepingRehearsedRows($0, otherwise: builtin) }
            case "check": builtin.running { _ in .null }
            default: builtin
            }
        })

    private static func keepingRehearsedRows(_ call: Invocation, otherwise builtin: Builtin) throws -> Value {
        let rows = call.value("rows").list == nil ? call.rows() : DataSet(rows: [])
        let rehearsed = Set(
            rows.indices.filter {
                rows.value($0, GeneratedColumns.sample)[field: "finish_reason"].text == finishReason
            })
        guard !rehearsed.isEmpty, let condition = call.function("condition") else {
            return try builtin.original(call)
        }
        let answers = try condition.column(over: rows)
        return .domain(rows.selecting(rows.indices.filter { rehearsed.contains($0) || answers[$0].bool == true }))
    }
}
