public import Distillation
internal import Foundation
internal import PipelineSyntax
internal import Synchronization
internal import Tables

/// The files under a notebook's root, and single files that the command line granted.
///
/// Paths are resolved before they are checked, symlinks included, so that nothing shared in a notebook
/// reaches outside. What was read is recorded for the cell's fingerprint.
public final class RootedFiles: ProjectFiles {
    private let root: String
    private let granted: Set<String>
    private let reads = Mutex<[String: String]>([:])

    /// - Parameters:
    ///   - root: the folder, usually the notebook's.
    ///   - granted: files outside it that may be read.
    public init(root: String, granted: [String] = []) {
        self.root = Self.resolved(root)
        self.granted = Set(granted.map(Self.resolved))
    }

    public func read(_ path: String) throws(FileError) -> [UInt8] {
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
        guard let data = FileManager.default.contents(atPath: full) else {
            throw FileError(.unreadable, path: path, detail: "\(path) may not be read.", hint: "change its permissions")
        }
        let bytes = Array(data)
        reads.withLock { $0[path] = SHA256Name.of(bytes) }
        return bytes
    }

    public func write(_ path: String, _ bytes: [UInt8]) throws(FileError) {
        let out = root + "/out"
        let full = (path.hasPrefix("/") ? URL(fileURLWithPath: path) : URL(fileURLWithPath: root + "/" + path))
            .standardizedFileURL.path
        guard full.hasPrefix(out + "/") else {
            throw FileError(
                .outsideRoot, path: path, detail: "\(path) is not under out/, the only folder that is written to.",
                hint: "out/\(URL(fileURLWithPath: path).lastPathComponent)")
        }
        let folder = URL(fileURLWithPath: full).deletingLastPathComponent().path
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
        try AtomicFile.replace(full, with: bytes)
    }

    /// Forgets what was read so far; a cell begins.
    func beginRecording() { reads.withLock { $0 = [:] } }

    /// What was read since, with SHA-256.
    var recorded: [String: String] { reads.withLock { $0 } }

    /// The SHA-256 of a file now, or nil where it cannot be read. Not recorded.
    func hash(_ path: String) -> String? {
        guard let full = try? located(path), let data = FileManager.default.contents(atPath: full) else { return nil }
        return SHA256Name.of(Array(data))
    }

    private func located(_ path: String) throws(FileError) -> String {
        let full = Self.resolved(path.hasPrefix("/") ? path : root + "/" + path)
        guard full.hasPrefix(root + "/") || granted.contains(full) else {
            throw FileError(
                .outsideRoot, path: path, detail: "\(path) is outside the notebook's folder, \(displayRoot).",
                hint: "copy it there, run with --root DIR, or make its path a `param` and set it with -p")
        }
        return full
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
