/// Where the cells of a script stand in its text: what editors need, which show the text and not the cells.
public struct ScriptOutline: Sendable {
    /// A cell of the script.
    public struct Cell: Sendable, Equatable {
        public let kind: NotebookCell.Kind
        /// The words behind `# %%`; empty for most.
        public let title: String
        /// Where the line `# %%` stands; empty for a cell without one.
        public let marker: Range<Int>
        /// Where the cell's lines stand, as they are written: escaped, or behind `# `.
        public let content: Range<Int>
    }

    public let cells: [Cell]
    /// The kernel that the first line names.
    public let kernel: String?

    /// - Parameter bytes: the script's text in UTF-8; the ranges count in it.
    public init(_ bytes: [UInt8]) {
        var cells: [Cell] = []
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var heading: (marker: Range<Int>, kind: NotebookCell.Kind, title: String) = (start..<start, .code, "")
        var contentStart = start
        var kernel: String?
        func close(at end: Int) {
            // What stands before the first marker is a cell only if there is something.
            if heading.marker.isEmpty, bytes[contentStart..<end].allSatisfy({ TextLines.isBlank($0) || $0 == 0x0A }) {
                return
            }
            cells.append(
                Cell(
                    kind: heading.kind, title: heading.title, marker: heading.marker, content: contentStart..<end))
        }
        var at = start
        while at < bytes.count {
            let end = bytes[at...].firstIndex(of: 0x0A) ?? bytes.count
            let next = min(end + 1, bytes.count)
            let line = bytes[at..<end]
            if at == start, let name = ScriptCodec.kernel(line) {
                kernel = name
                contentStart = next
            } else if ScriptCodec.isMarker(line) {
                close(at: at)
                let (kind, title) = ScriptCodec.heading(of: line)
                heading = (at..<end, kind, title)
                contentStart = next
            }
            at = next
        }
        close(at: bytes.count)
        self.cells = cells
        self.kernel = kernel
    }
}
