internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let union = Builtin(
        "union", .data, "Puts other rows below; columns go together by name, and one that a part lacks is null there.",
        [.rows, Parameter("others", .rows, .rest, "the rows to put below, in this order")],
        example: "rows | union more",
        result: { call in
            var columns: Columns = [:]
            for type in [call.type("rows")] + call.types("others") {
                guard let part = type.columns else { return .rows(nil) }
                for (name, type) in part {
                    if let known = columns[name], known != type { columns[name] = .any } else { columns[name] = type }
                }
            }
            return .rows(columns)
        },
        run: { call in
            let parts = [call.rows()] + call.values("others").compactMap(\.rows)
            var names: OrderedSet<String> = []
            for part in parts { names.formUnion(part.columnNames) }
            let count = parts.reduce(0) { $0 + $1.count }
            var columns: OrderedDictionary<String, Column> = [:]
            for name in names {
                var values: [Value] = []
                values.reserveCapacity(count)
                for part in parts {
                    values += part[column: name]?.values ?? Array(repeating: .null, count: part.count)
                }
                columns[name] = Column(values)
            }
            var rows = DataSet(columns: columns, count: count)
            for (name, column) in columns where parts.contains(where: { $0.grades.contains(name) }) {
                rows = rows.setting(name, column, isGrade: true)
            }
            UnionRemarks.tell(parts, Array(names), call)
            return .domain(rows)
        })
}

/// What does not go together where rows are put below others.
private enum UnionRemarks {
    static func tell(_ parts: [DataSet], _ names: [String], _ call: Invocation) {
        let filled = parts.filter { !$0.columns.isEmpty }
        let lacking = names.filter { name in filled.contains { $0[column: name] == nil } }
        if !lacking.isEmpty {
            let list = lacking.map { ".\($0)" }.joined(separator: ", ")
            call.note("union: \(list) \(lacking.count == 1 ? "is" : "are") null in the rows that lack the column.")
        }
        for name in names {
            var kinds: OrderedSet<String> = []
            for part in parts {
                guard let kind = part[column: name]?.typeName, kind != "empty" else { continue }
                // Whole numbers and others are one kind for people.
                kinds.append(kind == "integer" ? "number" : kind)
            }
            if kinds.count > 1 {
                call.note("union: .\(name) holds different kinds: \(kinds.joined(separator: " and ")).")
            }
        }
    }
}
