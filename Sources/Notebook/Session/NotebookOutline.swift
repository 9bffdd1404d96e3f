internal import PipelineSyntax

/// The code cells of a notebook as programs, and which cell defines what another reads.
struct NotebookOutline {
    /// In order; a cell's number is its place plus 1.
    let cells: [CellAnalysis]
    /// For each cell: name that it reads → number of the nearest cell above that binds it.
    let definitions: [[String: Int]]

    init(_ cells: [CellAnalysis]) {
        self.cells = cells
        var nearest: [String: Int] = [:]
        var definitions: [[String: Int]] = []
        definitions.reserveCapacity(cells.count)
        for cell in cells {
            var read: [String: Int] = [:]
            for name in cell.mentioned { read[name] = nearest[name] }
            definitions.append(read)
            for name in cell.bound { nearest[name] = cell.number }
        }
        self.definitions = definitions
        last = nearest
    }

    /// Name → the last cell that binds it: what a new cell at the end would read.
    let last: [String: Int]

    /// The numbers of all cells that a cell needs, directly or through others, in order.
    func ancestors(of number: Int) -> [Int] { ancestors(of: [number]) }

    /// The numbers of all cells that some cells need, directly or through others, in order.
    func ancestors(of numbers: some Sequence<Int>) -> [Int] {
        var needed: Set<Int> = []
        var open = Array(numbers)
        while let next = open.popLast() {
            for definer in definitions[next - 1].values where needed.insert(definer).inserted { open.append(definer) }
        }
        return needed.sorted()
    }

    /// The numbers of all cells that read from a cell, directly or through others, in order.
    func descendants(of number: Int) -> [Int] {
        var reached: Set<Int> = [number]
        for cell in cells.dropFirst(number) where definitions[cell.number - 1].values.contains(where: reached.contains)
        {
            reached.insert(cell.number)
        }
        return reached.subtracting([number]).sorted()
    }
}
