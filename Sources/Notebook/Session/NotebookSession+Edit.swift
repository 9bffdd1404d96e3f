extension NotebookSession {
    /// The place among all cells of a name that people gave: a code cell's number, or a cell's id or its beginning.
    /// - Throws: `SessionError.noSuchCell`.
    public func place(of name: String) throws -> Int {
        let code = document.codeCells
        if let number = Int(name), name.utf8.count < 8 {
            guard code.indices.contains(number - 1) else {
                throw SessionError.noSuchCell(name, count: code.count)
            }
            return code[number - 1]
        }
        if let exact = document.index(of: name) { return exact }
        let beginning = document.cells.indices.filter { document.cells[$0].id.hasPrefix(name) && !name.isEmpty }
        guard beginning.count == 1 else { throw SessionError.noSuchCell(name, count: code.count) }
        return beginning[0]
    }

    /// Puts a new cell in.
    /// - Parameters:
    ///   - before: its place among all cells; nil for the end.
    /// - Returns: the new cell's id.
    @discardableResult
    public func addCell(_ source: String, kind: NotebookCell.Kind = .code, before place: Int? = nil) throws -> String {
        let id = CellID.make(
            from: "\(document.cells.count)\u{0}\(source)", avoiding: document.cells.map(\.id))
        try change { document in
            let cell = NotebookCell(id: id, kind: kind, source: source)
            document.cells.insert(cell, at: min(place ?? document.cells.count, document.cells.count))
        }
        return id
    }

    /// Gives a cell another source; its outputs stay until it runs, marked as stale.
    public func editCell(at place: Int, _ source: String) throws {
        try change { document in document.cells[place].source = source }
    }

    /// Formats a cell, or all; what they computed stays current.
    /// - Returns: what changed, and which cells hold mistakes and so were left alone; nothing is saved where none changed.
    public func formatCells(only place: Int? = nil) throws -> [CellFormatting] {
        var formatted = document
        let found = formatted.format(only: place)
        if found.contains(where: \.isChanged) { try change { $0 = formatted } }
        return found
    }

    /// Moves a cell before the one that is at another place now; `document.cells.count` is the end.
    public func moveCell(at place: Int, before target: Int) throws {
        try change { document in
            let cell = document.cells.remove(at: place)
            document.cells.insert(cell, at: target > place ? target - 1 : target)
        }
    }

    /// Takes a cell out.
    public func deleteCell(at place: Int) throws {
        try change { document in _ = document.cells.remove(at: place) }
    }

    /// Puts a cell back to the source that a workshop handed out, without outputs and state.
    /// - Throws: `SessionError.noHandout` where none did.
    public func resetCell(at place: Int) throws {
        guard let source = document.cells[place].handout else {
            throw SessionError.noHandout((document.codeCells.firstIndex(of: place) ?? 0) + 1)
        }
        live[document.cells[place].id] = nil
        try change { document in
            document.cells[place].source = source
            document.cells[place].clear()
        }
    }

    /// Takes the last change of cells back: a cell that was typed, edited, moved, deleted or cleared. What cells
    /// computed stays where it is.
    /// - Throws: `SessionError.nothingToUndo`.
    public func undo() throws {
        guard let before = history.last else { throw SessionError.nothingToUndo }
        try takeLock()
        history.removeLast()
        document = keepingComputed(before)
        // Values of code that is no longer there must not be read; the others come back from the state.
        live = [:]
        try save()
    }

    /// An earlier document with what cells of the same code computed since.
    private func keepingComputed(_ before: NotebookDocument) -> NotebookDocument {
        let now = Dictionary(document.cells.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var result = before
        for (index, cell) in before.cells.enumerated() {
            guard let computed = now[cell.id], computed.source == cell.source, let state = computed.state,
                state != cell.state
            else { continue }
            result.cells[index].state = state
            result.cells[index].outputs = computed.outputs
            result.cells[index].executionCount = computed.executionCount
            result.parameters = document.parameters
            result.kernel = document.kernel
        }
        return result
    }

    private func change(_ edit: (inout NotebookDocument) -> Void) throws {
        try takeLock()
        remember()
        forgetLastValue()
        edit(&document)
        try save()
    }
}
