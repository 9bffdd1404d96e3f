internal import Notebook
internal import PipelineRuntime
internal import PipelineSyntax

/// The code cells of a notebook with what checking found. After a change only those are checked anew that the change
/// can matter to.
struct CheckedCells {
    struct Cell {
        let analysis: CellAnalysis
        let diagnostics: [Diagnostic]
        /// The names that it binds, with what is known of them.
        let bound: [String: StaticType]
        /// What was known of the names from above that it mentions.
        let used: [String: StaticType]
        /// The data files whose columns were asked for.
        let files: [NotedSchemas.Question: Columns?]
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
        var names: [String: StaticType] = [:]
        // A message may name any name from above ("did you mean"), not only those that the cell mentions.
        var isAboveSame = true
        checkedCount = 0
        for (index, source) in sources.enumerated() {
            let before = known.indices.contains(index) ? known[index] : nil
            let analysis =
                before.flatMap { $0.analysis.program.source.text == source ? $0.analysis : nil }
                ?? CellAnalysis(
                    source: source, number: index + 1, builtins: surroundings.builtins, isFingerprinted: false)
            var used: [String: StaticType] = [:]
            for name in analysis.mentioned { used[name] = names[name] }
            let cell: Cell
            if let before, before.analysis.program.source.text == source, before.used == used,
                before.diagnostics.isEmpty || isAboveSame,
                before.files.allSatisfy({ schemas.answer($0.key) == $0.value })
            {
                cell = before
            } else {
                cell = Self.checked(analysis, check, names, used, schemas)
                checkedCount += 1
            }
            if before?.bound != cell.bound { isAboveSame = false }
            names.merge(cell.bound) { $1 }
            updated.append(cell)
        }
        cells = updated
    }

    /// What is known of the names that the cells above a cell bind.
    /// - Parameter index: the cell's, from 0.
    func names(above index: Int) -> [String: StaticType] {
        var names: [String: StaticType] = [:]
        for cell in cells.prefix(max(0, index)) { names.merge(cell.bound) { $1 } }
        return names
    }

    private static func checked(
        _ analysis: CellAnalysis, _ check: CellCheck, _ names: [String: StaticType], _ used: [String: StaticType],
        _ schemas: NotedSchemas
    ) -> Cell {
        _ = schemas.takeNotes()
        // The names that it mentions are all that a right cell needs: copying those of thousands of cells for each
        // would cost more than checking it.
        var result = check.check(analysis, names: used)
        if !result.diagnostics.isEmpty { result = check.check(analysis, names: names) }
        return Cell(
            analysis: analysis, diagnostics: result.diagnostics, bound: result.bound, used: used,
            files: schemas.takeNotes())
    }
}
