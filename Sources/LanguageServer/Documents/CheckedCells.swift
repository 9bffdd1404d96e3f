internal import Notebook
internal import PipelineRuntime
internal import PipelineSyntax

/// The code cells of a notebook with what checking found. After a change only those are checked anew that the change
/// can matter to.
struct CheckedCells {
    struct Cell {
        let analysis: CellAnalysis
        /// What was found of the cell alone.
        let result: CellCheck.Result
        /// The names from above that it mentions.
        let used: [String: CellCheck.Bound]
        /// The data files whose columns were asked for.
        let files: [NotedSchemas.Question: Columns?]
        /// What is told of it, the cells below considered.
        var diagnostics: [Diagnostic] = []
    }

    private(set) var cells: [Cell] = []
    /// How many cells the last update checked.
    private(set) var checkedCount = 0
    private var kernel: String?

    /// Takes the cells as they are now.
    mutating func update(
        _ sources: [String], kernel: String, in surroundings: Surroundings, _ folder: Surroundings.Folder
    ) {
        let schemas = NotedSchemas(folder.schemas)
        let check = CellCheck(
            builtins: surroundings.builtins, schemas: schemas, kernel: surroundings.kernel(kernel))
        let known = self.kernel == kernel ? cells : []
        self.kernel = kernel
        var updated: [Cell] = []
        updated.reserveCapacity(sources.count)
        var names: [String: CellCheck.Bound] = [:]
        // A message may name any name from above ("did you mean"), not only those that the cell mentions.
        var isAboveSame = true
        checkedCount = 0
        for (index, source) in sources.enumerated() {
            let before = known.indices.contains(index) ? known[index] : nil
            let analysis =
                before.flatMap { $0.analysis.program.source.text == source ? $0.analysis : nil }
                ?? CellAnalysis(
                    source: source, number: index + 1, builtins: surroundings.builtins, isFingerprinted: false)
            var used: [String: CellCheck.Bound] = [:]
            for name in analysis.mentioned { used[name] = names[name] }
            let cell: Cell
            if let before, before.analysis.program.source.text == source,
                before.used.mapValues(\.type) == used.mapValues(\.type),
                before.result.diagnostics.isEmpty || isAboveSame,
                before.files.allSatisfy({ schemas.answer($0.key) == $0.value })
            {
                cell = before
            } else {
                cell = Self.checked(analysis, check, names, used, schemas)
                checkedCount += 1
            }
            if before?.result.bound != cell.result.bound { isAboveSame = false }
            names.merge(cell.result.bound) { $1 }
            updated.append(cell)
        }
        let told = NotebookCheck(updated.map(\.analysis), updated.map(\.result)).ownDiagnostics
        for (index, diagnostics) in told.enumerated() { updated[index].diagnostics = diagnostics }
        cells = updated
    }

    /// What is known of the names that the cells above a cell bind.
    /// - Parameter index: the cell's, from 0.
    func names(above index: Int) -> [String: CellCheck.Bound] {
        var names: [String: CellCheck.Bound] = [:]
        for cell in cells.prefix(max(0, index)) { names.merge(cell.result.bound) { $1 } }
        return names
    }

    private static func checked(
        _ analysis: CellAnalysis, _ check: CellCheck, _ names: [String: CellCheck.Bound],
        _ used: [String: CellCheck.Bound],
        _ schemas: NotedSchemas
    ) -> Cell {
        _ = schemas.takeNotes()
        // The names that it mentions are all that a right cell needs: copying those of thousands of cells for each
        // would cost more than checking it.
        var result = check.check(analysis, above: used)
        if !result.diagnostics.isEmpty { result = check.check(analysis, above: names) }
        return Cell(
            analysis: analysis, result: result, used: used,
            files: schemas.takeNotes())
    }
}
