internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let each = Builtin(
        "each", .data, "Computes an expression for each row or element; gives a list.",
        [
            Parameter("rows", .rowsOrList, isSubject: true, "the rows, or a list"),
            Parameter("expression", .anything, evaluation: .row, "an expression on `.` or `.column`"),
        ], example: "[1, 2, 3] | each . * 2", uses: .closing, result: { .list($0.type("expression")) },
        run: { call in
            guard let function = call.function("expression") else { return .null }
            if let list = call.value("rows").list {
                return .list(
                    try list.map { element in
                        try call.checkInterrupt()
                        return try function(element)
                    })
            }
            let rows = call.rows()
            return .list(
                try rows.indices.map { index in
                    try call.checkInterrupt()
                    return try function(rows, index)
                })
        })

    static let listFunctions: [Builtin] = [
        .function(
            "len", .lists, "How many characters, elements, fields or rows there are.",
            [Parameter("value", .anything, isSubject: true, "a text, a list, a record or rows")],
            example: "len(\"abc\")", result: .number, columns: TextColumns.lengths,
            compute: { values in
                switch values[0] {
                case .string(let text): return .integer(text.count)
                case .list(let elements): return .integer(elements.count)
                case .record(let fields): return .integer(fields.count)
                case let other:
                    if let rows = other.rows { return .integer(rows.count) }
                    throw RowError("len takes text, a list, a record or rows, not \(other.kindName)")
                }
            }),
        .function(
            "keys", .lists, "The names of a record's fields, or of rows' columns.",
            [Parameter("value", Acceptance.record.or(.rows), isSubject: true, "the record or the rows")],
            example: "keys({a: 1, b: 2})", result: .list(.text),
            compute: { values in
                if let rows = values[0].rows { return .list(rows.columnNames.map { .string($0) }) }
                return .list((values[0].record ?? [:]).keys.map { .string($0) })
            }),
    ]

    static let fileFunctions: [Builtin] = [
        Builtin(
            "read", .files, "The text of a file.",
            [Parameter("path", .text, file: .reads, "the file, relative to the notebook's folder")],
            example: "read(\"prompts/cora.md\")", result: { _ in .text },
            run: { call in
                let path = call.value("path").text ?? ""
                guard let text = String(validating: try call.read(path, at: "path"), as: UTF8.self) else {
                    throw call.failure(
                        .badData, at: "path", "Expected UTF-8 text in \(path).", hint: "save the file as UTF-8")
                }
                return .string(text)
            })
    ]
}
