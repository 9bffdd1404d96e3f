internal import Foundation
internal import Tables

extension ModelDescription {
    /// Reads `config.json`, the tokenizer's files and the headers of the safetensors.
    init(folder path: String) throws {
        self.init()
        bytes = FileSize.of(path)
        guard let config = Self.json("\(path)/config.json")?.record.map(Value.record) else {
            throw ModelLibraryError.noModel(path: path, reason: "it has no config.json that can be read")
        }
        let shards = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter {
            $0.hasSuffix(".safetensors")
        }
        guard !shards.isEmpty else {
            throw ModelLibraryError.noModel(path: path, reason: "it has no weights (.safetensors)")
        }
        var parameters = 0
        var counts: [String: Int] = [:]
        for shard in shards {
            for tensor in try Self.tensors("\(path)/\(shard)") {
                parameters = Self.sum(parameters, tensor.count)
                counts[tensor.type] = Self.sum(counts[tensor.type] ?? 0, tensor.count)
            }
        }
        // Models that also see have the text's numbers one level down.
        let shape = config[field: "text_config"].isNull ? config : config[field: "text_config"]
        facts = ModelFacts(
            architecture: config[field: "model_type"].text, parameters: parameters,
            quantisation: counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key)
        layers = shape[field: "num_hidden_layers"].integer
        width = shape[field: "hidden_size"].integer
        heads = shape[field: "num_attention_heads"].integer
        keyValueHeads = shape[field: "num_key_value_heads"].integer ?? heads
        headWidth = shape[field: "head_dim"].integer
        if headWidth == nil, let width, let heads, heads > 0 { headWidth = width / heads }
        inner = shape[field: "intermediate_size"].integer
        vocabulary = shape[field: "vocab_size"].integer
        context = shape[field: "max_position_embeddings"].integer
        title = config[field: "_name_or_path"].text.flatMap { $0.isEmpty ? nil : $0 }
        if let rules = Self.json("\(path)/tokenizer.json") {
            tokenizer = rules[field: "model"][field: "type"].text.map { "\($0) (tokenizer.json)" }
        } else if FileManager.default.fileExists(atPath: "\(path)/tokenizer.model") {
            tokenizer = "SentencePiece (tokenizer.model)"
        }
        let separate = try? String(contentsOfFile: "\(path)/chat_template.jinja", encoding: .utf8)
        template = (separate ?? Self.json("\(path)/tokenizer_config.json")?[field: "chat_template"].text)
            .map(Self.templateKind)
    }

    private static func json(_ path: String) -> Value? {
        FileManager.default.contents(atPath: path).flatMap { try? JSON.parse(Array($0)) }
    }

    /// The tensors that a safetensors file's header tells of.
    private static func tensors(_ path: String) throws -> [(type: String, count: Int)] {
        func damage(_ reason: String) -> ModelLibraryError { .noModel(path: path, reason: reason) }
        guard let handle = FileHandle(forReadingAtPath: path) else { throw damage("it cannot be read") }
        defer { try? handle.close() }
        guard let start = try handle.read(upToCount: 8), start.count == 8 else { throw damage("it is cut short") }
        let length = start.enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
        // The format's own limit.
        guard length <= 100_000_000, let header = try handle.read(upToCount: Int(length)), header.count == Int(length),
            let entries = (try? JSON.parse(Array(header)))?.record
        else { throw damage("its header is damaged") }
        return try entries.filter { $0.key != "__metadata__" }.map { name, entry in
            guard let type = entry[field: "dtype"].text, let shape = entry[field: "shape"].list?.map(\.integer) else {
                throw damage("the entry of `\(name)` is damaged")
            }
            var count = 1
            for case let length? in shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: length)
                guard length >= 0, !overflow else { throw damage("the shape of `\(name)` is impossible") }
                count = product
            }
            return (type, count)
        }
    }
}
