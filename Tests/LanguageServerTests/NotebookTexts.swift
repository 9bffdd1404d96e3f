import OrderedCollections
import Tables

@testable import Notebook

/// A notebook's file with these code cells.
func notebookText(_ cells: [String], kernel: String = "scripted", tags: [Int: String] = [:]) -> String {
    var document = NotebookDocument.empty(kernel: kernel)
    document.cells = cells.enumerated().map { index, source in
        var metadata = Record()
        if let tag = tags[index] { metadata["tags"] = .list([.string(tag)]) }
        return NotebookCell(id: "cell-\(index)", kind: .code, source: source, metadata: metadata)
    }
    return NotebookCodec.encode(document)
}

/// The place of a text in another: its line and column in UTF-16, from 0.
func place(of part: String, in text: String, after skipped: Int = 0) -> (line: Int, character: Int) {
    let ranges = text.ranges(of: part)
    guard ranges.indices.contains(skipped) else { return (-1, -1) }
    let before = text[..<ranges[skipped].lowerBound]
    let line = before.utf8.count { $0 == 0x0A }
    let last = before.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
    return (line, last.utf16.count)
}
