/// A grid of characters with 2 × 4 braille dots each; characters may be laid over the dots.
struct BrailleGrid {
    /// Dots across and down.
    let columns: Int
    let rows: Int

    private struct Cell {
        var dots: UInt32 = 0
        var over: Character?
        var owner = 0
    }

    private let width: Int
    private var cells: [Cell]

    /// - Parameters: characters across and down.
    init(width: Int, height: Int) {
        self.width = width
        columns = width * 2
        rows = height * 4
        cells = Array(repeating: Cell(), count: width * height)
    }

    /// The bits of U+2800…U+28FF, by row and column of the dot.
    private static let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

    /// A dot, counted from the top left; `owner` gives the character its colour.
    mutating func dot(_ column: Int, _ row: Int, owner: Int) {
        guard (0..<columns).contains(column), (0..<rows).contains(row) else { return }
        let index = row / 4 * width + column / 2
        cells[index].dots |= Self.bits[row % 4][column % 2]
        cells[index].owner = owner
    }

    /// A line of dots.
    mutating func line(from start: (Int, Int), to end: (Int, Int), owner: Int) {
        let steps = max(abs(end.0 - start.0), abs(end.1 - start.1), 1)
        for step in 0...steps {
            let share = Double(step) / Double(steps)
            dot(
                start.0 + Int((Double(end.0 - start.0) * share).rounded()),
                start.1 + Int((Double(end.1 - start.1) * share).rounded()), owner: owner)
        }
    }

    /// A character over the dots of the cell in which a dot lies.
    mutating func lay(_ character: Character, over column: Int, _ row: Int, owner: Int) {
        guard (0..<columns).contains(column), (0..<rows).contains(row) else { return }
        let index = row / 4 * width + column / 2
        cells[index].over = character
        cells[index].owner = owner
    }

    /// What was laid over the dots of the cell in which a dot lies.
    func character(over column: Int, _ row: Int) -> Character? {
        guard (0..<columns).contains(column), (0..<rows).contains(row) else { return nil }
        return cells[row / 4 * width + column / 2].over
    }

    /// A row of characters from the top, in runs of one owner.
    func runs(_ row: Int) -> [(text: String, owner: Int)] {
        var runs: [(text: String, owner: Int)] = []
        for cell in cells[row * width..<(row + 1) * width] {
            let dots = Unicode.Scalar(0x2800 + cell.dots).map(Character.init) ?? " "
            let character = cell.over ?? (cell.dots == 0 ? " " : dots)
            if character == " " || runs.last?.owner == cell.owner, !runs.isEmpty {
                runs[runs.count - 1].text.append(character)
            } else {
                runs.append((String(character), cell.owner))
            }
        }
        return runs
    }
}
