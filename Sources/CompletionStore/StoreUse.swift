internal import Foundation
internal import Synchronization

/// Says to other processes that a store is in use, so that none takes away what a run here is about to look up.
///
/// It is a lock (flock) on a file beside the database, never on the database itself: closing a descriptor of that file
/// would end SQLite's own locks (sqlite.org/howtocorrupt.html). It ends with the process, however that dies.
final class StoreUse: Sendable {
    private let descriptor: Int32
    private let isTurning = Mutex(())

    /// Where the file cannot be made or locked, nobody is told, and `alone` does nothing.
    init(database path: String) {
        descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        if descriptor >= 0 { flock(descriptor, LOCK_SH | LOCK_NB) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Does something while nobody else uses the store, and keeps others from beginning meanwhile.
    /// - Returns: nil where others use it; nothing was done then.
    func alone<Result>(_ work: () throws -> Result) rethrows -> Result? {
        try isTurning.withLock { _ in
            guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                // Turning a lock may have given the old one up (flock(2)).
                if descriptor >= 0 { flock(descriptor, LOCK_SH | LOCK_NB) }
                return nil
            }
            defer { flock(descriptor, LOCK_SH) }
            return try work()
        }
    }
}
