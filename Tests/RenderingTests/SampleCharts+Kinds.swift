import Tables

/// Histograms, dots, names, fronts and tables of counts, also of data that nobody would wish for.
extension SampleCharts {
    static let scores = Histogram.chart(
        of: (0..<297).map { row -> Value in .integer([0, 1, 1, 1, 2, 3, 3, 4, 4, 4, 5][row * 7919 % 11]) }
            + [.null, .null, .error(RowError("late"))],
        title: "Judged politeness", xLabel: "polite")

    static let seconds = Histogram.chart(
        of: (1...1_000).map { step in
            let share = Double(step * 7919 % 1_000) / 1_000
            return .double(0.18 + share * share * share * 2.4)
        }, xLabel: "sample.latency")

    /// Cost against quality of models.
    static let offers = Chart(
        mark: .points, title: "Cost against quality", xLabel: "cost", yLabel: "mean",
        series: [
            Chart.Series(
                name: "mean",
                points: [
                    ("student", 0.0004, 0.12), ("tuned", 0.0004, 0.733), ("gpt-4.1-nano", 0.09, 0.702),
                    ("gpt-4.1-mini", 0.41, 0.801), ("cora", 2.1, 0.853), ("gpt-4.1", 2.3, 0.841), ("o3", 3.9, 0.853),
                ].map { name, cost, score in
                    Chart.Point(x: .quantity(cost), y: score, interval: (score - 0.04)...(score + 0.035), label: name)
                })
        ], marksFront: true)

    static let latency = Chart(
        mark: .dots, title: "Latency", xLabel: "model", yLabel: "seconds",
        series: [
            Chart.Series(
                name: "p50",
                points: [("student", 0.21), ("tuned", 0.22), ("cora", 1.4)].map {
                    Chart.Point(x: .category($0.0), y: $0.1)
                }),
            Chart.Series(
                name: "p95",
                points: [("student", 0.35), ("tuned", 0.41), ("cora", 3.9)].map {
                    Chart.Point(x: .category($0.0), y: $0.1)
                }),
        ])

    /// Score against number of lessons.
    static let lessons = Chart(
        mark: .line, xLabel: "rows", yLabel: "score", yRange: 0...1,
        series: [
            Chart.Series(
                name: "score",
                points: [(25.0, 0.31), (50, 0.41), (100, 0.58), (200, 0.7), (400, 0.74)].map { x, y in
                    Chart.Point(x: .quantity(x), y: y, interval: (y - 0.06)...(y + 0.05))
                })
        ])

    static let intents = confusion(labels: 5, rows: 300)
    static let manyIntents = confusion(labels: 40, rows: 9_000)

    /// Answers that are right in about 4 of 5 cases, else the next label or nothing; without any randomness.
    private static func confusion(labels: Int, rows: Int) -> Chart {
        let names = ["cancel_order", "track_refund", "change_shipping_address", "get_invoice", "complaint"]
        func name(_ label: Int) -> Value { .string(label < 5 ? names[label] : "\(names[label % 5])_\(label / 5)") }
        let pairs = (0..<rows).map { row -> (truth: Value, prediction: Value) in
            let truth = (row * 7919 % (labels * 3)) % labels * ((row % 3) + 1) / 3
            let luck = row * 104_729 % 100
            if row % 61 == 0 { return (.null, name(truth)) }
            return (name(truth), luck < 80 ? name(truth) : luck < 95 ? name((truth + 1) % labels) : .null)
        }
        return ConfusionMatrix(pairs).chart(title: "Intents", truth: "intent", prediction: "output_json.intent")
    }

    // MARK: Nasty data

    /// 10,000 points, some of them without a value.
    static let cloud = Chart(
        mark: .points, xLabel: "tokens", yLabel: "seconds",
        series: [
            Chart.Series(
                name: "seconds",
                points: (0..<10_000).map { row in
                    let x = Double(row * 7919 % 10_007)
                    return row % 100 == 0
                        ? nil : Chart.Point(x: .quantity(x), y: x * 0.001 + Double(row * 104_729 % 997) / 300)
                })
        ])

    static let equal = Chart(
        mark: .points, title: "All the same", xLabel: "x", yLabel: "y",
        series: [
            Chart.Series(
                name: "y",
                points: ["a", "b", "c"].map { Chart.Point(x: .quantity(3), y: 0.5, label: $0) })
        ], marksFront: true)

    static let equalBins = Histogram.chart(of: Array(repeating: .double(0.5), count: 9), xLabel: "score")
    static let noBins = Histogram.chart(of: [.null, "x", .double(.nan)], title: "Nothing", xLabel: "score")
    static let hugeBins = Histogram.chart(of: [.double(-1e300), 0, .double(1e300)], xLabel: "x")
    static let noPairs = ConfusionMatrix([]).chart(truth: "intent", prediction: "answer")
    static let onePair = ConfusionMatrix([("a", .null)]).chart(truth: "intent", prediction: "answer")

    /// Names that have no room, in every place where there are names.
    static let longEverything: [Chart] = {
        let name = String(repeating: "a very long\nname\u{1B}[31m ", count: 6)
        let pairs = (0..<80).map { row -> (truth: Value, prediction: Value) in
            (.string("\(name)\(row % 9)"), .string("\(name)\(row % 7)"))
        }
        let named = (0..<40).map { row -> Chart.Point? in
            Chart.Point(x: .quantity(Double(row * 7 % 40)), y: Double(row * 11 % 37), label: "\(row) \(name)")
        }
        let bars = (0..<9).map { number -> Chart.Series in
            let point = Chart.Point(x: .category(name), y: Double(number), interval: -1...10)
            return Chart.Series(name: "\(number) \(name)", points: [point])
        }
        let runs = (0..<9).map { number -> Chart.Series in
            let points = (0..<(number % 2 == 0 ? 5 : 200)).map { step -> Chart.Point? in
                Chart.Point(x: .quantity(Double(step)), y: Double(number) + 1 / Double(step + 1))
            }
            return Chart.Series(name: "run \(number)", points: points)
        }
        let dots = ["", "2 "].map { start -> Chart.Series in
            let first = Chart.Point(x: .category(name), y: start.isEmpty ? 4 : -7, interval: -9...5)
            return Chart.Series(name: start + name, points: [first, Chart.Point(x: .category("b"), y: 12)])
        }
        return [
            ConfusionMatrix(pairs).chart(title: name, truth: name, prediction: name),
            Histogram.chart(of: [1, 2, .double(1e6)], title: name, xLabel: name),
            Chart(mark: .dots, title: name, xLabel: name, yLabel: name, series: dots),
            Chart(
                mark: .points, title: name, xLabel: name, yLabel: name,
                series: [Chart.Series(name: name, points: named)], marksFront: true),
            Chart(mark: .bars, title: name, xLabel: name, yLabel: name, series: bars),
            Chart(mark: .line, xLabel: "step", yLabel: "loss", series: runs),
        ]
    }()

    static let kinds =
        [
            scores, seconds, offers, latency, lessons, intents, manyIntents, cloud, equal, equalBins, noBins, hugeBins,
            noPairs, onePair,
        ] + longEverything
}
