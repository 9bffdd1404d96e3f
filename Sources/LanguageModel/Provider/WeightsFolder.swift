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
            throw ProviderError("The weights \(specification.id) are not in \(path).", hint: "fetch them: make weights")
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
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped) else {
                throw ProviderError("The weights \(file) cannot be read.", hint: "check the file's permissions")
            }
            hash = SHA256Name.of(data)
            try? Data("\(stamp) \(hash)\n".utf8).write(to: URL(fileURLWithPath: file + ".hash"), options: .atomic)
        }
        if let wanted = specification.sha256, wanted != hash {
            throw ProviderError(
                "The weights \(file) are damaged or of another model: their SHA-256 is \(hash.prefix(12))…, the kernel names \(wanted.prefix(12))….",
                hint: "delete the file and fetch it again: make weights")
        }
        return hash
    }

    private func stamp(of file: String) throws -> String {
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
