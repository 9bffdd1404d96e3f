internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Verbs that change columns: select, derive, rename, drop.
extension Builtin {
    static let select = Builtin(
        "select", .data, "Keeps only these columns, in this order.",
        [.rows, Parameter("columns", .anything, .rest, evaluation: .column, "columns such as `.text`")],
        example: "rows | select .text, .intent",
        uses: .closing,
        result: { call in
            guard let columns = call.columns() else { return .rows(nil) }
            var kept: Columns = [:]
            for name in call.columnNames("columns") { kept[name] = columns[name] ?? .any }
            return .rows(kept)
        },
        run: { call in
            let rows = call.rows()
            try call.requireColumns("columns", of: rows)
            return .domain(rows.choosing(call.columnNames("columns").map { ($0, $0) }))
        })

    static let drop = Builtin(
        "drop", .data, "Leaves these columns out.",
        [.rows, Parameter("columns", .anything, .rest, evaluation: .column, "columns such as `.text`")],
        example: "rows | drop .intent",
        uses: .passing,
        result: { call in
            guard var columns = call.columns() else { return .rows(nil) }
            for name in call.columnNames("columns") { columns[name] = nil }
            return .rows(columns)
        },
        run: { call in
            let rows = call.rows()
            try call.requireColumns("columns", of: rows)
            return .domain(rows.dropping(Set(call.columnNames("columns"))))
        })

    static let derive = Builtin(
        "derive", .data, "Adds columns computed from each row.", [.rows], inventions: .columns,
        example: "rows | derive size: len(.prompt)",
        uses: .passing,
        result: { call throws(Diagnostic) in
            try call.refuseOverwriting()
            guard var columns = call.columns() else { return .rows(nil) }
            for (name, type) in call.inventions { columns[name] = type }
            return .rows(columns)
        },
        run: { call in
            var rows = call.rows()
            for (name, span, function) in call.inventions {
                if rows[column: name] != nil, !function.expression.reads(column: name) {
                    throw call.failure(
                        .columnExists, at: span, "Expected a new column's name; the rows already have `.\(name)`.",
                        hint: "choose another name, or drop .\(name) first")
                }
                let column = try function.column(over: rows)
                let errors = column.gaps.errors
                if errors > 0, let first = rows.indices.lazy.compactMap({ column[$0].rowError }).first {
                    call.note(
                        "derive: .\(name) is an error in \(errors) of \(rows.count) rows; the first: \(first.message)")
                }
                rows = rows.setting(name, column)
            }
            return .domain(rows)
        })

    static let rename = Builtin(
        "rename", .data, "Gives columns new names: `new: .old`.", [.rows], inventions: .renames,
        example: "rows | rename label: .intent",
        uses: .passing,
        result: { call throws(Diagnostic) in
            try call.refuseOverwriting()
            guard let columns = call.columns() else { return .rows(nil) }
            let names = Dictionary(call.renames.map { ($0.old, $0.new) }, uniquingKeysWith: { first, _ in first })
            var renamed: Columns = [:]
            for (name, type) in columns { renamed[names[name] ?? name] = type }
            return .rows(renamed)
        },
        run: { call in
            let rows = call.rows()
            var names: [String: String] = [:]
            for (new, span, function) in call.inventions {
                guard let old = function.columnName else {
                    throw call.failure(.wrongType, at: span, "Expected a column to rename, such as `.question`.")
                }
                try call.requireColumn(old, of: rows, at: function.expression.span)
                let isFreed = call.inventions.contains { $0.function.columnName == new }
                if rows[column: new] != nil, new != old, !isFreed {
                    throw call.failure(
                        .columnExists, at: span, "Expected a new column's name; the rows already have `.\(new)`.",
                        hint: "drop .\(new) first")
                }
                guard names[old] == nil else {
                    throw call.failure(
                        .duplicateArgument, at: function.expression.span,
                        "Expected each column once; `.\(old)` gets two names.",
                        hint: "derive \(new): .\(old) makes a copy")
                }
                names[old] = new
            }
            return .domain(rows.choosing(rows.columnNames.map { (names[$0] ?? $0, $0) }))
        })
}

extension Invocation {
    /// Refuses names of columns that the rows do not have.
    func requireColumns(_ parameter: String, of rows: DataSet) throws {
        for function in functions(parameter) {
            guard let name = function.columnName else { continue }
            try requireColumn(name, of: rows, at: function.expression.span)
        }
    }

    /// Refuses the name of a column that the rows do not have.
    func requireColumn(_ name: String, of rows: DataSet, at span: Span) throws {
        guard rows[column: name] == nil else { return }
        let known = rows.columnNames.sorted().joined(separator: ", ")
        throw failure(
            .unknownColumn, at: span, "Expected a column of the rows: \(known.isEmpty ? "there are none" : known).",
            hint: Suggestion.closest(to: name, among: rows.columnNames).map { "did you mean `.\($0)`?" })
    }
}
