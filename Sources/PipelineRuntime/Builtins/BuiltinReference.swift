/// The language's reference, in Markdown, made from the rows of the table: hover, help pages and documentation are
/// the same text.
public enum BuiltinReference {
    /// All builtins by group, in the order of the table.
    public static func markdown(_ table: BuiltinTable) -> String {
        let chapters = Builtin.Group.allCases.compactMap { group -> String? in
            let members = table.all.filter { $0.group == group }
            guard !members.isEmpty else { return nil }
            let entries = members.map { builtin -> String in "### \(builtin.name)\n\n\(markdown(builtin))" }
            return "## \(group.rawValue)\n\n\(entries.joined(separator: "\n"))"
        }
        return chapters.joined(separator: "\n")
    }

    /// One builtin: how a call is written, what it does, its parameters, an example that runs.
    public static func markdown(_ builtin: Builtin) -> String {
        var parts = ["`\(builtin.signature)`", builtin.summary]
        var lines = builtin.parameters.map { "- " + markdown($0) }
        if let more = inventions(builtin.inventions) { lines.append("- \(more)") }
        if !lines.isEmpty { parts.append(lines.joined(separator: "\n")) }
        if builtin.isAggregate {
            parts.append("Inside `group` it runs over the rows of each group, elsewhere over a list.")
        }
        parts.append("```distnb\n\(builtin.example)\n```")
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// A parameter: its name, what it takes, whether it may be left out, its sentence.
    public static func markdown(_ parameter: Parameter) -> String {
        var kinds: [String] = []
        switch parameter.evaluation {
        case .value:
            if parameter.accepts.expectation != Acceptance.anything.expectation {
                kinds.append(parameter.accepts.expectation)
            }
        case .row: kinds.append("an expression on each row or element")
        case .column: kinds.append(parameter.place == .rest ? "columns" : "a column")
        case .columns: kinds.append("a column or a list of columns")
        case .measure: kinds.append("a column, or an expression on each row")
        case .measures: kinds.append("a column, an expression on each row, or a list of them")
        }
        if parameter.place == .rest, parameter.evaluation != .column { kinds.append("one or several") }
        if !parameter.isRequired { kinds.append("may be left out") }
        let name = parameter.place == .named ? "\(parameter.name):" : parameter.name
        return "`\(name)`\(kinds.isEmpty ? "" : " (\(kinds.joined(separator: "; ")))") – \(parameter.summary)"
    }

    /// What named arguments beyond the parameters mean.
    private static func inventions(_ inventions: Builtin.Inventions) -> String? {
        switch inventions {
        case .none: nil
        case .columns: "`name: expression` – a new column of that name, computed from each row"
        case .aggregates: "`name: aggregate` – a new column of that name, computed over the rows of each group"
        case .renames: "`new: .old` – the column `.old` under the name `new`"
        }
    }
}
