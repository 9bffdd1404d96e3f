internal import Distillation
public import Foundation
public import OrderedCollections
internal import Synchronization
public import Tables

/// Large state in a folder, a file a blob, named by SHA-256; and what was packed into the notebook's file.
public final class BlobFolder: BlobStoring {
    private let folder: String
    /// SHA-256 → base64.
    private let packed: Record
    /// A file's lock that all hold who put something: while others do, nothing is collected.
    private let lock = Mutex<Int32>(-1)

    /// - Parameter packed: blobs of the notebook's file itself, by name, as base64.
    public init(folder: String, packed: Record = [:]) {
        self.folder = folder
        self.packed = packed
    }

    deinit { lock.withLock { if $0 >= 0 { close($0) } } }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    public func put(_ bytes: [UInt8]) throws -> String {
        let name = SHA256Name.of(bytes)
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw BlobError.cannotWrite(folder, error.localizedDescription)
        }
        hold()
        if FileManager.default.fileExists(atPath: path(name)) { return name }
        do {
            try AtomicFile.replace(path(name), with: bytes)
        } catch {
            throw BlobError.cannotWrite(folder, error.detail)
        }
        return name
    }

    public func get(_ name: String) throws -> [UInt8] {
        // Names come from files that people share: only digits may reach a path.
        guard SHA256Name.isName(name) else { throw BlobError.missing(name) }
        let data =
            FileManager.default.contents(atPath: path(name)) ?? packed[name]?.text.flatMap { Data(base64Encoded: $0) }
        guard let data else { throw BlobError.missing(name) }
        let bytes = Array(data)
        guard SHA256Name.of(bytes) == name else { throw BlobError.corrupt(name) }
        return bytes
    }

    public func contains(_ name: String) -> Bool {
        SHA256Name.isName(name) && (packed[name] != nil || FileManager.default.fileExists(atPath: path(name)))
    }

    /// Removes the blobs that neither a set nor a notebook of the folder names. Does nothing while another process may
    /// have blobs here that are not in a file yet, and where a notebook cannot be read.
    /// - Parameters:
    ///   - kept: names to keep.
    ///   - notebooks: the folder of notebooks that share these blobs.
    ///   - own: the name of the notebook that `kept` is of.
    func collect(keeping kept: Set<String>, notebooksOf notebooks: String, except own: String) {
        let files = FileManager.default
        guard let names = try? files.contentsOfDirectory(atPath: folder) else { return }
        hold()
        let isAlone = lock.withLock { $0 >= 0 && flock($0, LOCK_EX | LOCK_NB) == 0 }
        defer { lock.withLock { if $0 >= 0 { flock($0, LOCK_SH) } } }
        guard isAlone else { return }
        for name in names where AtomicFile.isTemporary(name) && StateFolder.isRegularFile(path(name)) {
            try? files.removeItem(atPath: path(name))
        }
        var unused = Set(names.filter { SHA256Name.isName($0) && !kept.contains($0) })
        guard !unused.isEmpty, let others = try? files.contentsOfDirectory(atPath: notebooks) else { return }
        for other in others
        where other != own && (other.hasSuffix(".distnb") || other.hasSuffix(".ipynb") || other.contains(".unsaved")) {
            var isFolder: ObjCBool = false
            guard files.fileExists(atPath: notebooks + "/" + other, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            guard let text = files.contents(atPath: notebooks + "/" + other) else { return }
            unused = unused.filter { text.range(of: Data($0.utf8)) == nil }
        }
        for name in unused { try? files.removeItem(atPath: path(name)) }
    }

    private func hold() {
        lock.withLock { descriptor in
            guard descriptor < 0 else { return }
            descriptor = open("\(folder)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            if descriptor >= 0 { flock(descriptor, LOCK_SH) }
        }
    }
}
