internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let plot = Builtin(
        "plot", .steps, "Draws columns over a column: lines where x is a number, bars where it is text.",
        [
            Parameter("rows", .rowsOrList, isSubject: true, "rows, or a list of records"),
            Parameter("x", .anything, .named, evaluation: .measure, "the column along the axis"),
            .option(
                "y", .anything, evaluation: .measures,
                "a column of numbers, or a list of columns; only a histogram has none"),
            .option(
                "kind", .oneOf(PlotKind.allCases.map(\.rawValue)),
                "what is drawn: scatter is points alone, pareto marks those that none beats (less x, more y), dots "
                    + "stand beside names (p50 and p95), confusion is a table of x (truth) and y (answers)"),
            .option("title", .text, "stands above the chart"),
            .option("label", .anything, evaluation: .measure, "what stands beside each point"),
            .option("low", .anything, evaluation: .measure, "the low end of each value's interval"),
            .option("high", .anything, evaluation: .measure, "the high end of each value's interval"),
            .option("bins", .whole(1...200), "about how many bins a histogram has"),
            .option("mark", .oneOf(PlotKind.marks), "`kind:` in older notebooks"),
        ], example: plotExample,
        result: { call throws(Diagnostic) in
            let kind = PlotKind.asked(
                kind: call.literalText("kind"), mark: call.literalText("mark"), hasLabel: call.has("label"))
            // A kind that is computed is looked at when it is known.
            let isKnown = kind != nil || !(call.has("kind") || call.has("mark"))
            let wrong =
                isKnown
                ? PlotKind.complaint(
                    kind, has: call.has, yCount: call.codes("y").count, xCode: call.code("x"),
                    example: plotExample) : nil
            if let wrong { throw call.mistake(wrong.code, at: wrong.parameter, wrong.message, hint: wrong.hint) }
            if kind == .histogram, call.type("x") == .text { throw call.mistake(textInHistogram(call.code("x"))) }
            guard kind != .confusion, isKnown else { return .any }
            for (code, type) in zip(call.codes("y"), call.types("y")) where type == .text {
                let counted = call.columnNames("y").contains { ".\($0)" == code } ? code : ".key"
                let derived = counted == code ? "" : "derive key: \(code) | "
                throw call.mistake(
                    .wrongType, at: "y", "Expected a column of numbers; `\(code)` holds text.",
                    hint: "rows | \(derived)group \(counted), n: count() | plot x: \(counted), y: .n")
            }
            return .any
        },
        run: { call in .domain(try PlotCall(call).chart()) })

    fileprivate static let plotExample = "tuned.losses | plot x: .step, y: [.train, .validation]"

    fileprivate static func textInHistogram(_ code: String) -> PlotKind.Complaint {
        PlotKind.Complaint(
            code: .wrongType, parameter: "x", message: "Expected a column of numbers; `\(code)` holds text.",
            hint: "rows | group \(code), n: count() | plot x: \(code), y: .n")
    }
}

extension CheckedCall {
    fileprivate func mistake(_ complaint: PlotKind.Complaint) -> Diagnostic {
        mistake(complaint.code, at: complaint.parameter, complaint.message, hint: complaint.hint)
    }
}

/// A call of `plot` with its columns computed.
private struct PlotCall {
    private let call: Invocation
    private let rows: DataSet
    private let x: Column
    private let xName: String
    private let ys: OrderedDictionary<String, Column>
    private let kind: PlotKind

    init(_ call: Invocation) throws {
        self.call = call
        let rows = try call.plottedRows()
        self.rows = rows
        for parameter in ["x", "y", "label", "low", "high"] { try call.requireColumns(parameter, of: rows) }
        guard let place = call.function("x") else {
            throw call.failure(.missingArgument, "Expected `x` for `plot`.", hint: call.builtin.example)
        }
        x = try place.column(over: rows)
        xName = place.plotName
        var ys: OrderedDictionary<String, Column> = [:]
        for function in call.functions("y") where ys[function.plotName] == nil {
            ys[function.plotName] = try function.column(over: rows)
        }
        self.ys = ys
        let asked = PlotKind.asked(
            kind: call.value("kind").text, mark: call.value("mark").text, hasLabel: call.has("label"))
        if let wrong = PlotKind.complaint(
            asked, has: call.has, yCount: ys.count, xCode: call.code("x"), example: call.builtin.example)
        {
            throw call.failure(wrong.code, at: wrong.parameter, wrong.message, hint: wrong.hint)
        }
        kind = asked ?? (x.values.contains { $0.text != nil || $0.bool != nil } ? .bars : .line)
    }

    func chart() throws -> Chart {
        let title = call.value("title").text
        switch kind {
        case .histogram:
            if x.values.contains(where: { $0.text != nil }), !x.values.contains(where: { $0.double != nil }) {
                let wrong = Builtin.textInHistogram(call.code("x"))
                throw call.failure(wrong.code, at: wrong.parameter, wrong.message, hint: wrong.hint)
            }
            return Histogram.chart(
                of: Array(x.values), about: call.value("bins").integer, title: title, xLabel: xName)
        case .confusion: return confusion(title)
        case .pareto:
            if let text = x.values.lazy.compactMap(\.text).first {
                throw call.failure(
                    .wrongType, at: "x",
                    "Expected numbers along the axis, found \"\(text)\": a front has less and more.",
                    hint: "plot x: .cost, y: .mean, label: .model, kind: \"pareto\"")
            }
        case .bars, .dots: try refuseRepeatedNames()
        case .line, .scatter: break
        }
        let series = try series()
        return Chart(
            mark: kind.mark, title: title, xLabel: xName, yLabel: ys.count == 1 ? ys.keys.first ?? "" : "",
            series: series, marksFront: kind == .pareto)
    }

    private func series() throws -> [Chart.Series] {
        let low = try call.function("low")?.column(over: rows)
        let high = try call.function("high")?.column(over: rows)
        let labels = try call.function("label")?.column(over: rows)
        return ys.map { name, column in
            Chart.Series(
                name: name,
                points: rows.indices.map { index in
                    let label = labels.flatMap { labels -> String? in
                        let value = labels[index]
                        return value.isNull || value.rowError != nil ? nil : value.plainText
                    }
                    return Chart.Point(
                        x: x[index], y: column[index], interval: Self.interval(low?[index], high?[index]), label: label)
                })
        }
    }

    /// An interval where both ends are numbers that have a scale, and stand the right way round.
    private static func interval(_ low: Value?, _ high: Value?) -> ClosedRange<Double>? {
        guard let low = low?.double, let high = high?.double, low <= high, abs(low) <= 1e300, abs(high) <= 1e300 else {
            return nil
        }
        return low...high
    }

    /// The matrix, with the share that agrees and its interval.
    private func confusion(_ title: String?) -> Chart {
        let answers = ys.values.first
        let pairs = rows.indices.map { (truth: x[$0], prediction: answers?[$0] ?? .null) }
        let matrix = ConfusionMatrix(pairs)
        let scores = (0..<matrix.n).map { Value.integer($0 < matrix.agreeing ? 1 : 0) }
        let interval = ScoreSummary(scores: scores).interval.map {
            "95 % interval of the share that agrees: \(Number.fixed(100 * $0.low, decimals: 1)) – "
                + "\(Number.fixed(100 * $0.high, decimals: 1)) % (Wilson)"
                + (matrix.unanswered > 0 ? "; no answer counts as wrong." : ".")
        }
        return matrix.chart(
            title: title, truth: xName, prediction: ys.keys.first ?? "", notes: interval.map { [$0] } ?? [])
    }

    /// Refuses to draw several bars with one name: it would not be clear what they say.
    private func refuseRepeatedNames() throws {
        var seen: Set<Value> = []
        for name in x.values {
            // What has no name is not drawn.
            if name.isNull || name.rowError != nil || seen.insert(name).inserted { continue }
            let (code, y) = (call.code("x"), ys.keys.first ?? "")
            let isColumn = call.columnNames("x").first != nil
            let key = isColumn ? code : ".key"
            throw call.failure(
                .wrongType, at: "x",
                "Expected one row a bar; several have \(name.plainText) as `\(code)`.",
                hint: "rows | \(isColumn ? "" : "derive key: \(code) | ")group \(key), \(y): mean(.\(y)) "
                    + "| plot x: \(key), y: .\(y)")
        }
    }
}

extension RowFunction {
    /// What an axis or series is called: `intent` for `.intent`, else the code without its first dot.
    fileprivate var plotName: String {
        if let columnName { return columnName }
        let words = code.split { $0.isWhitespace }.joined(separator: " ")
        return words.hasPrefix(".") ? String(words.dropFirst()) : words
    }
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
}
