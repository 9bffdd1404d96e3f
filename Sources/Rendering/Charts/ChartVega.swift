internal import OrderedCollections
public import Tables

/// Charts as Vega-Lite specifications with their data inside, for front ends that draw them themselves.
///
/// Source: the Vega-Lite 5 reference, https://vega.github.io/vega-lite/docs/.
public enum ChartVega {
    /// The plot's size without axes, in pixels; bars and dots are as high as they are many.
    static let width = 560.0
    static let height = 280.0

    /// The specification, as a record.
    public static func specification(of chart: Chart) -> Value {
        if chart.mark == .matrix, chart.pointCount > 0 { return VegaMatrix.specification(of: MatrixFrame(chart)) }
        let frame = ChartFrame(chart)
        let lies = chart.mark == .bars || chart.mark == .dots
        var fields = page(chart, notes: frame.notes)
        fields["width"] = .integer(lies ? 480 : Int(width))
        fields["height"] =
            lies
            ? ["step": .integer(chart.mark == .dots ? 26 : frame.series.count > 1 ? 16 : 30)] : .integer(Int(height))
        fields["data"] = ["values": .list(VegaRows.values(frame))]
        fields["encoding"] = VegaAxes.encoding(frame)
        fields["layer"] = .list(VegaMarks.layers(frame))
        return .record(fields)
    }

    /// What every chart has: schema, title, notes, fonts and greys.
    static func page(_ chart: Chart, notes: [String]) -> Record {
        var fields: Record = [
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "description": .string(CellText.oneLine(chart.summary)),
            "background": "white",
            "config": [
                "view": ["stroke": nil], "font": "DejaVu Sans, sans-serif",
                "axis": [
                    "gridColor": "#E8E8E8", "domainColor": "#9A9A9A", "tickColor": "#9A9A9A", "labelColor": "#444444",
                    "titleColor": "#333333", "titleFontWeight": "normal", "labelLimit": 200, "titleLimit": 480,
                    "tickCount": 6,
                ],
            ],
        ]
        if chart.title != nil || !notes.isEmpty {
            let lines = notes.flatMap { TextWidth.wrap(CellText.oneLine($0), to: 90) }
            var title: Record = ["anchor": "start", "limit": .integer(Int(width))]
            if let text = chart.title {
                title["text"] = .string(CellText.oneLine(text))
                title["subtitle"] = .list(lines.map { .string($0) })
                title["subtitleColor"] = "#767676"
                title["subtitleFontSize"] = 11
            } else {
                // Vega draws no subtitle where there is no title.
                title["text"] = .list(lines.map { .string($0) })
                title["color"] = "#767676"
                title["fontSize"] = 11
                title["fontWeight"] = "normal"
            }
            fields["title"] = .record(title)
        }
        return fields
    }
}
