internal import PipelineRuntime
public import PipelineSyntax
internal import Verbs

/// What checking a whole notebook says, from what checking its cells found: it needs to see the cells below, too.
public struct NotebookCheck {
    private let cells: [CellAnalysis]
    private let results: [CellCheck.Result]

    /// - Parameters:
    ///   - cells: in order.
    ///   - results: of each cell, what was found of it.
    public init(_ cells: [CellAnalysis], _ results: [CellCheck.Result]) {
        self.cells = cells
        self.results = results
    }

    /// Checks all cells.
    init(_ cells: [CellAnalysis], with check: CellCheck) {
        var above: [String: CellCheck.Bound] = [:]
        self.init(
            cells,
            cells.map { cell in
                let result = check.check(cell, above: above)
                above.merge(result.bound) { $1 }
                return result
            })
    }

    /// Mistakes and warnings of each cell, in the order of its text.
    public var diagnostics: [[Diagnostic]] {
        let unused = UnusedNames.find(
            in: cells.map(\.program), types: results.map { $0.bound.mapValues(\.type) },
            isWhole: cells.map(\.diagnostics.isEmpty), builtins: StandardLanguage.builtins)
        return zip(cells, zip(results, unused)).map { cell, found in
            (found.0.diagnostics.map { explainingLaterName($0, of: cell) } + found.1).enumerated().sorted {
                let (a, b) = ($0.element.place?.span.start ?? 0, $1.element.place?.span.start ?? 0)
                return (a, $0.offset) < (b, $1.offset)
            }.map(\.element)
        }
    }

    /// Those to tell to people who look for all: without cells that only wait for another one to be mended.
    public var ownDiagnostics: [[Diagnostic]] { diagnostics.map { $0.filter { $0.code != .missingState } } }

    /// A name that a cell further down binds is not unknown, but too early.
    private func explainingLaterName(_ mistake: Diagnostic, of cell: CellAnalysis) -> Diagnostic {
        guard mistake.code == .unknownName, let place = mistake.place else { return mistake }
        let name = place.source.text(of: place.span)
        guard let later = cells.dropFirst(cell.number).first(where: { $0.bound.contains(name) }) else { return mistake }
        var mistake = mistake
        mistake.message = "Expected a name bound above; `\(name)` is made further down, in cell \(later.number)."
        mistake.hint = "move cell \(later.number) above this one"
        mistake.replacement = nil
        return mistake
    }
}

extension NotebookSession {
    /// Mistakes to tell to those who look for all: without cells that only wait for another one to be mended.
    public func ownMistakes() -> [Int: [Diagnostic]] {
        check().compactMapValues { mistakes in
            let own = mistakes.filter { $0.code != .missingState }
            return own.isEmpty ? nil : own
        }
    }
}
