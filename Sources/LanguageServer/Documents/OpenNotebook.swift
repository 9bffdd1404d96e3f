internal import Notebook
internal import OrderedCollections
internal import Tables

/// A notebook that is open in the editor, as cells or in one document; a script is one, too.
struct OpenNotebook {
    /// How the editor shows it.
    enum Layout: Sendable {
        /// One document, a `.dist` script.
        case script
        /// One document, the `.distnb` file's JSON.
        case file
        /// A document for each cell.
        case cells
    }

    /// A cell as the editor has it.
    struct CellReference: Sendable {
        let document: DocumentURI
        let isCode: Bool
        let expectsFailure: Bool

        /// Nil where the value is no notebook cell of the protocol.
        init?(_ value: Value) {
            guard let document = value[field: "document"].text, let kind = value[field: "kind"].integer else {
                return nil
            }
            self.document = DocumentURI(document)
            isCode = kind == 2
            expectsFailure = (value[field: "metadata"][field: "tags"].list ?? []).contains {
                $0.text == "raises-exception"
            }
        }
    }

    let uri: DocumentURI
    let layout: Layout
    /// The texts; for `cells` those of the cells, markdown cells too where the editor sends them.
    var documents: [DocumentURI: DocumentText] = [:]
    /// In order; for `cells` only.
    var references: [CellReference] = []
    /// What the notebook's metadata name, for `cells`.
    var kernelOfMetadata: String?
    /// The diagnostics that the editor shows now.
    var published: [DocumentURI: Value] = [:]
    /// Whether something changed since the last check.
    var isChanged = true { didSet { if isChanged { isUnpublished = true } } }
    /// Whether the editor was not told yet what the last check found.
    var isUnpublished = true

    private(set) var code: [CodeCell] = []
    private(set) var checked = CheckedCells()
    private(set) var kernel = NotebookDocument().kernel
    private(set) var mistake: NotebookText.Mistake?
    private(set) var folder: Surroundings.Folder = .none
    private var hasFolder = false

    init(uri: DocumentURI, layout: Layout) {
        self.uri = uri
        self.layout = layout
    }

    /// Looks at the cells as they are now.
    mutating func update(in surroundings: Surroundings) {
        guard isChanged else { return }
        isChanged = false
        if !hasFolder {
            hasFolder = true
            if let path = uri.folder { folder = surroundings.folder(path) }
        }
        switch layout {
        case .script, .file:
            let text = documents[uri] ?? DocumentText("")
            let found = layout == .file ? DocumentCells(file: uri, text) : DocumentCells(script: uri, text)
            mistake = found.mistake
            // While a text is no JSON, as it is in the middle of typing, nothing is known of its cells.
            code = found.cells
            kernel = found.kernel ?? NotebookDocument().kernel
        case .cells:
            code = references.filter(\.isCode).compactMap { reference in
                guard let text = documents[reference.document] else { return nil }
                let whole = 0..<text.bytes.count
                return CodeCell(
                    document: reference.document, source: text.text, map: .part(whole), place: whole,
                    expectsFailure: reference.expectsFailure)
            }
            kernel = kernelOfMetadata ?? NotebookDocument().kernel
        }
        checked.update(code.map(\.source), kernel: kernel, in: surroundings, folder)
    }

    /// The code cell at an offset of a document, with the offset in it.
    func cell(at offset: Int, of document: DocumentURI) -> (index: Int, offset: Int)? {
        // Where one cell ends and the next begins, the next is meant.
        for index in code.indices.reversed() where code[index].document == document {
            guard code[index].place.lowerBound <= offset else { continue }
            if let inside = code[index].map.offset(of: offset) { return (index, inside) }
        }
        return nil
    }
}
