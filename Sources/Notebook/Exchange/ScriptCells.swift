public import PipelineSyntax

/// The code cells of a script as programs whose places are those of the file.
struct ScriptCells {
    /// One text a code cell: the cell's code on the lines that it has in the file, empty lines before it.
    let texts: [SourceText]

    /// - Parameters:
    ///   - name: what messages call the file.
    ///   - bytes: the file.
    /// - Throws: `NotebookError` where it is no UTF-8.
    init(name: String, bytes: [UInt8]) throws(NotebookError) {
        let lines = TextLines.of(try TextLines.ofFile(bytes))
        var texts: [SourceText] = []
        var start = 0
        func finish(_ end: Int) {
            let isCode = start == 0 || ScriptCodec.isCode(lines[start - 1])
            // The line that names the kernel belongs to no cell.
            let first = start == 0 && lines.first.flatMap(ScriptCodec.kernel) != nil ? 1 : start
            let content = lines[min(first, end)..<end].map(ScriptCodec.unescaped)
            guard isCode, content.contains(where: { !$0.isEmpty }) else { return }
            texts.append(
                SourceText(name: name, text: String(repeating: "\n", count: first) + TextLines.text(content)))
        }
        for (index, line) in lines.enumerated() where ScriptCodec.isMarker(line) {
            finish(index)
            start = index + 1
        }
        finish(lines.count)
        self.texts = texts
    }
}

extension NotebookSession {
    /// Mistakes of a script, found without running anything: places are those of the file.
    /// - Returns: the number of code cells, and what was found.
    /// - Throws: `NotebookError` where it is no UTF-8.
    public func check(script bytes: [UInt8], name: String) throws(NotebookError) -> (cells: Int, found: [Diagnostic]) {
        let texts = try ScriptCells(name: name, bytes: bytes).texts
        let cells = texts.enumerated().map {
            CellAnalysis(text: $1, number: $0 + 1, builtins: builtins, isFingerprinted: false)
        }
        let mistakes = mistakes(in: cells)
        return (cells.count, mistakes.keys.sorted().flatMap { mistakes[$0] ?? [] }.filter { $0.code != .missingState })
    }
}
