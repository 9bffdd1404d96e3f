internal import OrderedCollections
internal import Tables

/// The body of `POST /embeddings`. Source: openai/openai-openapi, schema `CreateEmbeddingRequest`.
public struct EmbeddingRequest: WireObject {
    public static let form = WireForm(
        "a request for embeddings", .needs("model", .text),
        .needs(
            "input",
            .other("text, a list of texts, or token ids") { value in
                value.text != nil || (value.list.map { !$0.isEmpty } ?? false)
            }))

    /// The most texts that OpenAI takes at once.
    public static let inputLimit = 2048

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameters:
    ///   - inputs: one or more texts, at most `inputLimit` for OpenAI.
    ///   - isBase64: whether the numbers come as Base64, a quarter of the size.
    ///   - dimensions: how long the vectors are to be, where the model can shorten them.
    public init(model: String, inputs: [String], isBase64: Bool = false, dimensions: Int? = nil) {
        fields = WireFields([
            "model": .string(model), "input": .texts(inputs), "encoding_format": isBase64 ? "base64" : "float",
            "dimensions": dimensions.map(Value.integer),
        ])
    }

    public var model: String { fields.text("model") ?? "" }

    /// The texts; nil where the input is token ids.
    public var inputs: [String]? { fields.text("input").map { [$0] } ?? fields.texts("input") }
    public var isBase64: Bool { fields.text("encoding_format") == "base64" }
    public var dimensions: Int? { fields.whole("dimensions") }
}

/// The answer to `POST /embeddings`.
public struct EmbeddingResponse: WireObject {
    public static let form = WireForm("embeddings", .needs("data", .objects(Embedding.self)))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    public init(model: String, embeddings: [Embedding], promptTokens: Int) {
        fields = WireFields([
            "object": "list", "data": .objects(embeddings), "model": .string(model),
            "usage": ["prompt_tokens": .integer(promptTokens), "total_tokens": .integer(promptTokens)],
        ])
    }

    /// In the order of the answer; `index` says which text each belongs to.
    public var embeddings: [Embedding] { fields.children("data") }
    public var model: String? { fields.text("model") }

    /// The tokens of all texts; nil where the server doesn't say.
    public var promptTokens: Int? {
        self[field: "usage"][field: "prompt_tokens"].integer ?? self[field: "usage"][field: "total_tokens"].integer
    }

    /// The vectors in the order of the texts.
    /// - Throws: `WireError` where a text has no vector or two, or where they differ in length.
    public func vectors(count: Int) throws(WireError) -> [[Float]] {
        let embeddings = embeddings
        guard embeddings.count == count else {
            throw WireError("\(count) embeddings, one for each text, found \(embeddings.count)")
        }
        var vectors = [[Float]?](repeating: nil, count: count)
        for (place, embedding) in embeddings.enumerated() {
            let index = embedding.index ?? place
            guard vectors.indices.contains(index), vectors[index] == nil else {
                throw WireError("each `index` from 0 to \(count - 1) once in the embeddings, found \(index)")
            }
            vectors[index] = embedding.vector
        }
        let found = vectors.compactMap(\.self)
        guard let length = found.first?.count else { return [] }
        if let other = found.first(where: { $0.count != length }) {
            throw WireError("embeddings of one length, found \(length) and \(other.count)")
        }
        return found
    }
}

/// One text's vector.
public struct Embedding: WireObject {
    public static let form = WireForm(
        "an embedding",
        .needs("embedding", .other("a list of numbers, or their Base64") { Embedding.floats($0) != nil }),
        .mayHave("index", .count))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameter index: the text's place in the request.
    public init(index: Int, vector: [Float], isBase64: Bool = false) {
        fields = WireFields([
            "object": "embedding", "index": .integer(index),
            "embedding": isBase64
                ? .string(
                    Base64.text(
                        of: vector.flatMap { number in
                            let bits = number.bitPattern
                            return (0..<4).map { UInt8(truncatingIfNeeded: bits >> UInt32(8 * $0)) }
                        }))
                : .list(vector.map { .double(Double($0)) }),
        ])
    }

    public var index: Int? { fields.whole("index") }
    public var vector: [Float] { Self.floats(self[field: "embedding"]) ?? [] }

    /// The numbers; in Base64 they are 32-bit floats, the lowest byte first.
    private static func floats(_ json: Value) -> [Float]? {
        if let list = json.list {
            let numbers = list.compactMap(\.double)
            return numbers.count == list.count ? numbers.map(Float.init) : nil
        }
        guard let bytes = json.text.flatMap(Base64.bytes(of:)), bytes.count % 4 == 0 else { return nil }
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) })
        }
    }
}
