public import Distillation
internal import Foundation

/// The folder `.distnb` beside a notebook: store, blobs, checkpoints, locks.
public enum StateFolder {
    /// Refuses a state folder that leads elsewhere by links: in a stranger's folder they could have files of the user
    /// read, overwritten or removed.
    /// - Parameter folder: the notebook's folder.
    /// - Throws: `FileError` that names the link.
    public static func refuseLinks(in folder: String) throws(FileError) {
        let state = folder + "/.distnb"
        let inner = ["checkpoints", "soft-labels", "blobs"].flatMap { name in
            entries(state + "/" + name).filter { name != "blobs" || $0 == "lock" }.map { "\(name)/\($0)" }
        }
        for path in [state] + (entries(state) + inner).map({ state + "/" + $0 }) where isLink(path) {
            throw FileError(
                .outsideRoot, path: path, detail: "\(path) is a link; a notebook's state must lie in its own folder.",
                hint: "remove the link; look at where the notebook came from")
        }
    }

    /// Whether a path is a plain file itself, not a link to one.
    static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private static func entries(_ folder: String) -> [String] {
        isLink(folder) ? [] : (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }
}
