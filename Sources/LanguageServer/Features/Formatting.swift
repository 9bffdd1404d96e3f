internal import Notebook
internal import PipelineSyntax
internal import Tables

/// The changes that lay a document out.
enum Formatting {
    struct Edit {
        let place: Range<Int>
        let text: String
    }

    /// The changes; none where the document is laid out already, nil where it cannot be. Cells with mistakes stay as
    /// they are.
    /// - Parameter format: a source laid out; nil where it has mistakes.
    static func edits(
        of notebook: OpenNotebook, _ document: DocumentURI, _ text: DocumentText, _ format: (SourceText) -> String?
    ) -> [Edit]? {
        if notebook.layout == .file { return edits(ofFile: text, format) }
        var edits: [Edit] = []
        for cell in notebook.code where cell.document == document {
            // Blank lines at both ends keep cells apart; they stay.
            let core = core(of: Array(cell.source.utf8))
            guard !core.isEmpty else { continue }
            let source = String(decoding: Array(cell.source.utf8)[core], as: UTF8.self)
            guard let laidOut = format(SourceText(name: "cell", text: source)).map(withoutEnd) else { continue }
            if laidOut != source { edits.append(Edit(place: cell.map.place(of: core), text: laidOut)) }
        }
        return edits
    }

    /// A notebook's file as a whole, written canonically; nil where it is no notebook.
    private static func edits(ofFile text: DocumentText, _ format: (SourceText) -> String?) -> [Edit]? {
        guard var notebook = try? NotebookCodec.decode(text.bytes) else { return nil }
        for index in notebook.cells.indices where notebook.cells[index].kind == .code {
            let source = notebook.cells[index].source
            guard !core(of: Array(source.utf8)).isEmpty else { continue }
            guard let laidOut = format(SourceText(name: "cell", text: source)).map(withoutEnd) else { continue }
            if laidOut != source { notebook.cells[index].source = laidOut }
        }
        let written: [UInt8] = NotebookCodec.encode(&notebook)
        guard written != text.bytes else { return [] }
        return [Edit(place: 0..<text.bytes.count, text: String(decoding: written, as: UTF8.self))]
    }

    /// A text without the line breaks at its end.
    private static func withoutEnd(_ text: String) -> String {
        var text = text[...]
        while text.utf8.last == 0x0A { text = text.dropLast() }
        return String(text)
    }

    /// The part without blank lines and blanks at both ends.
    private static func core(of bytes: [UInt8]) -> Range<Int> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        guard let start = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return 0..<0 }
        return start..<last + 1
    }
}
