internal import OrderedCollections
internal import Tables

/// Notebooks as scripts, `.dist`: the percent format that Jupytext and VS Code have, one file of plain text.
///
///     # kernel: embedded
///
///     # %% [markdown]
///     # ## Load
///
///     # %%
///     let questions = load "questions.csv"
///
/// - The first line names the kernel.
/// - A line `# %%` begins a code cell, `# %% [markdown]` and `# %% [raw]` the others, whose lines stand behind `# `
///   (`#` alone for an empty one), so that the whole file is a program. Words before the bracket are the cell's title.
/// - An empty line stands between cells; it belongs to none.
/// - Escape: where a line of a cell would look like the beginning of a cell, or like such a line escaped (any number of
///   `#`, blanks, `%%`), it gets one more `#` in front. Reading takes it away. It is a comment before and after.
///
/// Reading gives back kinds and sources to the byte, whatever they hold. Outputs, state, attachments and other metadata
/// are not in a script.
///
/// Source: https://jupytext.readthedocs.io/en/latest/formats-scripts.html#the-percent-format.
public enum ScriptCodec {
    /// The script's text.
    public static func encode(_ document: NotebookDocument) -> String {
        var file: [UInt8] = []
        if isKernelName(document.kernel) { file += Array("# kernel: \(document.kernel)\n".utf8) }
        for cell in document.cells {
            // Every cell ends with a line feed; the second one separates.
            if !file.isEmpty { file.append(0x0A) }
            file += Array("\(marker(of: cell))\n".utf8)
            for line in TextLines.of(cell.source) {
                let written = cell.kind == .code ? Array(line) : Array((line.isEmpty ? "#" : "# ").utf8) + line
                if hashes(before: written[...]) != nil { file.append(hash) }
                file += written
                file.append(0x0A)
            }
        }
        return String(decoding: file, as: UTF8.self)
    }

    /// Reads a script; one without any `# %%` is one code cell.
    /// - Throws: `NotebookError` where it is no UTF-8.
    public static func decode(_ bytes: [UInt8]) throws(NotebookError) -> NotebookDocument {
        var lines = TextLines.of(try TextLines.ofFile(bytes))[...]
        // What stands behind the last line feed is a line only if there is something.
        if lines.last?.isEmpty == true { lines.removeLast() }
        var document = NotebookDocument.empty(kernel: lines.first.flatMap(kernel) ?? NotebookDocument().kernel)
        if lines.first.flatMap(kernel) != nil { lines.removeFirst() }
        var cells = CellBuilder()
        let first = lines.firstIndex(where: isMarker) ?? lines.endIndex
        let before = TextLines.trimmed(Array(lines[..<first]))
        if !before.isEmpty { cells.add(.code, TextLines.text(before.map(unescaped))) }
        var at = first
        while at < lines.endIndex {
            let next = lines[(at + 1)...].firstIndex(where: isMarker) ?? lines.endIndex
            var content = lines[(at + 1)..<next]
            if next < lines.endIndex, content.last?.isEmpty == true { content.removeLast() }
            let (kind, title) = heading(of: lines[at])
            let source = content.map(unescaped).map { kind == .code ? $0 : uncommented($0) }
            cells.add(kind, TextLines.text(source), title: title)
            at = next
        }
        document.cells = cells.cells
        return document
    }

    // MARK: Lines

    static let hash = UInt8(ascii: "#")

    /// How many `#` stand before `%%`, blanks between; nil where the line is not of that form.
    static func hashes(before line: ArraySlice<UInt8>) -> Int? {
        let rest = line.drop { $0 == hash }
        let count = line.count - rest.count
        let isForm = count > 0 && rest.drop { $0 == 0x20 || $0 == 0x09 }.starts(with: "%%".utf8)
        return isForm ? count : nil
    }

    static func isMarker(_ line: ArraySlice<UInt8>) -> Bool { hashes(before: line) == 1 }

    static func unescaped(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        (hashes(before: line) ?? 0) > 1 ? line.dropFirst() : line
    }

    private static func uncommented(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.starts(with: "# ".utf8) ? line.dropFirst(2) : line.first == hash ? line.dropFirst() : line
    }

    // MARK: The line that begins a cell

    private static let kindsByWord: KeyValuePairs<String, NotebookCell.Kind> = [
        "[markdown]": .markdown, "[md]": .markdown, "[raw]": .raw,
    ]

    private static func marker(of cell: NotebookCell) -> String {
        let title = cell.metadata["title"]?.text.flatMap { isTitle($0) ? " \($0)" : nil } ?? ""
        return cell.kind == .code ? "# %%\(title)" : "# %%\(title) [\(cell.kind.rawValue)]"
    }

    /// Whether a line that begins a cell begins one of code.
    static func isCode(_ line: ArraySlice<UInt8>) -> Bool { heading(of: line).kind == .code }

    static func heading(of line: ArraySlice<UInt8>) -> (kind: NotebookCell.Kind, title: String) {
        let signs = line.drop { $0 != UInt8(ascii: "%") }.dropFirst(2)
        let text = TextLines.trimmed(signs)
        for (word, kind) in kindsByWord {
            if let place = text.utf8.firstRange(of: word.utf8) {
                return (kind, TextLines.trimmed(Array(text.utf8[..<place.lowerBound])[...]))
            }
        }
        return (.code, text)
    }

    /// Whether a title is read back as it is written.
    private static func isTitle(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 } && TextLines.trimmed(Array(text.utf8)[...]) == text
            && kindsByWord.allSatisfy { text.utf8.firstRange(of: $0.key.utf8) == nil }
    }

    // MARK: The kernel's line

    static func kernel(_ line: ArraySlice<UInt8>) -> String? {
        let label = "# kernel: "
        guard line.starts(with: label.utf8) else { return nil }
        let name = TextLines.trimmed(line.dropFirst(label.utf8.count))
        return isKernelName(name) ? name : nil
    }

    private static func isKernelName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
                    || "-_.".utf8.contains(byte)
            }
    }
}
