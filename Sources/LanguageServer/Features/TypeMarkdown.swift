internal import OrderedCollections
internal import PipelineRuntime

/// What is known of a value as Markdown.
enum TypeMarkdown {
    /// More columns than so many are counted, not listed.
    private static let limit = 60

    /// A name or column with its type, and columns or members below.
    static func text(_ name: String, _ type: StaticType) -> String {
        var text = "`\(name)`: \(type.kindName)"
        let (heading, fields) = fields(of: type)
        if let fields, !fields.isEmpty {
            text += "\n\n\(heading)\n"
            text += fields.prefix(limit).map { "\n- `\($0.key)` \($0.value.kindName)" }.joined()
            if fields.count > limit { text += "\n- and \(fields.count - limit) more" }
        }
        if case .function(let function) = type {
            text += "\n\n" + CodeMarkdown.block("fn \(name)(\(function.parameters.joined(separator: ", ")))")
            if function.result != .any { text += "\n\nGives \(function.result.description)." }
        }
        return text
    }

    private static func fields(of type: StaticType) -> (String, Columns?) {
        switch type {
        case .rows(let columns): ("Columns:", columns)
        case .record(let fields): (type.splitNames == nil ? "Fields:" : "Parts:", fields)
        case .list(.record(let fields)): ("Each with:", fields)
        case .domain(let domain): ("Members:", domain.members)
        default: ("", nil)
        }
    }
}
