internal import Tables

/// Letters for points that have names, and the list that says what each letter is.
struct PointKey {
    /// Longer lists are no longer read.
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    private struct Entry {
        let letter: Character
        let point: Chart.Point
        let isOnFront: Bool
    }

    private var entries: [Entry] = []
    private var marks: [Int: [Int: Character]] = [:]
    /// Points whose names have no room.
    private var unnamed = 0

    /// All points that have names get letters, by rising x; where they are too many, those of the front do.
    init(_ frame: ChartFrame) {
        var named: [(series: Int, index: Int, point: Chart.Point)] = []
        for (number, series) in frame.series.enumerated() {
            for (index, point) in series.points.enumerated() where point.label?.isEmpty == false {
                named.append((number, index, point))
            }
        }
        let all = named.count
        if all > Self.letters.count { named = named.filter { frame.isOnFront($0.series, $0.index) } }
        named.sort { a, b in
            let (x, y) = (frame.place(a.point), frame.place(b.point))
            return x == y ? (a.series, a.index) < (b.series, b.index) : x < y
        }
        for (letter, place) in zip(Self.letters, named) {
            let isOnFront = frame.isOnFront(place.series, place.index)
            entries.append(Entry(letter: letter, point: place.point, isOnFront: isOnFront))
            marks[place.series, default: [:]][place.index] = letter
        }
        unnamed = all - entries.count
    }

    /// The letter of a point; nil where it has none.
    func mark(_ series: Int, _ point: Int) -> Character? { marks[series]?[point] }

    /// What the letters mean: name, x and y, and whether the point is on the front.
    func lines(_ frame: ChartFrame, _ style: TextStyle) -> [String] {
        guard !entries.isEmpty else { return Self.note(unnamed, style) }
        let heights = entries.map(\.point.y)
        let marksFront = !frame.front.isEmpty
        var table = [["", "", CellText.oneLine(frame.chart.xLabel), CellText.oneLine(frame.chart.yLabel), ""]]
        for entry in entries {
            let x =
                switch entry.point.x {
                case .quantity(let value): Number.double(value).grouped
                case .category(let name): CellText.oneLine(name)
                }
            table.append([
                String(entry.letter), CellText.oneLine(entry.point.label ?? ""), x,
                BarsText.text(entry.point.y, among: heights),
                entry.isOnFront ? "front" : "",
            ])
        }
        let ends = marksFront ? 7 : 0
        // Numbers are whole as long as the names keep some room; what numbers are called may be cut.
        let room = style.width - 6 - ends
        let numbers = [2, 3].map { column in table.dropFirst().map { TextWidth.of($0[column]) }.max() ?? 0 }
        let areWhole = room - numbers[0] - numbers[1] >= 4
        let most = [
            1, areWhole ? max(4, room - numbers[0] - numbers[1]) : max(4, room / 2),
            areWhole ? numbers[0] : max(3, room / 4), areWhole ? numbers[1] : max(3, room / 4),
        ]
        let columns = (0..<4).map { column in min(table.map { TextWidth.of($0[column]) }.max() ?? 0, most[column]) }
        return table.map { row in
            var line = ""
            for column in 0..<4 {
                let cell = TextWidth.cut(row[column], to: columns[column])
                line += TextWidth.fill(cell, to: columns[column], right: column > 1) + (column == 0 ? " " : "  ")
            }
            return TextAxis.trimmed(line + row[4])
        } + Self.note(unnamed, style)
    }

    private static func note(_ unnamed: Int, _ style: TextStyle) -> [String] {
        guard unnamed > 0 else { return [] }
        let count = Number.integer(Int64(unnamed)).grouped
        return TextWidth.wrap("\(count) points are not named here.", to: style.width)
    }
}
