internal import OrderedCollections
internal import PipelineSyntax
internal import Rendering
internal import Tables

/// Diagnostics as the protocol has them.
enum DiagnosticValues {
    /// What messages of ours are called in an editor.
    private static let origin: Value = "distnb"

    static func value(_ diagnostic: Diagnostic, at range: TextRange) -> Value {
        var text = diagnostic.message
        for step in diagnostic.trace { text += "\n\(step)" }
        if let hint = diagnostic.hint { text += "\nHint: \(hint)" }
        var data: Record = ["message": .string(diagnostic.message)]
        if let hint = diagnostic.hint { data["hint"] = .string(hint) }
        if !diagnostic.trace.isEmpty { data["trace"] = .list(diagnostic.trace.map { .string($0) }) }
        return [
            "range": range.value, "severity": .integer(diagnostic.severity == .error ? 1 : 2),
            "code": .string(code(diagnostic)), "source": origin, "message": .string(safe(text)), "data": .record(data),
        ]
    }

    /// A document that is no notebook.
    static func value(_ mistake: String, at range: TextRange) -> Value {
        ["range": range.value, "severity": 1, "source": origin, "message": .string(safe(mistake))]
    }

    /// Warnings have a W, as everywhere.
    static func code(_ diagnostic: Diagnostic) -> String {
        let code = diagnostic.code.rawValue
        return diagnostic.severity == .warning ? "W" + code.dropFirst() : code
    }

    private static func safe(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { TerminalText.safe(String($0)) }
            .joined(separator: "\n")
    }
}
