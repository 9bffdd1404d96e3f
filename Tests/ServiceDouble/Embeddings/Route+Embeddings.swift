internal import Foundation
internal import OrderedCollections
internal import SeededRandom
internal import Synchronization
internal import Tables

extension Route {
    static let embeddings = [
        Route("POST", "/embeddings") { service, call throws(Refusal) in try service.embed(call) }
    ]
}

extension Service {
    fileprivate func embed(_ call: Call) throws(Refusal) -> HTTPReply {
        let body = try call.body()
        guard let model = body["model"]?.text else {
            throw Refusal(400, "You must provide a model parameter.", param: "model")
        }
        guard options.takesAnyModel || models.contains(model) else {
            throw Refusal(
                404, "The model `\(model)` does not exist or you do not have access to it.", code: "model_not_found")
        }
        let texts = try inputs(body["input"] ?? .null)
        var dimensions = model.contains("large") ? 3072 : 1536
        if let given = body["dimensions"], !given.isNull {
            guard let number = given.integer, (1...dimensions).contains(number) else {
                throw Refusal(400, "Invalid 'dimensions': from 1 to \(dimensions).", param: "dimensions")
            }
            dimensions = number
        }
        let format = body["encoding_format"]?.text ?? "float"
        guard ["float", "base64"].contains(format) else {
            throw Refusal(400, "Invalid 'encoding_format': float or base64.", param: "encoding_format")
        }
        let tokens = texts.reduce(0) { $0 + Words.count($1) }
        let key = SHA256Name.of(call.request.body)
        ledger.withLock { $0.entries[key, default: .init()].requests += 1 }
        let vectors = try working {
            ledger.withLock { ledger in
                ledger.entries[key, default: .init()].generated += 1
                ledger.promptTokens += tokens
            }
            return texts.map { TextVector.of($0, dimensions: dimensions) }
        }
        let data = vectors.enumerated().map { index, vector -> Value in
            let written: Value =
                format == "base64"
                ? .string(
                    Data(vector.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
                        .base64EncodedString()) : .list(vector.map { .double(Double($0)) })
            return ["object": "embedding", "index": .integer(index), "embedding": written]
        }
        return HTTPReply([
            "object": "list", "data": .list(data), "model": .string(model),
            "usage": ["prompt_tokens": .integer(tokens), "total_tokens": .integer(tokens)],
        ])
    }

    /// One text or up to 2048; none empty. Lists of token numbers count as texts of these numbers.
    private func inputs(_ input: Value) throws(Refusal) -> [String] {
        func text(_ value: Value) -> String? {
            value.text ?? value.list?.map { JSON.text($0) }.joined(separator: " ")
        }
        let texts: [String?]
        switch input {
        case .string(let single): texts = [single]
        case .list(let elements) where elements.first?.integer != nil: texts = [text(input)]
        case .list(let elements): texts = elements.map(text)
        default: texts = []
        }
        let known = texts.compactMap { $0 }
        guard !known.isEmpty, known.count == texts.count, known.count <= 2048, known.allSatisfy({ !$0.isEmpty }) else {
            throw Refusal(400, "Invalid 'input': one text or up to 2048, none of them empty.", param: "input")
        }
        return known
    }
}

/// Texts as unit vectors: sums of their words' directions, so that texts with words in common lie closer.
enum TextVector {
    static func of(_ text: String, dimensions: Int) -> [Float] {
        var sum = [Double](repeating: 0, count: dimensions)
        let words = text.lowercased().split { $0.isWhitespace || $0.isPunctuation }
        for word in words.isEmpty ? [Substring(text)] : words {
            let digits = SHA256Name.of(String(word)).prefix(16)
            var random = SeededRandom(seed: UInt64(digits, radix: 16) ?? 0)
            for index in sum.indices { sum[index] += Double(random.next() >> 11) / 4_503_599_627_370_496 - 1 }
        }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { Float($0 / (length > 0 ? length : 1)) }
    }
}
