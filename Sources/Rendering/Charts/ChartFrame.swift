internal import OrderedCollections
internal import Tables

/// What all drawings of a chart have in common: which points they show, over which scales.
struct ChartFrame {
    /// More categories than that are no longer read as bars.
    private static let mostBarCategories = 60

    let chart: Chart
    /// The chart's series; lines sorted by x.
    let series: [Chart.Series]
    /// The names on the x axis in order; nil where x is a number.
    let categories: [String]?
    /// The points of the Pareto front, by series and place in it, with rising x.
    let front: [(series: Int, point: Int)]
    let x: ChartScale
    let y: ChartScale
    /// What is not to be seen, a sentence each.
    let notes: [String]

    /// What the bins have in common, where this is a histogram.
    let bins: Chart.Bins?

    private let places: [String: Int]
    private let onFront: [Int: Set<Int>]

    /// - Parameters:
    ///   - xTicks: how many ticks the x axis has room for.
    ///   - yTicks: the same for the y axis.
    init(_ chart: Chart, xTicks: Int = 8, yTicks: Int = 6) {
        self.chart = chart
        var notes = chart.notes + (chart.caption.map { [$0] } ?? [])
        let points = chart.series.flatMap(\.points)
        var categories: OrderedSet<String> = []
        for point in points { if case .category(let name) = point.x { categories.append(name) } }
        var series = chart.series
        let isNamed = chart.mark == .bars || chart.mark == .dots
        if isNamed, categories.count > Self.mostBarCategories {
            let more = Number.integer(Int64(categories.count - Self.mostBarCategories)).grouped
            notes.append("… \(more) more of \(Number.integer(Int64(categories.count)).grouped) categories")
            categories = OrderedSet(categories.prefix(Self.mostBarCategories))
            series = series.map {
                Self.keeping($0) { if case .category(let name) = $0.x { categories.contains(name) } else { false } }
            }
        }
        if chart.mark == .line {
            series = series.map { line in
                Chart.Series(name: line.name, points: line.points.enumerated().sorted(by: Self.isLeft).map(\.element))
            }
        }
        self.series = series
        front = chart.front
        onFront = Dictionary(grouping: front, by: \.series).mapValues { Set($0.map(\.point)) }
        self.categories = isNamed || chart.mark == .matrix || !categories.isEmpty ? Array(categories) : nil
        places = Dictionary(zip(categories, categories.indices), uniquingKeysWith: { first, _ in first })
        let shown = series.flatMap(\.points)
        let numbers = shown.compactMap { if case .quantity(let value) = $0.x { value } else { nil } }
        bins = chart.mark == .histogram ? chart.bins ?? Chart.Bins(width: 1, areWhole: false) : nil
        let edges = bins.map { bins in numbers.flatMap { [Self.edge($0, bins), Self.edge($0, bins) + bins.width] } }
        x =
            self.categories.map { ChartScale(categories: $0.count) }
            ?? ChartScale(
                edges ?? numbers, ends: chart.mark == .line || edges != nil ? .tight : .loose, about: xTicks,
                isWhole: bins?.areWhole)
        var heights = shown.flatMap { [$0.y, $0.interval?.lowerBound ?? $0.y, $0.interval?.upperBound ?? $0.y] }
        // Room for the counts above the bars.
        if bins != nil, let highest = heights.max() { heights.append(highest * 1.07) }
        y = ChartScale(
            heights, ends: chart.yRange.map { .fixed($0) } ?? .round, about: yTicks,
            includesZero: chart.mark == .bars || chart.mark == .histogram || Self.isNearZero(heights),
            isWhole: bins == nil ? nil : true)
        if !front.isEmpty {
            let (less, more) = (TextWidth.cut(chart.xLabel, to: 40), TextWidth.cut(chart.yLabel, to: 40))
            notes.append(
                "Pareto front: \(front.count) of \(chart.pointCount). Less \(less) and more \(more) "
                    + "are better; no other point beats these in one without losing in the other.")
        }
        self.notes = notes
    }

    /// Where a point stands on the x scale.
    func place(_ point: Chart.Point) -> Double {
        switch point.x {
        case .quantity(let value): value
        case .category(let name): Double(places[name] ?? 0)
        }
    }

    /// A bin's low and high edge on the x scale; a whole number stands in the middle of its bin.
    func edges(_ point: Chart.Point) -> (low: Double, high: Double) {
        guard let bins else { return (place(point), place(point)) }
        let low = Self.edge(place(point), bins)
        return (low, low + bins.width)
    }

    private static func edge(_ low: Double, _ bins: Chart.Bins) -> Double {
        bins.areWhole && bins.width == 1 ? low - 0.5 : low
    }

    /// The numbers that a bin holds, as text.
    func binLabel(_ point: Chart.Point) -> String {
        guard let bins else { return "" }
        let low = place(point)
        if bins.areWhole {
            return bins.width == 1
                ? Number.double(low).grouped
                : "\(Number.double(low).grouped) – \(Number.double(low + bins.width - 1).grouped)"
        }
        return "\(ChartScale.label(low, step: bins.width)) – \(ChartScale.label(low + bins.width, step: bins.width))"
    }

    /// Whether a point of a series is on the Pareto front.
    func isOnFront(_ series: Int, _ point: Int) -> Bool { onFront[series]?.contains(point) ?? false }

    /// The text at a tick of the x axis.
    func xLabel(_ tick: Double) -> String {
        guard let categories else { return x.label(tick) }
        return Int(exactly: tick).flatMap { categories.indices.contains($0) ? categories[$0] : nil } ?? ""
    }

    /// The y scale is drawn from zero where that costs little of its height.
    private static func isNearZero(_ heights: [Double]) -> Bool {
        guard let low = heights.min(), let high = heights.max() else { return true }
        return low >= 0 && low <= 0.3 * high || high <= 0 && high >= 0.3 * low
    }

    private static func keeping(_ series: Chart.Series, _ isKept: (Chart.Point) -> Bool) -> Chart.Series {
        Chart.Series(name: series.name, points: series.points.filter(isKept))
    }

    private static func isLeft(_ a: (offset: Int, element: Chart.Point), _ b: (offset: Int, element: Chart.Point))
        -> Bool
    {
        guard case .quantity(let x) = a.element.x, case .quantity(let y) = b.element.x, x != y else {
            return a.offset < b.offset
        }
        return x < y
    }
}
