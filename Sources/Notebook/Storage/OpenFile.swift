internal import Dispatch
internal import Foundation
internal import Synchronization
internal import Tables

/// A file that is open for reading in any part; closed when nobody needs it any more.
final class OpenFile: ByteSource {
    let path: String
    private let descriptor: Int32
    let count: Int

    /// Nil where the file cannot be opened.
    init?(_ path: String) {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            close(descriptor)
            return nil
        }
        self.path = path
        self.descriptor = descriptor
        count = Int(status.st_size)
    }

    deinit { close(descriptor) }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let got = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if got >= 0 { return got }
            if errno != EINTR { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        }
    }
}

/// The SHA-256 of a file, computed while others already read it.
final class BackgroundHash: Sendable {
    private let group = DispatchGroup()
    private let result = Mutex("")
    /// What the file looked like before it was read.
    let signature: FileSignature?

    init(_ file: OpenFile) {
        signature = FileSignature(of: file.path)
        DispatchQueue.global().async(group: group) {
            let hash = (try? SHA256Name.of(file)) ?? "unreadable"
            self.result.withLock { $0 = hash }
        }
    }

    /// The hash; waits for it.
    var value: String {
        group.wait()
        return result.withLock { $0 }
    }
}
