internal import Distillation
internal import Foundation
public import Tables

/// Large state in a folder, a file a blob, named by SHA-256.
public struct BlobFolder: BlobStoring {
    private let folder: String

    public init(folder: String) { self.folder = folder }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    public func put(_ bytes: [UInt8]) throws -> String {
        let name = SHA256Name.of(bytes)
        if contains(name) { return name }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw BlobError.cannotWrite(folder, error.localizedDescription)
        }
        do {
            try AtomicFile.replace(path(name), with: bytes)
        } catch {
            throw BlobError.cannotWrite(folder, error.detail)
        }
        return name
    }

    public func get(_ name: String) throws -> [UInt8] {
        guard isName(name), let data = FileManager.default.contents(atPath: path(name)) else {
            throw BlobError.missing(name)
        }
        let bytes = Array(data)
        guard SHA256Name.of(bytes) == name else { throw BlobError.corrupt(name) }
        return bytes
    }

    public func contains(_ name: String) -> Bool { isName(name) && FileManager.default.fileExists(atPath: path(name)) }

    /// Names come from files that people share: only digits may reach a path.
    private func isName(_ name: String) -> Bool {
        name.utf8.count == 64 && name.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
    }
}
