internal import OrderedCollections
internal import PipelineSyntax
internal import Rendering
internal import Tables

/// What a cell did as nbformat's outputs. Each has a limit: a notebook is made to be handed on, not to be a log.
enum CellOutputs {
    /// Longer texts are cut in the file, with a notice; the terminal showed them whole.
    static let limit = 100_000

    /// What a cell told: bindings and remarks.
    static func stream(_ log: [String]) -> [Value] {
        guard !log.isEmpty else { return [] }
        return [
            ["output_type": "stream", "name": "stdout", "text": .string(capped(log.joined(separator: "\n")) + "\n")]
        ]
    }

    /// The outputs with one more line among what the cell told.
    static func adding(_ line: String, to outputs: [Value]) -> [Value] {
        guard let first = outputs.first?.record, first["output_type"]?.text == "stream", let text = first["text"]?.text
        else { return stream([line]) + outputs }
        var stream = first
        stream["text"] = .string(text + line + "\n")
        return [.record(stream)] + outputs.dropFirst()
    }

    /// The first bundle is the result; further ones, such as charts beside tables, are shown after it.
    static func results(_ value: Value, number: Int) -> [Value] {
        OutputBundles.bundles(of: value, width: 100).enumerated().map { index, bundle in
            var data = bundle
            data["text/plain"] = .string(capped(bundle["text/plain"]?.text ?? ""))
            if let markdown = bundle["text/markdown"]?.text, markdown.utf8.count > limit {
                data["text/markdown"] = nil
            }
            var output: Record = [
                "output_type": index == 0 ? "execute_result" : "display_data", "data": .record(data),
                "metadata": .record([:]),
            ]
            if index == 0 { output["execution_count"] = .integer(number) }
            return .record(output)
        }
    }

    /// A failed cell's output: the code as name, the message, and the coloured message as traceback.
    static func error(_ diagnostics: [Diagnostic]) -> Value {
        let traceback = DiagnosticTraceback(diagnostics)
        let text = capped(traceback.lines.joined(separator: "\n"))
        return [
            "output_type": "error", "ename": .string(traceback.name), "evalue": .string(capped(traceback.value)),
            "traceback": .list(
                text.split(separator: "\n", omittingEmptySubsequences: false).map { .string(String($0)) }),
        ]
    }

    private static func capped(_ text: String) -> String {
        let bytes = text.utf8.count
        guard bytes > limit else { return text }
        // By bytes and back to a whole character: counting characters of a huge text takes long.
        var end = text.utf8.index(text.startIndex, offsetBy: limit / 2)
        while end > text.startIndex, String.Index(end, within: text) == nil { end = text.utf8.index(before: end) }
        let left = Number.integer(Int64(bytes - text[..<end].utf8.count)).grouped
        return text[..<end] + "\n… cut here: \(left) more bytes are not kept in the file"
    }
}
