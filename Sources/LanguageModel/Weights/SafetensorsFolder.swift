public import Foundation
internal import OrderedCollections
internal import Tables

/// A model as Hugging Face's libraries keep it: a folder with `config.json`, the weights in one or several safetensors
/// files, and the tokenizer's files.
///
/// Opening reads `config.json` and the headers only; the weights are mapped.
public struct SafetensorsFolder: Sendable {
    /// The path, for messages.
    public let name: String
    /// The shape that `config.json` describes.
    public let configuration: ModelConfiguration

    /// The folder's own name.
    var displayName: String { url.lastPathComponent }

    private let url: URL
    private let shards: [Safetensors]
    /// Which shard has a tensor.
    private let places: [String: Int]

    /// The file that makes a folder a model's.
    static let configurationName = "config.json"
    private static let weightsName = "model.safetensors"
    private static let indexName = "model.safetensors.index.json"
    /// Files beside the weights that have a say in what a model answers, where they are there.
    static let companions = [
        "added_tokens.json", "chat_template.jinja", "chat_template.json", "generation_config.json", "merges.txt",
        "special_tokens_map.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "vocab.json",
    ]
    /// More files than this has no model; each is an open mapping.
    private static let mostShards = 1024

    /// Whether a path is a model's folder.
    public static func isOne(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(path)/\(configurationName)")
    }

    /// Opens a folder.
    /// - Throws: `WeightsError`: a file is missing, damaged, or of a kind that the engine does not run.
    public init(_ url: URL) throws {
        name = url.path
        self.url = url
        let configurationURL = url.appendingPathComponent(Self.configurationName)
        let configuration = try ModelConfiguration(
            huggingFace: MappedFile(configurationURL).contents, file: configurationURL.path)
        let names = try Self.weightFiles(in: url)
        shards = try names.map { try Safetensors(MappedFile(url.appendingPathComponent($0))) }
        var places: [String: Int] = [:]
        for (index, shard) in shards.enumerated() {
            for tensor in shard.tensors.keys {
                guard places.updateValue(index, forKey: tensor) == nil else {
                    throw WeightsError.malformed(
                        file: url.appendingPathComponent(names[index]).path, place: "tensor `\(tensor)`",
                        expected: "a tensor that no other file of the model has", found: "there twice")
                }
            }
        }
        self.places = places
        var shape = configuration
        // Older files leave the tying of embeddings to the library's default; what is there decides.
        if places["lm_head.weight"] == nil { shape.tiedEmbeddings = true }
        self.configuration = shape
    }

    /// The names of the safetensors files in a model's folder.
    private static func weightFiles(in url: URL) throws -> [String] {
        func exists(_ name: String) -> Bool {
            FileManager.default.fileExists(atPath: url.appendingPathComponent(name).path)
        }
        if exists(weightsName) { return [weightsName] }
        guard exists(indexName) else {
            guard !exists("pytorch_model.bin"), !exists("pytorch_model.bin.index.json") else {
                throw WeightsError.unsupported(
                    file: url.path, what: "the weights' format", found: "PyTorch's (`pytorch_model.bin`)",
                    supported: "`\(weightsName)`")
            }
            throw WeightsError.missing(file: url.path, name: weightsName)
        }
        let file = try MappedFile(url.appendingPathComponent(indexName))
        let index: Value
        do throws(JSONError) {
            index = try JSON.parse(file.contents)
        } catch {
            throw WeightsError.malformed(file: file.name, place: "the file", expected: "JSON", found: "\(error)")
        }
        guard let map = index[field: "weight_map"].record, !map.isEmpty else {
            throw WeightsError.malformed(
                file: file.name, place: "`weight_map`", expected: "a record of files by tensor", found: "something else"
            )
        }
        var names: Set<String> = []
        for (tensor, value) in map {
            // Names only: an index must not lead out of its folder.
            guard let name = value.text, !name.isEmpty, name.hasSuffix(".safetensors"),
                !name.contains(where: { $0 == "/" || $0 == "\0" })
            else {
                throw WeightsError.malformed(
                    file: file.name, place: "the file of `\(tensor)`", expected: "a name that ends in .safetensors",
                    found: String(JSON.text(value).prefix(60)))
            }
            names.insert(name)
        }
        guard names.count <= mostShards else {
            throw WeightsError.malformed(
                file: file.name, place: "`weight_map`", expected: "at most \(mostShards) files", found: "\(names.count)"
            )
        }
        return names.sorted()
    }

    /// A file of the folder; nil where it is not there.
    /// - Throws: `WeightsError.unreadable`.
    public func contents(_ file: String) throws -> [UInt8]? {
        let url = url.appendingPathComponent(file)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        return try MappedFile(url).contents
    }

    /// What the weights' files say beside the tensors.
    var metadata: [String: String] { shards.reduce(into: [:]) { $0.merge($1.metadata) { first, _ in first } } }

    func tensor(_ name: String) -> (file: Safetensors, tensor: Safetensors.Tensor)? {
        guard let index = places[name], let tensor = shards[index].tensors[name] else { return nil }
        return (shards[index], tensor)
    }

    var tensorNames: some Sequence<String> { places.keys }

    /// The SHA-256 of a model's folder.
    /// - Throws: `WeightsError.unreadable`.
    static func sha256(of path: String) throws -> String {
        var hashes: [String: String] = [:]
        for name in ModelHash.files(in: path) {
            let file = try MappedFile(URL(fileURLWithPath: "\(path)/\(name)"))
            hashes[name] = FileDigest.of(file)
        }
        return ModelHash.of(hashes)
    }
}
