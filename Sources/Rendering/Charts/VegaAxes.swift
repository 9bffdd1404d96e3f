internal import OrderedCollections
internal import Tables

/// The axes of a Vega-Lite chart, which all its layers share.
enum VegaAxes {
    static func encoding(_ frame: ChartFrame) -> Value {
        let lies = frame.chart.mark == .bars || frame.chart.mark == .dots
        var fields: Record = [:]
        // Bars lie, so that there is room for their names.
        fields[lies ? "y" : "x"] = place(frame)
        fields[lies ? "x" : "y"] = measure(frame, field: "y")
        return .record(fields)
    }

    private static func place(_ frame: ChartFrame) -> Value {
        var axis: Record = ["field": "x", "title": .string(VegaAxes.title(frame.chart.xLabel))]
        if let categories = frame.categories {
            axis["type"] = "nominal"
            axis["scale"] = ["domain": .list(categories.map(name))]
            axis["sort"] = Value.null
            switch frame.chart.mark {
            case .bars, .dots:
                // The title stands upright beside the names: it must not be longer than they are high.
                let height = (frame.chart.mark == .dots ? 26 : 16 * max(2, frame.series.count)) * categories.count
                axis["axis"] = ["grid": .bool(frame.chart.mark == .dots), "titleLimit": .integer(max(80, height))]
            default:
                axis["axis"] = [
                    "grid": false, "labelAngle": 0, "labelOverlap": true,
                    "labelLimit": .integer(max(48, Int(ChartVega.width) / max(1, categories.count))),
                ]
            }
        } else {
            axis["type"] = "quantitative"
            axis["scale"] = ["domain": [.double(frame.x.low), .double(frame.x.high)], "nice": false, "zero": false]
            var ticks: Record = ["grid": false]
            if let bins = frame.bins, bins.areWhole { ticks["tickMinStep"] = 1 }
            axis["axis"] = .record(ticks)
        }
        return .record(axis)
    }

    /// A title as it may stand in a specification.
    ///
    /// Vega-Lite writes titles into expressions for tooltips and screen readers, and escapes nothing but quotes there:
    /// line breaks and backslashes would end the text.
    static func title(_ text: String) -> String {
        String(
            CellText.oneLine(text).map { character in
                character.isNewline ? "⏎" : character == "\\" ? "⧵" : character
            })
    }

    /// A name as it may stand in a specification: an image made of it is XML, which knows no control characters.
    static func name(_ text: String) -> Value { .string(CellText.oneLine(text)) }

    static func measure(_ frame: ChartFrame, field: String) -> Value {
        var axis: Record = [
            "field": .string(field), "type": "quantitative", "title": .string(VegaAxes.title(frame.chart.yLabel)),
            "scale": ["domain": [.double(frame.y.low), .double(frame.y.high)], "nice": false, "zero": false],
        ]
        if frame.chart.mark == .bars || frame.chart.mark == .histogram { axis["stack"] = Value.null }
        if frame.chart.mark != .bars, frame.chart.mark != .dots {
            axis["axis"] = ["titleLimit": .integer(Int(ChartVega.height))]
        }
        return .record(axis)
    }
}
