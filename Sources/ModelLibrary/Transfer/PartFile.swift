internal import Foundation
internal import Tables

/// A file that is on its way: `NAME.part`, and beside it what it is a part of.
///
/// Bytes are written as they come, so a process that is killed leaves what it had; the note beside tells the next one
/// whether that is the beginning of the same file.
final class PartFile {
    private struct Note: Equatable {
        var url: String
        var digest: String
        var tag: String?

        var value: Value { ["url": .string(url), "digest": .string(digest), "etag": tag.map { .string($0) } ?? .null] }
    }

    let path: String
    private let notePath: String
    private let descriptor: Int32
    private var note: Note
    private(set) var count: Int
    /// Whether some of it came by an earlier request, perhaps of another process.
    private(set) var isResumed = false

    /// Opens the part of a file, or begins one; a part of something else is thrown away.
    /// - Throws: `ModelLibraryError.cannotWrite`.
    init(for target: String, url: String, digest: ExpectedDigest) throws {
        path = target + ".part"
        notePath = target + ".part.json"
        let wanted = Note(url: url, digest: "\(digest)", tag: nil)
        let kept = Self.note(at: notePath)
        // With one hash it is one file, wherever it comes from.
        let isHash = if case .sha256 = digest { true } else { false }
        let goesOn =
            kept.map { $0.digest == wanted.digest && (isHash || ($0.url == wanted.url && $0.tag != nil)) } ?? false
        descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (goesOn ? 0 : O_TRUNC), 0o644)
        guard descriptor >= 0 else {
            throw ModelLibraryError.cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
        count = goesOn ? Int(lseek(descriptor, 0, SEEK_END)) : 0
        isResumed = count > 0
        note = wanted
        note.tag = goesOn ? kept?.tag : nil
        try writeNote()
    }

    deinit { close(descriptor) }

    /// The tag of the bytes that are there.
    var tag: String? { note.tag }

    /// Bytes are about to come that carry this tag.
    func expect(tag: String?) throws {
        if count > 0 { isResumed = true }
        guard tag != note.tag else { return }
        note.tag = tag
        try writeNote()
    }

    /// Starts from nothing.
    func clear() throws {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure() }
        count = 0
        isResumed = false
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let written = write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw failure()
            }
            count += written
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
    }

    /// Makes the whole file of it, durable on disk.
    func finish(as target: String) throws {
        guard fsync(descriptor) == 0, rename(path, target) == 0 else { throw failure() }
        unlink(notePath)
    }

    /// Takes it away.
    func remove() {
        unlink(path)
        unlink(notePath)
        count = 0
    }

    private func failure() -> ModelLibraryError {
        .cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }

    private func writeNote() throws {
        let data = Data(JSON.text(note.value, .readable).utf8)
        do {
            try data.write(to: URL(fileURLWithPath: notePath), options: .atomic)
        } catch {
            throw ModelLibraryError.cannotWrite(path: notePath, reason: error.localizedDescription)
        }
    }

    private static func note(at path: String) -> Note? {
        guard let data = FileManager.default.contents(atPath: path), let value = try? JSON.parse(Array(data)),
            let url = value[field: "url"].text, let digest = value[field: "digest"].text
        else { return nil }
        return Note(url: url, digest: digest, tag: value[field: "etag"].text)
    }
}
