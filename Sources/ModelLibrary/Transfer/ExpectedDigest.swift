internal import Crypto
internal import Distillation
internal import Foundation
internal import Tables

/// What a file's bytes must hash to.
package enum ExpectedDigest: Sendable, Hashable {
    /// 64 hexadecimal digits.
    case sha256(String)
    /// The SHA-1 by which git names a blob: all that a hub tells of its small text files.
    case gitBlob(String)
    /// Whatever the server tells with the file, which must be a SHA-256 (`X-Linked-ETag`).
    case fromServer
    /// Nothing is known, and the file is none that is run: a licence, a list of names.
    case unknown

    /// A text as a SHA-256.
    /// - Throws: `ModelLibraryError.badHash`.
    package init(sha256 text: String) throws {
        guard Self.isHexadecimal(text, digits: 64) else { throw ModelLibraryError.badHash(text: text) }
        self = .sha256(text.lowercased())
    }

    static func isHexadecimal(_ text: String, digits: Int) -> Bool {
        text.utf8.count == digits
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20)
            }
    }
}

/// Hashes of a file, read from the disk: what counts is what lies there, not what came over the wire.
struct FileHashes {
    let sha256: String
    let gitBlob: String
    let bytes: Int

    /// - Throws: `ModelLibraryError.noSuchPath`, `Interrupted`.
    init(of path: String, cancellation: Cancellation = .never) throws {
        guard let handle = FileHandle(forReadingAtPath: path),
            let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
        else { throw ModelLibraryError.noSuchPath(path: path) }
        defer { try? handle.close() }
        var whole = SHA256()
        var blob = Insecure.SHA1()
        blob.update(data: Data("blob \(size)\u{0}".utf8))
        // Only small files are named by git's hash.
        let isSmall = size < 1 << 26
        var bytes = 0
        while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty {
            try cancellation.check()
            whole.update(data: part)
            if isSmall { blob.update(data: part) }
            bytes += part.count
        }
        sha256 = Self.text(whole.finalize())
        gitBlob = isSmall ? Self.text(blob.finalize()) : ""
        self.bytes = bytes
    }

    /// - Throws: `ModelLibraryError.wrongHash`.
    func check(_ digest: ExpectedDigest, file: String) throws {
        switch digest {
        case .sha256(let expected) where expected != sha256:
            throw ModelLibraryError.wrongHash(file: file, expected: expected, found: sha256)
        case .gitBlob(let expected) where expected != gitBlob:
            throw ModelLibraryError.wrongHash(
                file: file, expected: "\(expected) (git's SHA-1)", found: "\(gitBlob) (git's SHA-1)")
        default: return
        }
    }

    private static func text(_ digest: some Sequence<UInt8>) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
