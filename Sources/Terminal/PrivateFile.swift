internal import Foundation

/// A file in the folder for temporary ones that only the user may read.
enum PrivateFile {
    /// - Returns: whether it was written; false where something of that name is there.
    static func write(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        return (try? handle.write(contentsOf: Data(text.utf8))) != nil
    }
}
