internal import OrderedCollections
public import Tables

/// Charts as Vega-Lite specifications with their data inside, for front ends that draw them themselves.
///
/// Source: the Vega-Lite 5 reference, https://vega.github.io/vega-lite/docs/.
public enum ChartVega {
    /// The specification, as a record.
    public static func specification(of chart: Chart) -> Value {
        let frame = ChartFrame(chart)
        let isBars = chart.mark == .bars
        let points = frame.series.flatMap(\.points)
        var layers: [Value] = [mark(frame)]
        if points.contains(where: { $0.interval != nil }) { layers.append(intervals(frame)) }
        var fields: Record = [
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "background": "white",
            "width": isBars ? 480 : 560, "height": isBars ? ["step": frame.series.count > 1 ? 16 : 30] : 280,
            "data": ["values": .list(values(frame))], "encoding": encoding(frame), "layer": .list(layers),
            "config": [
                "view": ["stroke": nil], "font": "DejaVu Sans, sans-serif",
                "axis": [
                    "gridColor": "#E8E8E8", "domainColor": "#9A9A9A", "tickColor": "#9A9A9A", "labelColor": "#444444",
                    "titleColor": "#333333", "titleFontWeight": "normal", "labelLimit": 200, "titleLimit": 480,
                    "tickCount": 6,
                ],
            ],
        ]
        if chart.title != nil || !frame.notes.isEmpty {
            fields["title"] = [
                "text": .string(chart.title ?? ""), "subtitle": .list(frame.notes.map { .string($0) }),
                "anchor": "start", "limit": 560, "subtitleColor": "#767676", "subtitleFontSize": 11,
            ]
        }
        return .record(fields)
    }

    private static func values(_ frame: ChartFrame) -> [Value] {
        frame.series.flatMap { series in
            series.points.map { point in
                var row: Record = ["y": .double(point.y), "series": .string(series.name)]
                switch point.x {
                case .quantity(let value): row["x"] = .double(value)
                case .category(let name): row["x"] = .string(name)
                }
                if let interval = point.interval {
                    row["low"] = .double(interval.lowerBound)
                    row["high"] = .double(interval.upperBound)
                }
                return .record(row)
            }
        }
    }

    // MARK: Marks

    private static func mark(_ frame: ChartFrame) -> Value {
        // Nothing stands outside an axis that follows the data; clipping would only halve the dots at its ends.
        let isClipped = Value.bool(frame.chart.yRange != nil)
        return switch frame.chart.mark {
        case .bars: ["mark": ["type": "bar", "clip": isClipped, "tooltip": true]]
        case .line:
            // A line of one point would be nothing.
            [
                "mark": [
                    "type": "line", "clip": isClipped, "tooltip": true, "strokeWidth": 2,
                    "point": .bool(frame.series.contains { $0.points.count <= 30 }),
                ]
            ]
        case .points: ["mark": ["type": "point", "filled": true, "size": 45, "opacity": 0.8, "tooltip": true]]
        }
    }

    /// A rule from low to high over the mark.
    private static func intervals(_ frame: ChartFrame) -> Value {
        let isBars = frame.chart.mark == .bars
        let low = isBars ? "x" : "y"
        var encoding: Record = [
            low: measure(frame, field: "low"), low + "2": ["field": "high"],
        ]
        if isBars { encoding["color"] = ["value": "#333333"] }
        return [
            "transform": [["filter": "isValid(datum.low)"]],
            "mark": ["type": "rule", "strokeWidth": 1.5, "clip": .bool(frame.chart.yRange != nil)],
            "encoding": .record(encoding),
        ]
    }

    // MARK: Axes and colours

    private static func encoding(_ frame: ChartFrame) -> Value {
        let isBars = frame.chart.mark == .bars
        var fields: Record = [:]
        // Bars lie, so that there is room for their names.
        fields[isBars ? "y" : "x"] = place(frame)
        fields[isBars ? "x" : "y"] = measure(frame, field: "y")
        let names = frame.series.map { Value.string($0.name) }
        if frame.series.count > 1 {
            fields["color"] = [
                "field": "series", "type": "nominal", "title": nil,
                "scale": [
                    "domain": .list(names), "range": .list(names.indices.map { .string(ChartPalette.colour($0)) }),
                ],
                "legend": ["orient": "top", "columns": 4],
            ]
            if isBars {
                fields["yOffset"] = ["field": "series", "type": "nominal", "scale": ["domain": .list(names)]]
            }
        } else {
            fields["color"] = ["value": .string(ChartPalette.colour(0))]
        }
        return .record(fields)
    }

    private static func place(_ frame: ChartFrame) -> Value {
        var axis: Record = ["field": "x", "title": .string(frame.chart.xLabel)]
        if let categories = frame.categories {
            axis["type"] = "nominal"
            axis["scale"] = ["domain": .list(categories.map { .string($0) })]
            axis["sort"] = Value.null
            axis["axis"] =
                frame.chart.mark == .bars
                ? ["grid": false]
                : [
                    "grid": false, "labelAngle": 0, "labelOverlap": true,
                    "labelLimit": .integer(max(48, 560 / max(1, categories.count))),
                ]
        } else {
            axis["type"] = "quantitative"
            axis["scale"] = ["domain": [.double(frame.x.low), .double(frame.x.high)], "nice": false, "zero": false]
            axis["axis"] = ["grid": false]
        }
        return .record(axis)
    }

    private static func measure(_ frame: ChartFrame, field: String) -> Value {
        var axis: Record = [
            "field": .string(field), "type": "quantitative", "title": .string(frame.chart.yLabel),
            "scale": ["domain": [.double(frame.y.low), .double(frame.y.high)], "nice": false, "zero": false],
        ]
        if frame.chart.mark == .bars { axis["stack"] = Value.null }
        return .record(axis)
    }
}
