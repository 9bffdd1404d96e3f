public import Distillation
public import Foundation

/// Replaces files whole: at any instant either the old or the new one is there.
public enum AtomicFile {
    /// Writes beside the file, syncs, and renames over it. A symlink's target is replaced, not the link.
    /// - Throws: `FileError` with the system's reason; the old file is untouched then.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        try replace(path, withPieces: [bytes[...]])
    }

    /// The same with pieces one after another.
    public static func replace(_ path: String, withPieces pieces: [Data]) throws(FileError) {
        try replace(path, modeOf: nil) { descriptor throws(FileError) in
            for piece in pieces {
                var rest = piece[...]
                // Data gives its bytes in parts; each is written from where it lies.
                while !rest.isEmpty {
                    let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
                    if written < 0, errno != EINTR { throw failure(path) }
                    rest = rest.dropFirst(max(0, written))
                }
            }
        }
    }

    /// The same with pieces of arrays; small ones are gathered, so that there are few calls and no second copy of a
    /// large file.
    /// - Parameter modeOf: a file whose permissions the new one gets; those of the file that it replaces unless given.
    static func replace(
        _ path: String, withPieces pieces: [ArraySlice<UInt8>], modeOf: String? = nil
    ) throws(FileError) {
        try replace(path, modeOf: modeOf) { descriptor throws(FileError) in
            var gathered: [UInt8] = []
            gathered.reserveCapacity(1 << 20)
            for piece in pieces {
                // What was gathered stands before a piece that is written by itself.
                if piece.count > 1 << 19 || gathered.count + piece.count > 1 << 20 {
                    try write(gathered[...], to: descriptor, path: path)
                    gathered.removeAll(keepingCapacity: true)
                }
                if piece.count > 1 << 19 {
                    try write(piece, to: descriptor, path: path)
                } else {
                    gathered += piece
                }
            }
            try write(gathered[...], to: descriptor, path: path)
        }
    }

    /// The same with pieces that are made on the way.
    static func replace(
        _ path: String, producing: (_ put: ExportedFile.Put) throws(FileError) -> Void
    ) throws(FileError) {
        try replace(path, modeOf: nil) { descriptor throws(FileError) in
            try producing { piece throws(FileError) in try write(piece[...], to: descriptor, path: path) }
        }
    }

    private static func replace(
        _ path: String, modeOf: String?, writing: (_ descriptor: Int32) throws(FileError) -> Void
    ) throws(FileError) {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let mode = permissions(of: modeOf ?? target)
        // A name that nobody can foresee, and never through a link: the folder may be a stranger's.
        var temporary = ""
        var descriptor: Int32 = -1
        repeat {
            temporary = "\(target).\(digits(UInt64.random(in: 0...UInt64.max))).tmp"
            descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        } while descriptor < 0 && errno == EEXIST
        guard descriptor >= 0 else { throw failure(path) }
        fchmod(descriptor, mode)
        do throws(FileError) {
            try writing(descriptor)
            guard fsync(descriptor) == 0 else { throw failure(path) }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        close(descriptor)
        guard rename(temporary, target) == 0 else {
            let error = failure(path)
            unlink(temporary)
            throw error
        }
        syncFolder(of: target)
    }

    /// Whether a file's name is one that replacing a file of another name uses on the way.
    static func isTemporary(_ name: String, of target: String? = nil) -> Bool {
        guard name.hasSuffix(".tmp"), let dot = name.dropLast(4).lastIndex(of: ".") else { return false }
        let number = name[name.index(after: dot)...].dropLast(4)
        return number.utf8.count == 20 && number.allSatisfy(\.isNumber)
            && (target == nil || name[..<dot] == target ?? "")
    }

    /// Twenty digits, as many as the largest number has.
    private static func digits(_ number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: 20 - text.count) + text
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32, path: String) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                Foundation.write(descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw failure(path)
            }
            offset += written
        }
    }

    private static func permissions(of path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o644
    }

    /// The rename itself is durable only when its folder is.
    private static func syncFolder(of path: String) {
        let folder = open(
            URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func failure(_ path: String) -> FileError {
        let reason = String(cString: strerror(errno))
        let hint =
            switch errno {
            case ENOSPC, EDQUOT: "free some space and run again; nothing on disk was changed"
            case EACCES, EPERM, EROFS:
                "the file or its folder may not be written; change its permissions or copy it elsewhere"
            default: "nothing on disk was changed"
            }
        return FileError(.cannotWrite, path: path, detail: "\(path) cannot be written: \(reason).", hint: hint)
    }
}
