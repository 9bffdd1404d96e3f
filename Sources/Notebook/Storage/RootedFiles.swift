public import Distillation
internal import Foundation
internal import PipelineSyntax
internal import Synchronization
public import Tables

/// The files under a notebook's root, and single files that the command line granted.
///
/// Paths are resolved before they are checked, symlinks included, so that nothing shared in a notebook
/// reaches outside. What was read is recorded for the cell's fingerprint.
public final class RootedFiles: ProjectFiles {
    private let root: String
    private let granted: Set<String>
    private let output: String
    private let isOwn: Bool
    private let state = Mutex(State())

    private struct State {
        /// What the cell at hand read, with SHA-256.
        var reads: [String: ReadHash] = [:]
        var hasWritten = false
        /// Hashes of files by full path, as long as they look unchanged.
        var hashes: [String: (signature: FileSignature, hash: String)] = [:]
    }

    /// The SHA-256 of what was read; that of a large file may still be on its way.
    private enum ReadHash {
        case known(String)
        case pending(BackgroundHash, full: String)
    }

    /// - Parameters:
    ///   - root: the folder, usually the notebook's.
    ///   - granted: files outside it that may be read.
    ///   - output: the folder that has the `out/` which is written to; the root unless given.
    ///   - isOwn: whether the root is the notebook's own folder.
    public init(root: String, granted: [String] = [], output: String? = nil, isOwn: Bool = true) {
        self.isOwn = isOwn
        self.root = Self.resolved(root)
        self.granted = Set(granted.map(Self.resolved))
        self.output = output.map(Self.resolved) ?? self.root
    }

    public func read(_ path: String) throws(FileError) -> [UInt8] {
        let file = try opened(path)
        do {
            let bytes = try file.bytes()
            state.withLock { $0.reads[path] = .known(SHA256Name.of(bytes)) }
            return bytes
        } catch {
            throw FileError(.unreadable, path: path, detail: "\(path) cannot be read to its end.")
        }
    }

    public func open(_ path: String) throws(FileError) -> any ByteSource {
        let file = try opened(path)
        let known = state.withLock { $0.hashes[file.path] }
        if let known, known.signature == FileSignature(of: file.path) {
            state.withLock { $0.reads[path] = .known(known.hash) }
        } else {
            let hash = BackgroundHash(file)
            state.withLock { $0.reads[path] = .pending(hash, full: file.path) }
        }
        return file
    }

    public func readBeginning(_ path: String, count: Int) throws(FileError) -> (bytes: [UInt8], isWhole: Bool) {
        guard let file = OpenFile(try readable(path)) else { throw Self.forbidden(path) }
        do {
            return (try file.beginning(count), file.count <= count)
        } catch {
            throw FileError(.unreadable, path: path, detail: "\(path) cannot be read.")
        }
    }

    /// A file that the cell at hand depends on from now on.
    private func opened(_ path: String) throws(FileError) -> OpenFile {
        let full: String
        do throws(FileError) {
            full = try readable(path)
        } catch {
            // The cell depends on it all the same: it is stale as soon as the file is there.
            if error.reason == .missing { state.withLock { $0.reads[path] = .known("missing") } }
            throw error
        }
        guard let file = OpenFile(full) else { throw Self.forbidden(path) }
        return file
    }

    private static func forbidden(_ path: String) -> FileError {
        FileError(.unreadable, path: path, detail: "\(path) may not be read.", hint: "change its permissions")
    }

    /// The full path of a file that is there and has an end.
    private func readable(_ path: String) throws(FileError) -> String {
        let full = try located(path)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder) else {
            throw FileError(
                .missing, path: path, detail: "There is no file \(path) in \(displayRoot).", hint: nearby(full, path))
        }
        guard !isFolder.boolValue else {
            throw FileError(
                .unreadable, path: path, detail: "\(path) is a folder, not a file.", hint: "name a file in it")
        }
        guard Self.isRegular(full) else {
            throw FileError(
                .unreadable, path: path, detail: "\(path) is a pipe or a device, not a file.",
                hint: "save what it gives to a file")
        }
        return full
    }

    /// The full path of a file under out/.
    private func writable(_ path: String) throws(FileError) -> String {
        try Self.requireName(path, else: .cannotWrite)
        let full = (path.hasPrefix("/") ? URL(fileURLWithPath: path) : URL(fileURLWithPath: output + "/" + path))
            .standardizedFileURL.path
        guard full.hasPrefix(output + "/out/") else {
            throw FileError(
                .outsideRoot, path: path, detail: "\(path) is not under out/, the only folder that is written to.",
                hint: "out/\(URL(fileURLWithPath: path).lastPathComponent)")
        }
        return full
    }

    public func write(_ path: String, _ bytes: [UInt8]) throws(FileError) {
        try AtomicFile.replace(try prepared(path), with: bytes)
        state.withLock { $0.hasWritten = true }
    }

    public func write(_ path: String, _ file: ExportedFile) throws(FileError) -> Int {
        var count = 0
        try AtomicFile.replace(try prepared(path)) { put throws(FileError) in
            try file.write { piece throws(FileError) in
                try put(piece)
                count += piece.count
            }
        }
        state.withLock { $0.hasWritten = true }
        return count
    }

    /// The full path of a file that may be written; the folder for it is there then.
    private func prepared(_ path: String) throws(FileError) -> String {
        let out = output + "/out"
        let full = try writable(path)
        let folder = URL(fileURLWithPath: full).deletingLastPathComponent().path
        // Before a folder is made: not even that may happen outside.
        let nearest = existing(folder)
        guard nearest == output || (Self.resolved(nearest) + "/").hasPrefix(out + "/") else {
            throw FileError(
                .outsideRoot, path: path, detail: "\(path) leads outside out/ by a link.", hint: "remove the link")
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw FileError(
                .cannotWrite, path: path,
                detail: "The folder for \(path) cannot be made: \(error.localizedDescription)", hint: nil)
        }
        // A symlink inside out/ must not lead out of it.
        guard (Self.resolved(folder) + "/").hasPrefix(Self.resolved(out) + "/"), Self.resolved(out) == out,
            Self.resolved(full).hasPrefix(out + "/")
        else {
            throw FileError(
                .outsideRoot, path: path, detail: "\(path) leads outside out/ by a link.", hint: "remove the link")
        }
        return full
    }

    /// The nearest folder above, or the folder itself, that is there.
    private func existing(_ folder: String) -> String {
        var url = URL(fileURLWithPath: folder)
        while !FileManager.default.fileExists(atPath: url.path), url.path.utf8.count > output.utf8.count {
            url = url.deletingLastPathComponent()
        }
        return url.path
    }

    /// Why reading a path would be refused, or nil. Reads nothing.
    func refusal(reading path: String) -> String? {
        do throws(FileError) {
            let full = try located(path)
            return FileManager.default.fileExists(atPath: full) ? nil : "there is no file \(path)"
        } catch {
            return error.detail
        }
    }

    /// Why writing a path would be refused, or nil. Writes nothing.
    func refusal(writing path: String) -> String? {
        do throws(FileError) {
            _ = try writable(path)
            return nil
        } catch {
            return error.detail
        }
    }

    /// Forgets what was read and written so far; a cell begins.
    func beginRecording() {
        state.withLock {
            $0.reads = [:]
            $0.hasWritten = false
        }
    }

    /// What was read since, with SHA-256.
    var recorded: [String: String] {
        state.withLock(\.reads).mapValues { read in
            switch read {
            case .known(let hash): return hash
            case .pending(let pending, let full):
                let hash = pending.value
                if let signature = pending.signature { state.withLock { $0.hashes[full] = (signature, hash) } }
                return hash
            }
        }
    }

    /// Whether anything was written since.
    var hasWritten: Bool { state.withLock(\.hasWritten) }

    /// The SHA-256 of a file now, or nil where it cannot be read. Not recorded.
    func hash(_ path: String) -> String? {
        // A saved path may have had its home folder redacted.
        guard let full = try? located(path), let signature = FileSignature(of: full), Self.isRegular(full) else {
            return nil
        }
        if let known = state.withLock({ $0.hashes[full] }), known.signature == signature { return known.hash }
        guard let file = OpenFile(full), let hash = try? SHA256Name.of(file) else { return nil }
        state.withLock { $0.hashes[full] = (signature, hash) }
        return hash
    }

    /// What tells whether a file changed; nil where it may not be read or is not there. Not recorded.
    func signature(of path: String) -> FileSignature? {
        guard let full = try? located(path) else { return nil }
        return FileSignature(of: full)
    }

    /// The paths below a folder that begin so, for completion: folders end in `/`; hidden ones are left out.
    public func paths(beginning path: String) -> [String] {
        let cut = path.lastIndex(of: "/")
        let folder = cut.map { String(path[...$0]) } ?? ""
        guard let full = try? located(folder + "."),
            let names = try? FileManager.default.contentsOfDirectory(atPath: full)
        else { return [] }
        return names.filter { !$0.hasPrefix(".") && (folder + $0).hasPrefix(path) }.sorted().map { name in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: full + "/" + name, isDirectory: &isFolder)
            return folder + name + (exists && isFolder.boolValue ? "/" : "")
        }
    }

    private func located(_ path: String) throws(FileError) -> String {
        // A saved path may have had its home folder redacted; whether it may be read is decided as ever.
        let path = path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst() : path
        try Self.requireName(path, else: .unreadable)
        if output != root, !path.hasPrefix("/") {
            let written = Self.resolved(output + "/" + path)
            if written.hasPrefix(output + "/out/"), FileManager.default.fileExists(atPath: written) { return written }
        }
        let full = Self.resolved(path.hasPrefix("/") ? path : root + "/" + path)
        guard full.hasPrefix(root == "/" ? "/" : root + "/") || full == root || granted.contains(full) else {
            throw FileError(
                .outsideRoot, path: path,
                detail:
                    "\(path) is outside \(isOwn ? "the notebook's folder, " : "")\(displayRoot), where paths begin.",
                hint: isOwn
                    ? "copy it there, run with --root DIR, or make its path a `param` and set it with -p"
                    : "name it from there on, or make its path a `param` and set it with -p")
        }
        return full
    }

    /// The system takes a name to end at a zero byte: what was checked would not be what is opened.
    private static func requireName(_ path: String, else reason: FileError.Reason) throws(FileError) {
        guard path.utf8.contains(0) else { return }
        throw FileError(reason, path: path, detail: "A file's name has no zero byte in it.")
    }

    /// Whether it is a file with an end: reading a pipe or a device may never come back.
    private static func isRegular(_ path: String) -> Bool {
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type]
        return type as? FileAttributeType == .typeRegular
    }

    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    private var displayRoot: String { "the folder \(URL(fileURLWithPath: root).lastPathComponent)" }

    private func nearby(_ full: String, _ path: String) -> String? {
        let folder = URL(fileURLWithPath: full).deletingLastPathComponent().path
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder), !names.isEmpty else {
            return "paths start at the notebook's folder"
        }
        let wanted = URL(fileURLWithPath: full).lastPathComponent
        if let close = Suggestion.closest(to: wanted, among: names) {
            let before = path.split(separator: "/").dropLast().joined(separator: "/")
            return "did you mean \"\(before.isEmpty ? "" : before + "/")\(close)\"?"
        }
        return "that folder has \(names.filter { !$0.hasPrefix(".") }.sorted().prefix(6).joined(separator: ", "))"
    }
}
