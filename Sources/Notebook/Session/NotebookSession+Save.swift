internal import Distillation
internal import Foundation
internal import OrderedCollections
internal import Verbs

extension NotebookSession {
    /// Replaces the file on disk, whole. What is a secret or leads home is taken out first.
    /// - Throws: `FileError`; `SessionError.changedOnDisk` where another program wrote the file meanwhile.
    public func save() throws {
        guard let saving else { return }
        // Cells that stand in the file as they are were redacted when they were written, or are somebody else's.
        for index in document.cells.indices where document.cells[index].written == nil {
            let outputs = document.cells[index].outputs.map(redaction.apply(toOutput:))
            if outputs != document.cells[index].outputs { document.cells[index].outputs = outputs }
        }
        if !document.packedBlobs.isEmpty { keepPackedBlobsRight() }
        try saving.replace(with: NotebookCodec.pieces(of: &document))
    }

    /// Saves under another path, and from then on there.
    public func save(to path: String) throws {
        let before = saving
        do {
            saving = NotebookFile(path: path)
            try takeLock()
            document.kernel = lab.kernel.name
            try save()
        } catch {
            saving = before
            throw error
        }
    }

    /// Whether another program wrote the file since it was read.
    public var isChangedOnDisk: Bool { saving?.isChangedOnDisk ?? false }

    /// Code that holds what looks like a secret, by cell number: it is not changed, so people must be told.
    public var cellsWithSecrets: [Int] {
        document.codeCells.enumerated().filter { _, index in
            let source = document.cells[index].source
            return Redaction.shapesOnly.apply(to: source) != source
        }.map { $0.offset + 1 }
    }

    /// Removes outputs, state or both, of all cells or of one, and saves.
    /// - Parameters:
    ///   - number: a code cell; nil for all.
    ///   - canUndo: whether it may be taken back; then large values stay on disk until the session ends.
    public func clear(
        outputs: Bool = true, state: Bool = true, cell number: Int? = nil, canUndo: Bool = false
    ) throws {
        try takeLock()
        if let number { try requireCell(number, in: outline) }
        remember()
        if let number {
            document.cells[document.codeCells[number - 1]].clear(outputs: outputs, state: state)
        } else {
            document.clear(outputs: outputs, state: state)
            // Set anew, so that a notebook of another tool gets the metadata that running would give it.
            document.kernel = document.kernel
        }
        if state { live = [:] }
        forgetLastValue()
        try save()
        if !canUndo { history = [] }
        if state { collectBlobs() }
    }

    /// Removes blobs that no notebook of the folder refers to any more.
    func collectBlobs() {
        guard let saving, let folder = lab.blobs as? BlobFolder else { return }
        // What `undo` can bring back needs its blobs as well.
        let kept = history.reduce(document.blobReferences) { $0.union($1.blobReferences) }
        folder.collect(keeping: kept, notebooksOf: saving.folder, except: saving.name)
    }

    /// Takes the notebook for this process before anything is changed, so that a second one is told at once.
    /// - Throws: `SessionError.inUse`; `FileError` where its folder may not be written.
    public func open() throws { try takeLock() }

    /// What earlier sessions could not save, and left beside the notebook; names of files.
    public var rescued: [String] { saving?.rescued ?? [] }

    /// Gives the notebook free for others; the next change takes it again.
    public func releaseLock() { saving?.releaseLock() }

    func takeLock() throws { try saving?.takeLock() }

    /// The last value may be of code that is gone now.
    func forgetLastValue() {
        lastValue = nil
        lastExpression = ""
    }

    /// Keeps the document as it is, for `undo`.
    func remember() {
        history.append(document)
        if history.count > 100 { history.removeFirst() }
    }
}
