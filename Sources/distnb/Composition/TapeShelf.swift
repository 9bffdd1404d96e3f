internal import Distillation
internal import Foundation
internal import Notebook
internal import RemoteModels

/// Finds the tape that a kernel's name asks for: `tape:cora.jsonl`.
enum TapeShelf {
    /// Whether a kernel's name is that of a tape.
    static func isTape(_ kernel: String) -> Bool { kernel.hasPrefix(KernelProfile.tapePrefix) }

    /// The tape, and the kernel that replays it.
    /// - Parameters:
    ///   - kernel: `tape:` and a path.
    ///   - isTyped: whether the command line names it; the path begins in the current folder then. One that a notebook
    ///     names lies beside it: a file that someone shares must not read outside of its folder.
    ///   - files: what the notebook may read.
    /// - Throws: `KernelError`.
    static func tape(
        _ kernel: String, isTyped: Bool, files: RootedFiles
    ) throws -> (tape: Tape, profile: KernelProfile) {
        let path = String(kernel.dropFirst(KernelProfile.tapePrefix.count))
        let bytes = isTyped ? try typed(path) : try saved(path, files)
        do {
            let tape = try Tape(bytes, name: URL(fileURLWithPath: path).lastPathComponent)
            return (tape, KernelProfile(tape: tape, others: try KernelFolders.profile(named: "embedded")))
        } catch let error as ProviderError {
            throw KernelError(error.description + (error.hint.map { "\n  Hint: \($0)" } ?? ""))
        }
    }

    private static func typed(_ path: String) throws -> [UInt8] {
        var isFolder: ObjCBool = false
        guard !path.isEmpty, FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
        else {
            throw KernelError(
                path.isEmpty ? "--kernel tape: takes a file: tape:lab.jsonl." : "There is no tape \(path).")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw KernelError("The tape \(path) may not be read.")
        }
        return Array(data)
    }

    private static func saved(_ path: String, _ files: RootedFiles) throws -> [UInt8] {
        do throws(FileError) {
            return try files.read(path)
        } catch {
            throw KernelError(
                "The notebook was run with the tape \(path), which is not beside it: \(error.detail)\n  "
                    + "Hint: put it there, or name it: --kernel tape:PATH; or choose another kernel: --kernel NAME")
        }
    }
}
