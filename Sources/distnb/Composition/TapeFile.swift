internal import Distillation
internal import Foundation
internal import RemoteModels

/// Finds the tape that a kernel's name speaks of: `tape:cora.jsonl`.
enum TapeFile {
    /// A tape larger than this is no workshop's.
    private static let mostBytes = 1 << 30

    /// - Parameters:
    ///   - kernel: the kernel's name.
    ///   - isTyped: whether the user typed it; what a notebook says may only lie beside it.
    ///   - folder: the notebook's.
    /// - Returns: nil for a kernel that is no tape.
    /// - Throws: `Refusal`.
    static func tape(of kernel: String, isTyped: Bool, besides folder: String) throws -> Tape? {
        guard kernel.hasPrefix(KernelProfile.tapePrefix) else { return nil }
        let name = String(kernel.dropFirst(KernelProfile.tapePrefix.count))
        guard !name.isEmpty else {
            throw Refusal("--kernel tape: takes a file: --kernel tape:cora.jsonl.", isUsage: true)
        }
        let last = URL(fileURLWithPath: name).lastPathComponent
        var places = [folder + "/" + last]
        if isTyped { places.insert(name, at: 0) }
        guard let path = places.first(where: FileManager.default.fileExists) else {
            throw Refusal(
                "There is no tape \(name)\(isTyped ? "" : " beside the notebook"). "
                    + "A tape is made by distnb completions record FILE.")
        }
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        // Beside a notebook that somebody sent a link may lead anywhere.
        guard isTyped || attributes?[.type] as? FileAttributeType == .typeRegular else {
            throw Refusal("The tape \(name) beside the notebook is a link, not a file; name it: --kernel tape:PATH.")
        }
        guard let size = attributes?[.size] as? Int, size <= mostBytes,
            let data = FileManager.default.contents(atPath: path)
        else { throw Refusal("The tape \(path) may not be read, or is larger than 1 GB.") }
        do {
            return try Tape(Array(data), name: last)
        } catch let error as ProviderError {
            throw Refusal(error.description + (error.hint.map { "\n  Hint: \($0)" } ?? ""))
        }
    }
}
