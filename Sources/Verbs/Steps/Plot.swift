internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let plot = Builtin(
        "plot", .steps, "Draws columns over a column: lines where x is a number, bars where it is text.",
        [
            Parameter("rows", .rowsOrList, isSubject: true, "rows, or a list of records"),
            Parameter("x", .anything, .named, evaluation: .column, "the column along the axis"),
            Parameter("y", .anything, .named, evaluation: .columns, "a column of numbers, or a list of columns"),
            .option("mark", .oneOf(Chart.Mark.allCases.map(\.rawValue)), "how values are drawn"),
            .option("title", .text, "stands above the chart"),
        ], example: "tuned.losses | plot x: .step, y: [.train, .validation]",
        result: { call throws(Diagnostic) in
            guard case .record(let columns?) = call.type("rows").element else { return .any }
            for name in call.columnNames("y") where columns[name] == .text {
                throw call.mistake(
                    .wrongType, at: "y", "Expected a column of numbers; `.\(name)` holds text.",
                    hint: "rows | group .\(name), n: count() | plot x: .\(name), y: .n")
            }
            return .any
        },
        run: { call in
            let rows = try call.plottedRows()
            try call.requireColumns("x", of: rows)
            try call.requireColumns("y", of: rows)
            let place = call.columnNames("x").first ?? ""
            let names = Array(OrderedSet(call.columnNames("y")))
            let mark =
                call.value("mark").text.flatMap(Chart.Mark.init(rawValue:))
                ?? (rows[column: place]?.values.contains { $0.text != nil || $0.bool != nil } == true ? .bars : .line)
            if mark == .bars { try call.refuseRepeatedBars(place, of: rows, y: names.first ?? "") }
            let series = names.map { name in
                Chart.Series(
                    name: name,
                    points: rows.indices.map { Chart.Point(x: rows.value($0, place), y: rows.value($0, name)) })
            }
            return .domain(
                Chart(
                    mark: mark, title: call.value("title").text, xLabel: place,
                    yLabel: names.count == 1 ? names[0] : "",
                    series: series))
        })
}

extension Invocation {
    /// The rows to draw; a list of records is rows as well.
    fileprivate func plottedRows() throws -> DataSet {
        guard let list = value("rows").list else { return rows() }
        if let other = list.first(where: { $0.record == nil && $0.rowError == nil && !$0.isNull }) {
            throw failure(
                .wrongType, at: "rows", "Expected rows or a list of records, found a list with \(other.kindName).",
                hint: "list | each {x: ., y: len(.)} | plot x: .x, y: .y")
        }
        return DataSet(rows: list.map { $0.record ?? [:] })
    }

    /// Refuses to draw several bars with one name: it would not be clear what they say.
    fileprivate func refuseRepeatedBars(_ place: String, of rows: DataSet, y: String) throws {
        var seen: Set<Value> = []
        for index in rows.indices {
            let name = rows.value(index, place)
            // What has no name is not drawn.
            if name.isNull || name.rowError != nil || seen.insert(name).inserted { continue }
            throw failure(
                .wrongType, at: "x",
                "Expected one row a bar; several have \(name.plainText) as `.\(place)`.",
                hint: "rows | group .\(place), \(y): mean(.\(y)) | plot x: .\(place), y: .\(y)")
        }
    }
}
