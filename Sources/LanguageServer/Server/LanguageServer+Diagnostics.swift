internal import Notebook
internal import OrderedCollections
internal import PipelineSyntax
internal import Tables

extension LanguageServer {
    /// Checks a notebook where it changed, and tells the editor what it does not show yet.
    mutating func publishDiagnostics(of uri: DocumentURI) -> [Value] {
        guard notebooks[uri]?.isUnpublished == true else { return [] }
        notebooks[uri]?.update(in: surroundings)
        notebooks[uri]?.isUnpublished = false
        guard let notebook = notebooks[uri] else { return [] }
        var found: [DocumentURI: [Value]] = [:]
        // Every document that is shown gets a list, an empty one too: it says that there are no mistakes any more.
        for document in notebook.layout == .cells ? notebook.code.map(\.document) : [uri] { found[document] = [] }
        for (cell, checked) in zip(notebook.code, notebook.checked.cells) where !cell.expectsFailure {
            guard let text = notebook.documents[cell.document] else { continue }
            for diagnostic in checked.diagnostics {
                let range = text.range(of: Self.place(of: diagnostic, in: cell), client.encoding)
                found[cell.document, default: []].append(
                    DiagnosticValues.value(diagnostic, at: range) { location(of: $0, in: notebook) })
            }
        }
        if let mistake = notebook.mistake, let text = notebook.documents[uri] {
            let place = text.position(of: mistake.offset, client.encoding)
            found[uri, default: []].append(
                DiagnosticValues.value(mistake.message, at: TextRange(start: place, end: place)))
        }
        var messages: [Value] = []
        for (document, list) in found.sorted(by: { $0.key.text < $1.key.text }) {
            let value = Value.list(list)
            guard notebook.published[document] != value else { continue }
            notebooks[uri]?.published[document] = value
            messages.append(
                OutgoingMessage.notification(
                    "textDocument/publishDiagnostics", ["uri": .string(document.text), "diagnostics": value]))
        }
        return messages
    }

    /// Where the editor shows a place of a cell's source; nil where it is of none that is open.
    private func location(of place: Diagnostic.Place, in notebook: OpenNotebook) -> Value? {
        guard let index = notebook.checked.cells.firstIndex(where: { $0.analysis.program.source == place.source }),
            notebook.code.indices.contains(index), let text = notebook.documents[notebook.code[index].document]
        else { return nil }
        let cell = notebook.code[index]
        let range = text.range(of: cell.map.place(of: place.span.range), client.encoding)
        return ["uri": .string(cell.document.text), "range": range.value]
    }

    /// Where in its document a diagnostic of a cell is; the cell's beginning where it has no place.
    static func place(of diagnostic: Diagnostic, in cell: CodeCell) -> Range<Int> {
        cell.map.place(of: diagnostic.place?.span.range ?? 0..<0)
    }
}
