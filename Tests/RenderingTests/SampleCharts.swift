import Tables

/// Charts that the tests of all renderings draw.
enum SampleCharts {
    static let models = Chart(
        mark: .bars, xLabel: "model", yLabel: "correct, mean with its 95 % interval", yRange: 0...1,
        series: [
            Chart.Series(
                name: "correct",
                points: [
                    Chart.Point(x: .category("student"), y: 0, interval: 0...0.013),
                    Chart.Point(x: .category("tuned"), y: 0.733, interval: 0.681...0.78),
                    Chart.Point(x: .category("cora"), y: 0.853, interval: 0.809...0.889),
                ])
        ])

    /// Two falling lines of 500 points, without any randomness.
    static let losses = Chart(
        mark: .line, title: "Loss of tuned", xLabel: "step", yLabel: "loss",
        series: [
            Chart.Series(
                name: "train",
                points: (1...500).map { step in
                    let wave = Double((step * 7919) % 97) / 97 - 0.5
                    return Chart.Point(
                        x: .quantity(Double(step)), y: 0.3 + 2.2 / (1 + Double(step) / 40) + wave * 0.15)
                }),
            Chart.Series(
                name: "validation",
                points: (1...500).map { step in
                    step % 97 == 0
                        ? nil
                        : Chart.Point(x: .quantity(Double(step)), y: 0.6 + 1.9 / (1 + Double(step) / 60))
                }),
        ])

    static let points = Chart(
        mark: .points, xLabel: "rows", yLabel: "score",
        series: [
            Chart.Series(
                name: "score",
                points: [(50, 0.41), (100, 0.58), (200, 0.7), (400, 0.74)].map { x, y in
                    Chart.Point(x: .quantity(x), y: y, interval: (y - 0.06)...(y + 0.05))
                })
        ])

    static let empty = Chart(
        mark: .line, title: "Nothing", xLabel: "step", yLabel: "loss",
        series: [Chart.Series(name: "loss", points: [nil, nil])])

    /// Bars in groups, with values below zero.
    static let changes = Chart(
        mark: .bars, title: "Change against before", xLabel: "intent", yLabel: "points",
        series: [
            Chart.Series(
                name: "tuned",
                points: [Chart.Point(x: .category("track"), y: -12), Chart.Point(x: .category("cancel"), y: 31)]),
            Chart.Series(name: "cora", points: [Chart.Point(x: .category("track"), y: 4)]),
        ])

    static let onePoint = Chart(
        mark: .line, xLabel: "step", yLabel: "loss",
        series: [Chart.Series(name: "loss", points: [Chart.Point(x: .quantity(1), y: 0.7)])])

    /// Names that have no room, and that would leave the chart if they were taken literally.
    static let longNames: Chart = {
        let name = String(repeating: "a very long\nname\u{1B}[31m ", count: 9)
        return Chart(
            mark: .line, title: name, xLabel: name, yLabel: name,
            series: ["", "2 "].map { start in
                Chart.Series(
                    name: start + name,
                    points: [Chart.Point(x: .category(name), y: 4), Chart.Point(x: .category("b"), y: 12)])
            })
    }()

    static let all = [models, losses, points, empty, changes, onePoint, longNames]
}
