internal import Foundation
internal import Tables

/// Where a model lies while it is being added: `NAME.partial/`, beside its later place, so that it gets there by one
/// rename. It stays when the process dies.
final class Staging {
    let path: String
    private let target: String
    private let inner: String
    private let lock: AddingLock

    /// - Parameter source: what to tell `distnb models add` to go on.
    /// - Throws: `ModelLibraryError.badName`, `.busyElsewhere`, `.cannotWrite`.
    init(_ folder: ModelFolder, name: String, source: String?, revision: String? = nil) throws {
        guard ModelFolder.isName(name), !name.hasSuffix(ModelFolder.partial), !name.hasSuffix(".json"),
            !name.hasSuffix(".hash")
        else { throw ModelLibraryError.badName(name: name) }
        target = folder.location(name)
        path = target + ModelFolder.partial
        inner = "\(path)/content"
        lock = try AddingLock(folder: path, name: name)
        let words = (source ?? "") + (revision.map { " --revision \($0)" } ?? "")
        if source != nil {
            let note: Value = ["source": .string(words)]
            try? Data(JSON.text(note, .readable).utf8).write(
                to: URL(fileURLWithPath: "\(path)/\(ModelFolder.note)"), options: .atomic)
        }
    }

    /// Where a file of a folder goes; where the one file or the folder goes with the empty name.
    func content(_ file: String) -> String {
        guard !file.isEmpty else { return inner }
        mkdir(inner, 0o755)
        return "\(inner)/\(file)"
    }

    /// Takes away what an earlier revision had.
    func keepOnly(_ names: [String]) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: inner)) ?? [] where !names.contains(name) {
            unlink("\(inner)/\(name)")
        }
    }

    func link(to path: String) throws {
        unlink(inner)
        do {
            try FileManager.default.createSymbolicLink(atPath: inner, withDestinationPath: path)
        } catch {
            throw ModelLibraryError.cannotWrite(path: inner, reason: "a link cannot be made there")
        }
    }

    /// Puts the model in its place.
    func install() throws {
        guard rename(inner, target) == 0 else {
            throw ModelLibraryError.cannotWrite(path: target, reason: String(cString: strerror(errno)))
        }
        let folder = open(
            URL(fileURLWithPath: target).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
        remove()
    }

    /// Whether nothing came yet.
    var isEmpty: Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return !names.contains { $0 != "lock" && $0 != ModelFolder.note }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
