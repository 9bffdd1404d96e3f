public import Tables

/// The files that the language may touch; the notebook's folder and what the command line granted.
public protocol ProjectFiles: Sendable {
    /// A file's bytes.
    /// - Throws: `FileError`.
    func read(_ path: String) throws(FileError) -> [UInt8]

    /// A file to be read part by part; it counts as read.
    /// - Throws: `FileError`.
    func open(_ path: String) throws(FileError) -> any ByteSource

    /// The first bytes of a file, for telling its columns, and whether these are all of it. Not a reading that a cell
    /// depends on.
    /// - Throws: `FileError`.
    func readBeginning(_ path: String, count: Int) throws(FileError) -> (bytes: [UInt8], isWhole: Bool)

    /// Writes a file under `out/`, replacing it whole.
    /// - Throws: `FileError`.
    func write(_ path: String, _ bytes: [UInt8]) throws(FileError)

    /// Writes a file of any size under `out/`, piece by piece, replacing it whole.
    /// - Returns: the number of bytes.
    /// - Throws: `FileError`.
    func write(_ path: String, _ file: ExportedFile) throws(FileError) -> Int

    /// Whether there is a file of this path. Not a reading that a cell depends on.
    func exists(_ path: String) -> Bool
}

extension ProjectFiles {
    public func write(_ path: String, _ file: ExportedFile) throws(FileError) -> Int {
        var bytes: [UInt8] = []
        try file.write { piece throws(FileError) in bytes += piece }
        try write(path, bytes)
        return bytes.count
    }

    public func exists(_ path: String) -> Bool { (try? readBeginning(path, count: 1)) != nil }

    public func open(_ path: String) throws(FileError) -> any ByteSource { BytesInMemory(try read(path)) }
}

/// A file that could not be read or written.
public struct FileError: Error, Sendable, Equatable {
    public enum Reason: Sendable, Equatable { case missing, outsideRoot, unreadable, cannotWrite }

    public let reason: Reason
    public let path: String
    /// What the system or the policy says.
    public let detail: String
    public let hint: String?

    public init(_ reason: Reason, path: String, detail: String, hint: String? = nil) {
        self.reason = reason
        self.path = path
        self.detail = detail
        self.hint = hint
    }
}
