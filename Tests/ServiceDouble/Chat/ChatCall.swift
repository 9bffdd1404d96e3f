public import OrderedCollections
public import Tables

/// One answer that is wanted: what a test's functions of answers and latencies see.
public struct ChatCall: Sendable {
    public let model: String
    /// As they came.
    public let messages: [Value]
    public let seed: Int?
    /// Which of the request's `n` answers it is, from 0.
    public let choice: Int
    /// The whole request.
    public let body: Record
    /// The key in the ledger: `metadata.distnb_key`, else `Idempotency-Key`, else the body's SHA-256.
    public let key: String

    /// The last user message's text.
    public var prompt: String {
        messages.last { $0[field: "role"].text == "user" }.map { ChatCall.text(of: $0) } ?? ""
    }

    /// A message's text; of parts, theirs in their order.
    public static func text(of message: Value) -> String {
        switch message[field: "content"] {
        case .string(let text): text
        case .list(let parts): parts.compactMap { $0[field: "text"].text }.joined(separator: "\n")
        default: ""
        }
    }

    /// A hash of messages, model, seed and choice as text; as JSON where that is wanted.
    public var echo: String {
        let whole: Value = [
            "messages": .list(messages), "model": .string(model), "seed": seed.map { .integer($0) } ?? .null,
            "choice": .integer(choice),
        ]
        let hash = String(SHA256Name.of(JSON.text(whole, .canonical)).prefix(12))
        guard (body["response_format"] ?? .null)[field: "type"].text?.hasPrefix("json") == true else {
            return "echo \(hash)"
        }
        return JSON.text(["echo": .string(hash)])
    }

    /// A number from 0, below 1, that depends on the key alone.
    public var fraction: Double {
        let digits = SHA256Name.of(key).prefix(13)
        return Double(UInt64(digits, radix: 16) ?? 0) / 4_503_599_627_370_496
    }
}

/// How long calls take.
public enum Latency {
    /// Evenly between `mean · (1 - spread)` and `mean · (1 + spread)`, in seconds, by the request's key.
    public static func even(mean: Double, spread: Double = 0) -> @Sendable (ChatCall) -> Double {
        { call in mean * (1 + spread * (2 * call.fraction - 1)) }
    }
}

/// Tokens of the double: words with the blanks before them.
enum Words {
    /// The text cut before each run of blanks; together the pieces are the text.
    static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            if character.isWhitespace, piece.last?.isWhitespace == false {
                pieces.append(piece)
                piece = ""
            }
            piece.append(character)
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }

    static func count(_ text: String) -> Int { pieces(of: text).count }
}
