internal import OrderedCollections
internal import Tables

/// A table of counts in Vega-Lite: shaded cells with numbers, the diagonal framed.
enum VegaMatrix {
    static func specification(of matrix: MatrixFrame) -> Value {
        let chart = matrix.chart
        var fields = ChartVega.page(chart, notes: chart.notes + (chart.caption.map { [$0] } ?? []))
        let values = matrix.rows.indices.flatMap { row in
            matrix.columns.indices.map { column -> Value in
                [
                    "row": VegaAxes.name(matrix.rows[row]), "column": VegaAxes.name(matrix.columns[column]),
                    "count": .double(matrix.counts[row][column]), "share": .double(matrix.share(row, column)),
                    "text": .string(matrix.text(row, column)), "agrees": .bool(matrix.isDiagonal(row, column)),
                ]
            }
        }
        let shades: [Value] = stride(from: 0.0, through: 1, by: 0.125).map { .string(ChartPalette.shade($0)) }
        let widest = matrix.counts.joined().map { Number.double($0).grouped.count }.max() ?? 1
        fields["width"] = ["step": .integer(max(44, 14 + 7 * widest))]
        fields["height"] = ["step": 26]
        fields["data"] = ["values": .list(values)]
        fields["encoding"] = [
            "y": axis("row", chart.yLabel, matrix.rows), "x": axis("column", chart.xLabel, matrix.columns),
        ]
        fields["layer"] = [
            [
                "mark": ["type": "rect", "stroke": "#E8E8E8", "tooltip": true],
                "encoding": [
                    "color": [
                        "field": "share", "type": "quantitative", "title": "share of row",
                        "scale": ["domain": [0, 1], "range": .list(shades), "interpolate": "rgb"],
                        "legend": ["format": ".0%", "gradientLength": 120],
                    ]
                ],
            ],
            [
                "transform": [["filter": "datum.agrees"]],
                "mark": ["type": "rect", "filled": false, "stroke": "#222222", "strokeWidth": 1.5],
            ],
            [
                "mark": ["type": "text", "fontSize": 11],
                "encoding": [
                    "text": ["field": "text", "type": "nominal"],
                    "color": [
                        "condition": ["test": .string("datum.share > \(ChartPalette.darkest)"), "value": "#FFFFFF"],
                        "value": "#000000",
                    ],
                ],
            ],
        ]
        return .record(fields)
    }

    private static func axis(_ field: String, _ title: String, _ names: [String]) -> Value {
        var look: Record = ["labelLimit": 160, "grid": false]
        if field == "column" {
            look["labelAngle"] = -45
        } else {
            look["titleLimit"] = .integer(max(80, 26 * names.count))
        }
        return [
            "field": .string(field), "type": "nominal", "title": .string(VegaAxes.title(title)), "sort": nil,
            "scale": ["domain": .list(names.map(VegaAxes.name))], "axis": .record(look),
        ]
    }
}
