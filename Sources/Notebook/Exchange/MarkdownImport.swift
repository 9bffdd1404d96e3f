/// Markdown as a notebook: blocks marked `dist` or `distnb` are its code, the rest is its text.
///
/// What `MarkdownExport` writes as outputs is left out. Only blocks at the page's own level count, not those inside
/// quotes or lists that are indented by four blanks.
public enum MarkdownImport {
    /// Reads a page.
    /// - Throws: `NotebookError` where it is no UTF-8.
    public static func document(_ bytes: [UInt8]) throws(NotebookError) -> NotebookDocument {
        var reader = MarkdownReader(lines: TextLines.of(try TextLines.ofFile(bytes)))
        var document = NotebookDocument.empty(kernel: NotebookDocument().kernel)
        document.cells = reader.cells()
        return document
    }
}

/// Goes through a page's lines.
private struct MarkdownReader {
    private let lines: [ArraySlice<UInt8>]
    /// Where the last output ends: a mark below is one that nothing closes, and so is text.
    private let lastOutputEnd: Int
    private var at = 0
    /// The lines of the text cell at hand.
    private var text: [ArraySlice<UInt8>] = []
    private var found = CellBuilder()

    init(lines: [ArraySlice<UInt8>]) {
        self.lines = lines
        lastOutputEnd = lines.lastIndex { TextLines.trimmed($0) == MarkdownMark.outputEnd } ?? -1
    }

    mutating func cells() -> [NotebookCell] {
        while at < lines.count {
            if let fence = MarkdownFence(opening: lines[at]) {
                block(fence)
                continue
            }
            switch TextLines.trimmed(lines[at]) {
            case MarkdownMark.cell: endText()
            case MarkdownMark.outputStart where at < lastOutputEnd:
                while TextLines.trimmed(lines[at]) != MarkdownMark.outputEnd { at += 1 }
            default: text.append(lines[at])
            }
            at += 1
        }
        endText()
        return found.cells
    }

    private mutating func block(_ fence: MarkdownFence) {
        let start = at + 1
        let end = lines[start...].firstIndex(where: fence.isClosed) ?? lines.count
        let content = lines[start..<end].map(fence.content)
        if MarkdownMark.isCode(fence.info) {
            endText()
            found.add(.code, TextLines.text(content))
        } else if fence.info == MarkdownMark.rawInfo {
            endText()
            found.add(.raw, TextLines.text(content))
        } else if fence.info != MarkdownMark.outputInfo {
            text += lines[at..<min(end + 1, lines.count)]
        }
        at = end + 1
    }

    private mutating func endText() {
        let kept = TextLines.trimmed(text)
        if !kept.isEmpty { found.add(.markdown, TextLines.text(kept)) }
        text = []
    }
}
