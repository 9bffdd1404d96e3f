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
        document.codeCells.enumerated().compactMap { offset, index in
            let cell = document.cells[index]
            let handedOut = cell.handout ?? cell.source
            guard isOne(handedOut, builtins: builtins) else { return nil }
            let analysis = CellAnalysis(source: cell.source, number: offset + 1, builtins: builtins)
            let hasHoles = parts(of: analysis).holes > 0
            let state = cell.state
            let ranAsItStands = state?.status == .ok && state?.inputs.isCode(analysis.canonicalTokens) == true
            let progress: Progress =
                if ranAsItStands, !hasHoles {
                    .solved
                } else if cell.source == handedOut, state == nil || state?.attempts == 0, hasHoles || state == nil {
                    .open
                } else {
                    .tried
                }
            return Exercise(
                number: offset + 1, id: cell.id, title: title(of: handedOut), progress: progress,
                attempts: state?.attempts ?? 0)
        }
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
