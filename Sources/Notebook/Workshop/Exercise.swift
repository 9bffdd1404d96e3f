public import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// A cell that learners work on: it was handed out with a hole or a check.
public struct Exercise: Sendable {
    /// How far a learner is with it.
    public enum Progress: String, Sendable, CaseIterable {
        /// As it was handed out.
        case open
        /// Worked on, but it does not run, or its check does not hold.
        case tried
        /// It ran as it stands, and its checks held.
        case solved
    }

    /// The cell's number, from 1.
    public let number: Int
    public let id: String
    /// The comment or the code that it begins with.
    public let title: String
    public let progress: Progress
    /// How often its checks failed.
    public let attempts: Int

    /// Whether code has a hole or a check.
    static func isOne(_ source: String, builtins: BuiltinTable) -> Bool {
        let (holes, checks) = parts(of: CellAnalysis(source: source, number: 1, builtins: builtins))
        return holes > 0 || checks > 0
    }

    /// The exercises of a notebook, solved or not. Runs nothing, and needs no data beside the file.
    public static func all(in document: NotebookDocument, builtins: BuiltinTable) -> [Exercise] {
        let places = document.codeCells
        let outline = NotebookOutline(
            places.enumerated().map { offset, index in
                CellAnalysis(source: document.cells[index].source, number: offset + 1, builtins: builtins)
            })
        let states = places.map { document.cells[$0].state }
        let isFresh = freshness(outline, states)
        var found: [Exercise] = []
        for (offset, index) in places.enumerated() {
            let cell = document.cells[index]
            let handedOut = cell.handout ?? cell.source
            guard isOne(handedOut, builtins: builtins) else { continue }
            let analysis = outline.cells[offset]
            let state = states[offset]
            // A hole that is filled with something that runs is solved when the checks that build on it hold, too.
            // Only down to the next exercise with a hole: what is wrong there is not wrong here.
            let next =
                places[(offset + 1)...].firstIndex { place in
                    let other = document.cells[place].handout ?? document.cells[place].source
                    return parts(of: CellAnalysis(source: other, number: 1, builtins: builtins)).holes > 0
                } ?? places.count
            let checksBelow = outline.descendants(of: offset + 1).filter {
                $0 <= next && parts(of: outline.cells[$0 - 1]).checks > 0
            }
            let checksHold = checksBelow.allSatisfy { isFresh[$0 - 1] }
            let isSolved =
                isFresh[offset] && parts(of: analysis).holes == 0 && checksHold
                && checks(of: handedOut, builtins).isSubset(of: checks(of: cell.source, builtins))
            let isOpen =
                cell.source == handedOut && (state == nil || state?.attempts == 0 && parts(of: analysis).holes > 0)
            found.append(
                Exercise(
                    number: offset + 1, id: cell.id, title: title(of: handedOut),
                    progress: isSolved ? .solved : isOpen ? .open : .tried, attempts: state?.attempts ?? 0))
        }
        // One that was deleted is not solved.
        let missing = document.exercises.filter { id in !found.contains { $0.id == id } }
        return found
            + missing.map { Exercise(number: 0, id: $0, title: "(deleted)", progress: .tried, attempts: 0) }
    }

    /// Whether each cell ran as it stands, with what the cells that it reads from gave then.
    private static func freshness(_ outline: NotebookOutline, _ states: [CellState?]) -> [Bool] {
        var isFresh: [Bool] = []
        for (offset, cell) in outline.cells.enumerated() {
            guard let state = states[offset], state.status == .ok, state.inputs.isCode(cell.canonicalTokens) else {
                isFresh.append(cell.program.statements.isEmpty && cell.diagnostics.isEmpty)
                continue
            }
            isFresh.append(
                outline.definitions[offset].allSatisfy { name, definer in
                    isFresh[definer - 1] && state.inputs.isName(name, of: states[definer - 1]?.fingerprint ?? "")
                })
        }
        return isFresh
    }

    /// The checks of a cell, without blanks and comments: a learner who changes one has not solved it.
    private static func checks(of source: String, _ builtins: BuiltinTable) -> Set<String> {
        let analysis = CellAnalysis(source: source, number: 1, builtins: builtins)
        var found: Set<String> = []
        analysis.program.forEachExpression { expression in
            for call in expression.calls where call.name == "check" {
                let text = analysis.program.source.text(of: call.span)
                // A hole in a check is the learner's to fill.
                if !text.contains("___") { found.insert(call.outline) }
            }
        }
        return found
    }

    private static func parts(of analysis: CellAnalysis) -> (holes: Int, checks: Int) {
        var holes = 0
        var checks = 0
        analysis.program.forEachExpression { expression in
            if case .hole = expression.kind { holes += 1 }
            checks += expression.calls.count { $0.name == "check" }
            holes += expression.calls.count { $0.name == "___" }
        }
        return (holes, checks)
    }

    private static func title(of source: String) -> String {
        let first = source.split(separator: "\n").first.map(String.init) ?? ""
        return String(first.drop { $0 == "#" || $0 == " " })
    }
}
