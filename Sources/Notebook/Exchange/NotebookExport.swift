/// What a notebook can be written as for other programs and for people.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// The same document under Jupyter's name.
    case ipynb
    /// Markdown; see `MarkdownExport`.
    case markdown = "md"
    /// One page for a browser; see `HTMLExport`.
    case html
    /// A script of our language; see `ScriptCodec`.
    case script = "dist"

    /// How its files end, without the dot.
    public var fileExtension: String { rawValue }

    /// Whether the text says which cells are current.
    public var showsStatuses: Bool { self == .markdown || self == .html }
}

/// Notebooks as text in another format.
public enum NotebookExport {
    /// The file's text.
    /// - Parameters:
    ///   - title: what a page is called.
    ///   - statuses: of the code cells, in order, where the format shows them.
    public static func text(
        _ document: NotebookDocument, as format: ExportFormat, title: String, statuses: [CellStatus]
    ) -> String {
        switch format {
        case .ipynb: NotebookCodec.encode(document)
        case .markdown: MarkdownExport.text(document, statuses: statuses)
        case .html: HTMLExport.page(document, title: title, statuses: statuses)
        case .script: ScriptCodec.encode(document)
        }
    }
}
