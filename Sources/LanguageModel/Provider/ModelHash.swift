internal import Foundation
public import Tables

/// What names the weights of a model: the SHA-256 of its file, or of the list of its folder's files with theirs.
public enum ModelHash {
    /// The files of a folder that belong to a model: folders inside, hidden files and unfinished ones do not.
    public static func files(in path: String) -> [String] {
        let endings = [".safetensors", ".json", ".model", ".jinja", ".txt", ".md"]
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { name in
            !name.hasPrefix(".") && (endings.contains { name.hasSuffix($0) } || name.hasPrefix("LICENSE"))
        }.sorted(by: TextOrder.precedes)
    }

    /// The hash of a folder, of its files' hashes by name; the list is what `sha256sum` prints of them.
    public static func of(_ files: [String: String]) -> String {
        SHA256Name.of(
            files.sorted { TextOrder.precedes($0.key, $1.key) }.map { "\($0.value)  \($0.key)\n" }.joined())
    }
}
