internal import Distillation
internal import Foundation
internal import Synchronization
internal import Tables

/// The folder where weights are kept, outside of every checkout.
struct WeightsFolder {
    let path: String

    /// The file of a model.
    /// - Throws: `ProviderError` where it is not there, with how to get it.
    func file(of specification: ModelSpecification) throws -> String {
        let file = "\(path)/\(specification.id)"
        guard FileManager.default.fileExists(atPath: file) else {
            throw ProviderError(
                "The weights \(specification.id) are not in \(path).",
                hint: "fetch them: distnb models add \(specification.source ?? specification.id)")
        }
        return file
    }

    /// The SHA-256 of a model's file.
    ///
    /// Hashing 100 MB takes a while and the file hardly ever changes, so the hash is kept beside it with the size and
    /// time of the file that it is of.
    /// - Throws: `ProviderError` where the file is missing, or is not the one that the kernel names.
    func hash(of specification: ModelSpecification) throws -> String {
        let file = try file(of: specification)
        let stamp = try stamp(of: file)
        let hash: String
        if let kept = kept(for: file, stamp) {
            hash = kept
        } else {
            hash = try Self.isFolder(file) ? folderHash(file) : fileHash(file)
            try? Data("\(stamp) \(hash)\n".utf8).write(to: URL(fileURLWithPath: file + ".hash"), options: .atomic)
        }
        if let wanted = specification.sha256, wanted != hash {
            throw ProviderError(
                "The weights \(file) are damaged or of another model: their SHA-256 is \(hash.prefix(12))…, the kernel names \(wanted.prefix(12))….",
                hint:
                    "take them away and fetch them again: distnb models remove \(specification.id), distnb models add \(specification.source ?? specification.id)"
            )
        }
        return hash
    }

    private func fileHash(_ file: String) throws -> String {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped) else {
            throw ProviderError("The weights \(file) cannot be read.", hint: "check the file's permissions")
        }
        return SHA256Name.of(data)
    }

    private func folderHash(_ folder: String) throws -> String {
        var hashes: [String: String] = [:]
        for name in ModelHash.files(in: folder) { hashes[name] = try fileHash("\(folder)/\(name)") }
        return ModelHash.of(hashes)
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Size and time of a file; of a folder those of all its files.
    private func stamp(of path: String) throws -> String {
        guard Self.isFolder(path) else { return try stamp(ofFile: path) }
        let stamps = try ModelHash.files(in: path).map { "\($0) \(try stamp(ofFile: "\(path)/\($0)"))" }
        return "folder:" + SHA256Name.of(stamps.joined(separator: "\n"))
    }

    private func stamp(ofFile file: String) throws -> String {
        var status = stat()
        guard stat(file, &status) == 0 else { throw ProviderError("The weights \(file) cannot be read.") }
        return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    private func kept(for file: String, _ stamp: String) -> String? {
        guard let text = try? String(contentsOfFile: file + ".hash", encoding: .utf8), text.hasPrefix(stamp + " ")
        else { return nil }
        let hash = text.dropFirst(stamp.count + 1).prefix { !$0.isNewline }
        return hash.utf8.count == 64 ? String(hash) : nil
    }
}
