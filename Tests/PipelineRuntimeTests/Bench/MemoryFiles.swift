import Distillation
import Synchronization
import Tables

/// Files in memory, by path.
final class MemoryFiles: ProjectFiles {
    private let files: Mutex<[String: [UInt8]]>

    init(_ files: [String: [UInt8]] = [:]) { self.files = Mutex(files) }

    func read(_ path: String) throws(FileError) -> [UInt8] {
        guard let bytes = files.withLock({ $0[path] }) else {
            throw FileError(.missing, path: path, detail: "There is no file \(path).")
        }
        return bytes
    }

    func readBeginning(_ path: String, count: Int) throws(FileError) -> (bytes: [UInt8], isWhole: Bool) {
        let bytes = try read(path)
        return (Array(bytes.prefix(count)), bytes.count <= count)
    }

    func write(_ path: String, _ bytes: [UInt8]) throws(FileError) { files.withLock { $0[path] = bytes } }
}

/// Blobs in memory.
final class MemoryBlobs: BlobStoring {
    private let blobs = Mutex<[String: [UInt8]]>([:])

    func put(_ bytes: [UInt8]) throws -> String {
        let name = SHA256Name.of(bytes)
        blobs.withLock { $0[name] = bytes }
        return name
    }

    func get(_ name: String) throws -> [UInt8] {
        guard let bytes = blobs.withLock({ $0[name] }) else { throw BlobError.missing(name) }
        return bytes
    }

    func contains(_ name: String) -> Bool { blobs.withLock { $0[name] != nil } }
}
