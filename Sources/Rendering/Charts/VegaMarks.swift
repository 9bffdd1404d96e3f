internal import OrderedCollections
internal import Tables

/// The layers of a Vega-Lite chart; series are told apart by colour and, besides, by shape, dashes or their name.
enum VegaMarks {
    static func layers(_ frame: ChartFrame) -> [Value] {
        // Nothing stands outside an axis that follows the data; clipping would only halve the dots at its ends.
        let isClipped = Value.bool(frame.chart.yRange != nil)
        let spans = frame.series.contains { $0.points.contains { $0.interval != nil } } ? intervals(frame) : []
        switch frame.chart.mark {
        case .bars:
            return [
                [
                    "mark": ["type": "bar", "clip": isClipped, "tooltip": true],
                    "encoding": .record(series(frame, shape: false, offset: true)),
                ]
            ] + spans + [texts(frame)]
        case .line:
            let isMarked = frame.series.count > 1 || frame.series.contains { $0.points.count <= VegaRows.mostMarks }
            return [
                [
                    "mark": ["type": "line", "clip": isClipped, "tooltip": true, "strokeWidth": 2],
                    "encoding": .record(series(frame, shape: false, dash: true)),
                ]
            ] + (isMarked ? [points(frame, "datum.marked", isFilled: true)] : []) + spans
        case .points:
            guard !frame.front.isEmpty else { return [points(frame, nil, isFilled: true)] + spans + names(frame) }
            return [stairs(frame)] + spans
                + [points(frame, "!datum.front", isFilled: false), points(frame, "datum.front", isFilled: true)]
                + names(frame)
        case .histogram: return bins(frame)
        case .dots: return [rules(frame)] + spans + [points(frame, nil, isFilled: true)]
        case .matrix: return []
        }
    }

    // MARK: Series

    /// Colour, shape and dashes by series.
    private static func series(
        _ frame: ChartFrame, shape: Bool, dash: Bool = false, offset: Bool = false
    ) -> Record {
        guard frame.series.count > 1 else { return ["color": ["value": .string(ChartPalette.colour(0))]] }
        let domain = Value.list(frame.series.map { VegaAxes.name($0.name) })
        let styles = frame.series.indices.map(SeriesStyle.init)
        func channel(_ range: [Value]) -> Value {
            [
                "field": "series", "type": "nominal", "title": nil, "scale": ["domain": domain, "range": .list(range)],
                "legend": ["orient": "top", "columns": 4, "symbolSize": 90, "labelLimit": 240],
            ]
        }
        var fields: Record = ["color": channel(styles.map { .string($0.colour) })]
        if shape { fields["shape"] = channel(styles.map { .string($0.shape.rawValue) }) }
        if dash {
            // No dashes are written as one without a gap; the legend shows the shapes.
            fields["strokeDash"] = [
                "field": "series", "type": "nominal", "legend": nil,
                "scale": [
                    "domain": domain,
                    "range": .list(
                        styles.map { .list($0.dash.isEmpty ? [1, 0] : $0.dash.map { .double($0) }) }),
                ],
            ]
        }
        if offset { fields["yOffset"] = ["field": "series", "type": "nominal", "scale": ["domain": domain]] }
        return fields
    }

    // MARK: Marks

    private static func points(_ frame: ChartFrame, _ filter: String?, isFilled: Bool) -> Value {
        let count = frame.series.map(\.points.count).max() ?? 0
        let isLine = frame.chart.mark == .line
        let isDense = !isLine && count > 300
        var mark: Record = [
            "type": "point", "filled": .bool(isFilled),
            "size": .integer(frame.chart.mark == .dots ? 90 : isDense ? count > 2_000 ? 8 : 18 : isLine ? 70 : 55),
            "opacity": .double(isDense ? 0.5 : 1), "tooltip": true,
        ]
        if isFilled, !isDense {
            // A rim, so that points that overlap stay apart.
            mark["stroke"] = "white"
            mark["strokeWidth"] = 1
        }
        var encoding = series(frame, shape: true)
        if frame.series.contains(where: { $0.points.contains { $0.label != nil } }) {
            // Names that have no room are told when their point is pointed at.
            encoding["tooltip"] = [
                ["field": "label", "type": "nominal", "title": "name"],
                [
                    "field": "x", "type": frame.categories == nil ? "quantitative" : "nominal",
                    "title": .string(VegaAxes.title(frame.chart.xLabel)),
                ],
                ["field": "y", "type": "quantitative", "title": .string(VegaAxes.title(frame.chart.yLabel))],
            ]
        }
        var layer: Record = ["mark": .record(mark), "encoding": .record(encoding)]
        if let filter { layer["transform"] = [["filter": .string(filter)]] }
        return .record(layer)
    }

    /// A rule from low to high over the mark, with a cap at each end.
    private static func intervals(_ frame: ChartFrame) -> [Value] {
        // On a bar a light rim keeps the rule visible.
        guard frame.chart.mark == .bars else { return interval(frame, colour: nil, width: 1.5) }
        return interval(frame, colour: "#FFFFFF", width: 4) + interval(frame, colour: "#222222", width: 1.5)
    }

    private static func interval(_ frame: ChartFrame, colour: String?, width: Double) -> [Value] {
        let lies = frame.chart.mark == .bars || frame.chart.mark == .dots
        let axis = lies ? "x" : "y"
        let isClipped = Value.bool(frame.chart.yRange != nil)
        func layer(_ mark: Record, _ ends: Record) -> Value {
            var encoding = series(frame, shape: false, offset: frame.chart.mark == .bars).merging(ends) { $1 }
            if let colour { encoding["color"] = ["value": .string(colour)] }
            return [
                "transform": [["filter": "isValid(datum.low)"]], "mark": .record(mark), "encoding": .record(encoding),
            ]
        }
        let rule = layer(
            ["type": "rule", "strokeWidth": .double(width), "clip": isClipped],
            [axis: VegaAxes.measure(frame, field: "low"), axis + "2": ["field": "high"]])
        return [rule]
            + ["low", "high"].map { end in
                layer(
                    [
                        "type": "tick", "orient": lies ? "vertical" : "horizontal", "size": .double(6 + width),
                        "thickness": .double(width), "clip": isClipped,
                    ], [axis: VegaAxes.measure(frame, field: end)])
            }
    }

    /// The bars' values at the right, and which series each one is: to be read where nothing can be pointed at.
    private static func texts(_ frame: ChartFrame) -> Value {
        var encoding = frame.series.count > 1 ? series(frame, shape: false, offset: true) : [:]
        encoding["color"] = ["value": "#444444"]
        encoding["x"] = ["value": "width"]
        encoding["text"] = ["field": "text", "type": "nominal"]
        return [
            "mark": ["type": "text", "align": "left", "dx": 8, "fontSize": 11, "limit": 220],
            "encoding": .record(encoding),
        ]
    }

    private static func bins(_ frame: ChartFrame) -> [Value] {
        let texts: Value = [
            "transform": [["filter": "datum.y > 0"]],
            "mark": ["type": "text", "dy": -6, "fontSize": 10, "color": "#444444"],
            "encoding": [
                "x": ["field": "middle", "type": "quantitative"], "text": ["field": "y", "type": "quantitative"],
            ],
        ]
        let bars: Value = [
            "mark": ["type": "rect", "stroke": "white", "strokeWidth": 1],
            "encoding": [
                "x2": ["field": "x2"], "y2": ["datum": 0], "color": ["value": .string(ChartPalette.colour(0))],
                "tooltip": [
                    ["field": "text", "type": "nominal", "title": .string(VegaAxes.title(frame.chart.xLabel))],
                    ["field": "y", "type": "quantitative", "title": .string(VegaAxes.title(frame.chart.yLabel))],
                ],
            ],
        ]
        guard let most = frame.series.map(\.points.count).max(), most <= 25 else { return [bars] }
        return [bars, texts.adding("calculate", "(datum.x + datum.x2) / 2", as: "middle")]
    }

    /// From the lowest to the highest dot of each name.
    private static func rules(_ frame: ChartFrame) -> Value {
        var ends: OrderedDictionary<String, (low: Double, high: Double)> = [:]
        for point in frame.series.flatMap(\.points) {
            guard case .category(let name) = point.x else { continue }
            let known = ends[name] ?? (point.y, point.y)
            ends[name] = (min(known.low, point.y), max(known.high, point.y))
        }
        return [
            "data": [
                "values": .list(
                    ends.map { ["x": VegaAxes.name($0.key), "y": .double($0.value.low), "y2": .double($0.value.high)] })
            ],
            "mark": ["type": "rule", "strokeWidth": 2, "color": "#9A9A9A"],
            "encoding": ["x2": ["field": "y2"]],
        ]
    }

    /// The stairs of the Pareto front.
    private static func stairs(_ frame: ChartFrame) -> Value {
        [
            "transform": [["filter": "datum.front"]],
            "mark": ["type": "line", "interpolate": "step-after", "strokeDash": [5, 3], "color": "#767676"],
        ]
    }

    /// Names beside points, a layer for each side: a name's place is the mark's, not the point's.
    private static func names(_ frame: ChartFrame) -> [Value] {
        guard frame.series.contains(where: { $0.points.contains { $0.label?.isEmpty == false } }) else { return [] }
        return LabelPlacement.Side.allCases.map { side in
            let isBeside = side == .right || side == .left
            let align = side.begins.map { $0 ? "left" : "right" } ?? "center"
            let dx = side.begins.map { ($0 ? 1 : -1) * (isBeside ? 8 : 6) } ?? 0
            let dy = side.isAbove ? -14 : side.isBelow ? 14 : 0
            return [
                "transform": [["filter": .string("datum.side === '\(side.rawValue)'")]],
                "mark": [
                    "type": "text", "align": .string(align), "baseline": "middle", "dx": .integer(dx),
                    "dy": .integer(dy), "fontSize": 11, "color": "#444444", "limit": 172,
                ],
                "encoding": ["text": ["field": "label", "type": "nominal"]],
            ]
        }
    }
}

extension Value {
    /// A layer with one transformation more, before its own.
    fileprivate func adding(_ kind: String, _ expression: String, as name: String) -> Value {
        guard case .record(var fields) = self else { return self }
        let own = fields["transform"]?.list ?? []
        fields["transform"] = .list([.record([kind: .string(expression), "as": .string(name)])] + own)
        return .record(fields)
    }
}
