internal import Notebook
internal import Tables

/// The changes that lay a document out, as `distnb fmt` does it.
enum Formatting {
    struct Edit {
        let place: Range<Int>
        let text: String
    }

    /// The changes; none where the document is laid out already, nil where it is no notebook. Cells with mistakes stay
    /// as they are.
    static func edits(of notebook: OpenNotebook, _ document: DocumentURI, _ text: DocumentText) -> [Edit]? {
        switch notebook.layout {
        case .script:
            guard let written = try? ScriptCodec.formatted(text.bytes).text else { return nil }
            return edits(from: text.bytes, to: Array(written.utf8))
        case .file:
            guard var read = try? NotebookCodec.decode(text.bytes) else { return nil }
            _ = read.format()
            return edits(from: text.bytes, to: NotebookCodec.encode(&read))
        case .cells:
            guard let index = notebook.code.firstIndex(where: { $0.document == document }) else { return [] }
            let written = CellFormatting(notebook.code[index].source, number: index + 1).after
            return edits(from: text.bytes, to: Array(written.utf8))
        }
    }

    /// One change from a text to another, without the lines that are the same at both ends: the cursor and what is
    /// folded stay where nothing changed.
    private static func edits(from old: [UInt8], to new: [UInt8]) -> [Edit] {
        guard old != new else { return [] }
        let shorter = min(old.count, new.count)
        var start = zip(old, new).prefix { $0 == $1 }.count
        // From the beginning of a line on; a carriage return and its line feed are one end of a line.
        while start > 0, old[start - 1] != 0x0A { start -= 1 }
        var end = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.count
        end = min(end, shorter - start)
        while end > 0, old[old.count - end - 1] != 0x0A { end -= 1 }
        return [
            Edit(
                place: start..<old.count - end, text: String(decoding: new[start..<new.count - end], as: UTF8.self))
        ]
    }
}
