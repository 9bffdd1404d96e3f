internal import Notebook

/// A code cell of an open notebook: its source, and where that stands.
struct CodeCell: Sendable {
    /// The document that holds it.
    let document: DocumentURI
    let source: String
    let map: CellMap
    /// The whole cell's place in the document.
    let place: Range<Int>
    /// What its author calls it; empty for most.
    var title = ""
    /// Whether it is meant to fail, so that its mistakes are none.
    var expectsFailure = false
}

/// The code cells of a document that holds a whole notebook.
struct DocumentCells: Sendable {
    var cells: [CodeCell]
    var kernel: String?
    /// What keeps the document from being a notebook.
    var mistake: NotebookText.Mistake?

    /// The cells of a script.
    init(script document: DocumentURI, _ text: DocumentText) {
        let outline = ScriptOutline(text.bytes)
        kernel = outline.kernel
        cells = outline.cells.filter { $0.kind == .code }.map { cell in
            CodeCell(
                document: document, source: String(decoding: text.bytes[cell.content], as: UTF8.self),
                map: .part(cell.content), place: cell.marker.lowerBound..<cell.content.upperBound, title: cell.title)
        }
    }

    /// The cells of a notebook's file.
    init(file document: DocumentURI, _ text: DocumentText) {
        let notebook = NotebookText(text.bytes)
        kernel = notebook.kernel
        mistake = notebook.mistake
        cells = notebook.cells.filter(\.isCode).map { cell in
            CodeCell(
                document: document, source: String(decoding: cell.source.text, as: UTF8.self),
                map: .escaped(cell.source), place: cell.place, expectsFailure: cell.expectsFailure)
        }
    }
}
