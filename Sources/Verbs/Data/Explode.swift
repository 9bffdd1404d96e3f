internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let explode = Builtin(
        "explode", .data,
        "Makes a row of each element of a column's lists; a row whose list is empty or null stays, with null.",
        [
            .rows,
            Parameter(
                "column", .anything, evaluation: .column,
                "a column of lists; what is no list counts as a list of one"),
        ], example: "rows | explode .items", uses: .passing,
        result: { call throws(Diagnostic) in
            guard var columns = call.columns(), let name = call.columnNames("column").first else { return .rows(nil) }
            switch columns[name] ?? .any {
            case .list(let element): columns[name] = element
            case .any, .null: columns[name] = .any
            case let other:
                throw call.mistake(
                    .wrongType, at: "column", "Expected a column of lists; `.\(name)` is \(other.kindName).",
                    hint: other == .text ? "derive list: words(.\(name)), then explode .list" : nil)
            }
            return .rows(columns)
        },
        run: { call in
            let rows = call.rows()
            try call.requireColumns("column", of: rows)
            guard let name = call.columnNames("column").first, let column = rows[column: name] else { return .null }
            var places: [Int] = []
            var values: [Value] = []
            var gaps = 0
            var others = 0
            for row in rows.indices {
                let value = column[row]
                guard let list = value.list else {
                    if value.isNull { gaps += 1 } else { others += 1 }
                    places.append(row)
                    values.append(value)
                    continue
                }
                if list.isEmpty { gaps += 1 }
                places += repeatElement(row, count: max(1, list.count))
                values += list.isEmpty ? [.null] : list
            }
            if others == rows.count, others > 0 {
                throw call.failure(
                    .wrongType, at: "column", "Expected a column of lists; `.\(name)` is \(column[0].kindName).")
            }
            if gaps > 0 { call.note("explode: \(gaps) rows whose .\(name) is empty or null stay, with null.") }
            if others > 0 { call.note("explode: \(others) rows whose .\(name) is no list stay as they are.") }
            return .domain(rows.selecting(places).setting(name, Column(values)))
        })
}
