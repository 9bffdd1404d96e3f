internal import Foundation

/// Keeps a second process from running the same notebook.
final class NotebookLock {
    private let descriptor: Int32

    /// Takes the lock of a notebook; nil where another process has it.
    ///
    /// The lock (flock) ends with the process however it dies, so a crash leaves nothing to clean up.
    init?(folder: String, notebook: String) {
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let opened = open("\(folder)/\(notebook).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        // Where no lock can be made, a read-only folder say, saving will tell; running may go on.
        guard opened >= 0 else {
            descriptor = -1
            return
        }
        if flock(opened, LOCK_EX | LOCK_NB) != 0 {
            close(opened)
            return nil
        }
        descriptor = opened
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
