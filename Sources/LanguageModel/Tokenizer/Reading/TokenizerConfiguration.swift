internal import Foundation
internal import Tables

/// tokenizer_config.json: which tokens have names, and the chat template.
struct TokenizerConfiguration {
    /// The spellings of the named tokens, such as `bos_token`.
    private(set) var namedTokens: [String: String] = [:]

    private static let names = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]

    /// - Throws: `WeightsError.malformed`.
    init(_ data: Data?) throws {
        guard let data else { return }
        let value = try Self.parse(data)
        for name in Self.names {
            let entry = value[field: name]
            // Text, or an added token with its flags.
            if let text = entry.text ?? entry[field: "content"].text { namedTokens[name] = text }
        }
    }

    /// - Throws: `WeightsError.malformed`.
    static func parse(_ data: Data) throws -> Value {
        do throws(JSONError) {
            return try JSON.parse([UInt8](data))
        } catch {
            throw WeightsError.malformed(
                file: "tokenizer_config.json", place: "line \(error.line), column \(error.column)",
                expected: error.expected, found: error.found)
        }
    }
}
