internal import Tables

/// Which files of a repository make a model.
enum HubChoice: Sendable, Hashable {
    /// One GGUF file.
    case file(Hub.File)
    /// Configuration, tokenizer and weights, as transformers keeps them.
    case folder([Hub.File])

    /// - Parameter wanted: a file's path, or a part of it that only one file has, such as `Q4_K_M`.
    /// - Throws: `ModelLibraryError` that lists what there is.
    init(_ listing: Hub.Listing, wanted: String?, repository: String) throws {
        let files = listing.files
        let models = files.filter { $0.path.lowercased().hasSuffix(".gguf") }
        let names = models.map(Self.described)
        if let wanted {
            let exact = files.filter { $0.path == wanted }
            let close = models.filter { $0.path.lowercased().contains(wanted.lowercased()) }
            let found = exact.isEmpty ? close : exact
            guard let one = found.first else {
                throw ModelLibraryError.noSuchFile(repository: repository, file: wanted, files: names)
            }
            guard found.count == 1 else {
                throw ModelLibraryError.choose(repository: repository, files: found.map(Self.described))
            }
            guard one.path.lowercased().hasSuffix(".gguf") else {
                throw ModelLibraryError.nothingToRead(
                    repository: repository,
                    reason: "\(one.path) is no GGUF file; a folder of safetensors is fetched whole, without --file")
            }
            self = .file(try Self.whole(one, repository))
            return
        }
        if let folder = Self.folder(files) {
            self = .folder(folder)
        } else if let one = models.first, models.count == 1 {
            self = .file(try Self.whole(one, repository))
        } else if !models.isEmpty {
            throw ModelLibraryError.choose(repository: repository, files: names)
        } else {
            let isPickled = files.contains { $0.path.hasSuffix(".bin") || $0.path.hasSuffix(".pt") }
            throw ModelLibraryError.nothingToRead(
                repository: repository,
                reason: isPickled
                    ? "its weights are pickled, which could run code when read; look for safetensors or GGUF"
                    : "it has neither config.json with safetensors nor a GGUF file")
        }
    }

    /// Files that a model of transformers needs or that tell of it, apart from its weights.
    private static let companions: Set<String> = [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model",
        "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "chat_template.jinja",
        "chat_template.json", "model.safetensors.index.json", "LICENSE", "LICENSE.txt", "LICENSE.md",
    ]

    private static func folder(_ files: [Hub.File]) -> [Hub.File]? {
        guard files.contains(where: { $0.path == "config.json" }) else { return nil }
        let all = files.filter { !$0.path.contains("/") && $0.path.hasSuffix(".safetensors") }
        // Some repositories also have the same weights in another layout.
        let usual = all.filter { $0.path.hasPrefix("model.") || $0.path.hasPrefix("model-") }
        let weights = usual.isEmpty ? all : usual
        guard !weights.isEmpty else { return nil }
        return files.filter { companions.contains($0.path) } + weights
    }

    private static func whole(_ file: Hub.File, _ repository: String) throws -> Hub.File {
        guard file.path.firstRange(of: "-of-") == nil else {
            throw ModelLibraryError.nothingToRead(
                repository: repository, reason: "\(file.path) is one of several parts; choose a model in one file")
        }
        return file
    }

    private static func described(_ file: Hub.File) -> String {
        file.path + (file.size.map { " (\(ByteText.of($0)))" } ?? "")
    }
}
