internal import Distillation
internal import Foundation

/// The file of a notebook: locked for one process, noticed when others write it, replaced whole.
public final class NotebookFile {
    /// Where it is; links are followed once, at the start.
    public let path: String
    /// What the file held when it was last read or written; nil where it was not there.
    private var contents: [ArraySlice<UInt8>]?
    private var signature: FileSignature?
    private var lock: NotebookLock?

    /// Where this session's cells go since another program wrote the file.
    private var rescue: String?

    /// Beside the notebook; what an earlier session rescued stays.
    private var unusedRescuePath: String {
        var candidate = path + ".unsaved"
        var number = 2
        while FileManager.default.fileExists(atPath: candidate) {
            candidate = path + ".unsaved-\(number)"
            number += 1
        }
        return candidate
    }

    /// What earlier sessions rescued beside the notebook, by name.
    public var rescued: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasPrefix(name + ".unsaved")
        }.sorted()
    }

    /// - Parameters:
    ///   - bytes: what was read of it.
    ///   - signature: what the file looked like before it was read; a write in between is noticed by it.
    public init(path: String, bytes: [UInt8]?, signature: FileSignature?) {
        self.path = path
        contents = bytes.map { [$0[...]] }
        self.signature = signature
    }

    /// A file that is made with the first save, or taken over as it is now.
    public convenience init(path: String) {
        let signature = FileSignature(of: path)
        self.init(path: path, bytes: FileManager.default.contents(atPath: path).map { Array($0) }, signature: signature)
    }

    /// The folder that it lies in.
    public var folder: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

    /// Its name in that folder.
    public var name: String { URL(fileURLWithPath: path).lastPathComponent }

    /// Takes the notebook for this process; does nothing where it has it already.
    /// - Throws: `SessionError.inUse` where another process has it.
    func takeLock() throws {
        guard lock == nil else { return }
        guard let taken = try NotebookLock(folder: folder + "/.distnb", notebook: name) else {
            throw SessionError.inUse(path: path)
        }
        lock = taken
        removeLeftovers()
    }

    /// Files that a process which was killed while it wrote has left: whoever has the lock may take them away.
    private func removeLeftovers() {
        for other in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where AtomicFile.isTemporary(other, of: name) && StateFolder.isRegularFile(folder + "/" + other) {
            try? FileManager.default.removeItem(atPath: folder + "/" + other)
        }
    }

    /// Replaces the file with a document, whole, taking the notebook for this process.
    /// - Throws: `FileError`; `SessionError.inUse`; `SessionError.changedOnDisk` as `replace` does.
    public func save(_ document: inout NotebookDocument) throws {
        try takeLock()
        try replace(with: NotebookCodec.pieces(of: &document))
    }

    /// Lets other processes have the notebook.
    func releaseLock() { lock = nil }

    /// Whether another program wrote the file since it was last read or written here.
    public var isChangedOnDisk: Bool {
        let now = FileSignature(of: path)
        if now == signature { return false }
        guard let onDisk = FileManager.default.contents(atPath: path) else { return false }
        guard let contents else { return true }
        var rest = onDisk[...]
        let isSame =
            onDisk.count == contents.reduce(0) { $0 + $1.count }
            && contents.allSatisfy { piece in
                defer { rest = rest.dropFirst(piece.count) }
                return rest.prefix(piece.count).elementsEqual(piece)
            }
        if isSame { signature = now }
        return !isSame
    }

    /// Replaces the file, whole.
    /// - Throws: `FileError`; `SessionError.changedOnDisk` where another program wrote the file meanwhile: then the
    ///   bytes are in a file beside it.
    func replace(with new: [ArraySlice<UInt8>]) throws {
        if isChangedOnDisk {
            let rescue = rescue ?? unusedRescuePath
            self.rescue = rescue
            try AtomicFile.replace(rescue, withPieces: new, modeOf: path)
            throw SessionError.changedOnDisk(path: path, rescue: rescue)
        }
        try AtomicFile.replace(path, withPieces: new)
        contents = new
        signature = FileSignature(of: path)
    }
}
