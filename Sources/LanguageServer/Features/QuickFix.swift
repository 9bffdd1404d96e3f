internal import Notebook
internal import PipelineRuntime
internal import PipelineSyntax

/// A change that mends a mistake: only where checking the changed cell says that it does.
struct QuickFix {
    let title: String
    let span: Span
    let replacement: String

    /// - Parameter names: what is known of the names above the cell.
    static func fixes(
        for diagnostic: Diagnostic, in cell: CheckedCells.Cell, names: [String: CellCheck.Bound], check: CellCheck,
        builtins: BuiltinTable
    ) -> [QuickFix] {
        guard let place = diagnostic.place, place.source == cell.analysis.program.source else { return [] }
        var found: [QuickFix] = []
        for fix in candidates(for: diagnostic, place)
        where !found.contains(where: { $0.replacement == fix.replacement }) {
            if mends(fix, diagnostic, cell, names, check, builtins) { found.append(fix) }
        }
        return found
    }

    /// What the hint may mean.
    private static func candidates(for diagnostic: Diagnostic, _ place: Diagnostic.Place) -> [QuickFix] {
        let text = place.source.text(of: place.span)
        func replacing(_ code: String) -> QuickFix {
            QuickFix(title: "Replace by `\(code)`", span: place.span, replacement: code)
        }
        if let known = diagnostic.replacement, known.place.source == place.source {
            let title =
                known.text.isEmpty
                ? "Remove `\(known.place.source.text(of: known.place.span))`" : "Replace by `\(known.text)`"
            return [QuickFix(title: title, span: known.place.span, replacement: known.text)]
        }
        switch diagnostic.code {
        case .missingPipe:
            let start = Span(place.span.start..<place.span.start)
            return [QuickFix(title: "Put `|` before `\(text)`", span: start, replacement: "| ")]
        case .assignmentInExpression: return text == "=" ? [replacing("==")] : []
        default: break
        }
        guard let hint = diagnostic.hint else { return [] }
        guard let meant = meant(in: hint) else { return [replacing(hint)] }
        // A place may or may not have the dot or colon that the hint shows.
        var codes = [meant]
        if meant.hasPrefix("."), !text.hasPrefix(".") { codes.insert(String(meant.dropFirst()), at: 0) }
        if meant.hasSuffix(":"), !text.hasSuffix(":") { codes.insert(String(meant.dropLast()), at: 0) }
        return codes.map(replacing)
    }

    /// The code in "did you mean `code`?".
    private static func meant(in hint: String) -> String? {
        guard let start = hint.firstRange(of: "did you mean ") else { return nil }
        var rest = hint[start.upperBound...]
        if let column = rest.firstRange(of: "the column "), column.lowerBound == rest.startIndex {
            rest = rest[column.upperBound...]
        }
        guard rest.hasSuffix("?") else { return nil }
        rest = rest.dropLast()
        if rest.hasPrefix("`"), rest.hasSuffix("`"), rest.count > 2 { return String(rest.dropFirst().dropLast()) }
        return rest.hasPrefix("\"") && rest.hasSuffix("\"") && rest.count > 2 ? String(rest) : nil
    }

    /// Whether the mistake is gone after the change, and no other came.
    private static func mends(
        _ fix: QuickFix, _ diagnostic: Diagnostic, _ cell: CheckedCells.Cell, _ names: [String: CellCheck.Bound],
        _ check: CellCheck, _ builtins: BuiltinTable
    ) -> Bool {
        let source = cell.analysis.program.source
        let range = fix.span.range.clamped(to: 0..<source.utf8.count)
        guard source.text(of: fix.span) != fix.replacement else { return false }
        let changed =
            String(decoding: source.utf8[..<range.lowerBound], as: UTF8.self) + fix.replacement
            + String(decoding: source.utf8[range.upperBound...], as: UTF8.self)
        let analysis = CellAnalysis(
            source: changed, number: cell.analysis.number, builtins: builtins, isFingerprinted: false)
        let left = check.check(analysis, above: names).diagnostics.filter { $0.severity == .error }
        let before = cell.result.diagnostics.filter { $0.severity == .error }
        // Mistakes of names and types show only when those of syntax are gone.
        if !cell.analysis.diagnostics.isEmpty { return analysis.diagnostics.count < cell.analysis.diagnostics.count }
        return diagnostic.severity == .error ? left.count < before.count : left.count <= before.count
    }
}
