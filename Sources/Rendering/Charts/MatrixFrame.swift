internal import OrderedCollections
internal import Tables

/// What all drawings of a table of counts have in common.
struct MatrixFrame {
    let chart: Chart
    /// The names of the rows, from the top.
    let rows: [String]
    /// The names of the columns: those of the rows first.
    let columns: [String]
    /// `counts[row][column]`.
    let counts: [[Double]]
    /// How many of each row agree, where that is not what lies on the diagonal.
    private let agreeing: [Double?]

    init(_ chart: Chart) {
        self.chart = chart
        var columns: OrderedSet<String> = []
        for point in chart.series.flatMap(\.points) {
            if case .category(let name) = point.x { columns.append(name) }
        }
        let places = columns
        agreeing = chart.series.map { series in
            series.points.first { $0.x == .category(series.name) }?.label.flatMap { Double($0) }
        }
        rows = chart.series.map(\.name)
        self.columns = Array(columns)
        counts = chart.series.map { series in
            var row = Array(repeating: 0.0, count: places.count)
            for point in series.points {
                guard case .category(let name) = point.x, let place = places.firstIndex(of: name) else { continue }
                row[place] += point.y
            }
            return row
        }
    }

    /// How many a row has.
    func total(_ row: Int) -> Double { counts[row].reduce(0, +) }

    /// A cell's share of its row, by which it is shaded: rare truths can be read as well as frequent ones.
    func share(_ row: Int, _ column: Int) -> Double {
        let total = total(row)
        return total > 0 ? min(1, max(0, counts[row][column] / total)) : 0
    }

    /// Whether a cell's row and column have one name.
    func isDiagonal(_ row: Int, _ column: Int) -> Bool { rows[row] == columns[column] }

    /// The share of a row that agrees; nil where the row has nothing.
    func agreement(_ row: Int) -> Double? {
        guard total(row) > 0 else { return nil }
        if let agreeing = agreeing[row] { return min(1, max(0, agreeing / total(row))) }
        return columns.firstIndex(of: rows[row]).map { share(row, $0) } ?? 0
    }

    /// A cell's text; nothing where nothing is counted.
    func text(_ row: Int, _ column: Int) -> String {
        counts[row][column] == 0 ? "" : Number.double(counts[row][column]).grouped
    }

    /// The share of agreement, for people.
    func agreementText(_ row: Int) -> String {
        agreement(row).map { "\(Number.fixed(100 * $0, decimals: 0)) %" } ?? "–"
    }
}
