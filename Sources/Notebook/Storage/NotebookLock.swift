internal import Distillation
internal import Foundation

/// Keeps a second process from running the same notebook.
final class NotebookLock {
    private let descriptor: Int32

    /// Takes the lock of a notebook; nil where another process has it.
    ///
    /// The lock (flock) ends with the process however it dies, so a crash leaves nothing to clean up.
    /// - Throws: `FileError` where the folder may not be written: better told now than after an hour's run.
    init?(folder: String, notebook: String) throws(FileError) {
        // By mkdir, which says why not; the folder above is the notebook's and is there.
        let isThere = mkdir(folder, 0o755) == 0 || errno == EEXIST
        let opened = !isThere ? -1 : open("\(folder)/\(notebook).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else {
            throw FileError(
                .cannotWrite, path: folder,
                detail: "\(folder) cannot be written: \(String(cString: strerror(errno))).",
                hint: "copy the notebook into a folder of yours, or change the permissions")
        }
        if flock(opened, LOCK_EX | LOCK_NB) != 0 {
            close(opened)
            return nil
        }
        descriptor = opened
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
