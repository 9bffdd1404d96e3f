extension ScriptCodec {
    /// Formats a script's code, cell by cell; markers, text cells and cells with mistakes stay as they are.
    ///
    /// One blank line stands between cells, and the file ends with one line feed. A script without any `# %%` is one
    /// program.
    /// - Returns: the script's text, and what was made of each code cell.
    /// - Throws: `NotebookError` where it is no UTF-8.
    public static func formatted(_ bytes: [UInt8]) throws(NotebookError) -> (text: String, cells: [CellFormatting]) {
        var lines = TextLines.of(try TextLines.ofFile(bytes))[...]
        if lines.last?.isEmpty == true { lines.removeLast() }
        var written: [ArraySlice<UInt8>] = []
        var cells: [CellFormatting] = []
        func add(code content: ArraySlice<ArraySlice<UInt8>>) {
            let result = CellFormatting(TextLines.text(content.map(unescaped)), number: cells.count + 1)
            cells.append(result)
            guard result.mistakes.isEmpty else { return written += content }
            if !result.after.isEmpty { written += TextLines.of(result.after).map(escaped) }
        }
        if let first = lines.first, kernel(first) != nil {
            written.append(lines.removeFirst())
            if let next = lines.first, TextLines.isBlank(next) { written.append([]) }
        }
        let first = lines.firstIndex(where: isMarker) ?? lines.endIndex
        if lines[..<first].contains(where: { !TextLines.isBlank($0) }) { add(code: lines[..<first]) }
        var at = first
        while at < lines.endIndex {
            let next = lines[(at + 1)...].firstIndex(where: isMarker) ?? lines.endIndex
            if let last = written.last, !TextLines.isBlank(last) { written.append([]) }
            written.append(lines[at])
            let content = lines[(at + 1)..<next]
            if heading(of: lines[at]).kind == .code { add(code: content) } else { written += content }
            at = next
        }
        return (written.isEmpty ? "" : TextLines.text(written) + "\n", cells)
    }

    /// A line of a cell as it stands in a script.
    private static func escaped(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        hashes(before: line) == nil ? line : [hash] + line
    }
}
