internal import OrderedCollections
internal import PipelineSyntax
internal import Rendering
internal import Tables

/// Diagnostics as the protocol has them.
enum DiagnosticValues {
    /// What messages of ours are called in an editor.
    private static let origin: Value = "distnb"

    /// - Parameter locate: where in the editor a further place is; nil where it shows none.
    static func value(
        _ diagnostic: Diagnostic, at range: TextRange, locate: (Diagnostic.Place) -> Value? = { _ in nil }
    ) -> Value {
        var text = diagnostic.message
        for step in diagnostic.trace { text += "\n\(step)" }
        if let hint = diagnostic.hint { text += "\nHint: \(hint)" }
        var data: Record = ["message": .string(diagnostic.message)]
        if let hint = diagnostic.hint { data["hint"] = .string(hint) }
        if !diagnostic.trace.isEmpty { data["trace"] = .list(diagnostic.trace.map { .string($0) }) }
        var fields: Record = [
            "range": range.value, "severity": .integer(diagnostic.severity == .error ? 1 : 2),
            "code": .string(diagnostic.shownCode), "source": origin, "message": .string(safe(text)),
            "data": .record(data),
        ]
        let related: [Value] = diagnostic.labels.compactMap { label in
            locate(label.place).map { ["location": $0, "message": .string(safe(label.text))] }
        }
        if !related.isEmpty { fields["relatedInformation"] = .list(related) }
        return .record(fields)
    }

    /// A document that is no notebook.
    static func value(_ mistake: String, at range: TextRange) -> Value {
        ["range": range.value, "severity": 1, "source": origin, "message": .string(safe(mistake))]
    }

    private static func safe(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { TerminalText.safe(String($0)) }
            .joined(separator: "\n")
    }
}
