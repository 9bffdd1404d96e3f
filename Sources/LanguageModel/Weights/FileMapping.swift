import Foundation

/// Bytes that stay where they are as long as this lives: a file's, mapped into memory, or a copy of other bytes.
///
/// `@unchecked Sendable`: nobody writes to them.
final class FileMapping: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool
    private let release: (UnsafeMutableRawPointer) -> Void

    /// Maps a file read-only.
    /// - Throws: `WeightsError.unreadable`.
    init(_ path: String) throws {
        func failure(_ reason: String? = nil) -> WeightsError {
            .unreadable(
                file: path,
                reason: reason ?? (errno == ENOENT ? "there is no such file" : String(cString: strerror(errno))))
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure("it is not a file") }
        let count = Int(status.st_size)
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            isMapped = false
            release = { _ in }
            return
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw failure()
        }
        bytes = UnsafeRawBufferPointer(start: base, count: count)
        isMapped = true
        release = { munmap($0, count) }
    }

    /// A copy of bytes in memory.
    init(copying data: Data) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, data.count), alignment: 64)
        data.withUnsafeBytes { copy.copyMemory(from: $0) }
        bytes = UnsafeRawBufferPointer(start: copy.baseAddress, count: data.count)
        isMapped = false
        release = { $0.deallocate() }
    }

    /// Gives back the memory of a mapped file, which is read again when it is wanted again.
    func letGo() {
        guard isMapped, let base = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base), bytes.count, MADV_DONTNEED)
    }

    deinit {
        if let base = bytes.baseAddress { release(UnsafeMutableRawPointer(mutating: base)) }
    }
}
