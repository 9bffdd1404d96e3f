internal import Foundation
internal import Tables

/// A tokenizer.json, as far as it is read: what it says, not yet what that means.
struct TokenizerFile {
    let name: String
    /// `model.vocab`: spellings and ids, as they stand.
    private(set) var vocabulary: [(spelling: [UInt8], id: Int)] = []
    /// `model.merges`, each the two tokens that are merged.
    private(set) var merges: [(left: [UInt8], right: [UInt8])] = []
    /// The other fields of `model`.
    private(set) var model: [String: Value] = [:]
    /// The other fields of the file: `added_tokens`, `normalizer`, `pre_tokenizer`, `post_processor`, `decoder`.
    private(set) var fields: [String: Value] = [:]

    /// The largest file that is read, and the most tokens.
    private static let largest = 1 << 28
    static let mostTokens = 1 << 21

    /// - Throws: `WeightsError`.
    init(_ data: Data, name: String) throws {
        self.name = name
        guard data.count <= Self.largest else {
            throw WeightsError.unsupported(
                file: name, what: "the size", found: "\(data.count) bytes", supported: "up to \(Self.largest)")
        }
        let json = JSONFields(bytes: [UInt8](data))
        let damage: JSONFields.Damage
        do throws(JSONFields.Damage) {
            try read(json)
            return
        } catch {
            damage = error
        }
        let place = min(max(0, damage.offset), json.bytes.count)
        throw WeightsError.malformed(
            file: name, place: "what stands at byte \(place)", expected: damage.expected,
            found: "\"\(String(decoding: json.bytes[place...].prefix(20), as: UTF8.self))\"")
    }

    private mutating func read(_ json: JSONFields) throws(JSONFields.Damage) {
        var modelRange: Range<Int>?
        try json.forEachField(of: 0..<json.bytes.count) { field, value throws(JSONFields.Damage) in
            let name = String(decoding: try json.text(field), as: UTF8.self)
            switch name {
            case "model": modelRange = value
            case "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder":
                fields[name] = try json.value(value)
            default: break
            }
        }
        guard let modelRange else { throw JSONFields.Damage(offset: 0, expected: "an object with a `model`") }
        try json.forEachField(of: modelRange) { field, value throws(JSONFields.Damage) in
            switch String(decoding: try json.text(field), as: UTF8.self) {
            case "vocab": try readVocabulary(json, value)
            case "merges": try readMerges(json, value)
            case let name: model[name] = try json.value(value)
            }
        }
    }

    private mutating func readVocabulary(_ json: JSONFields, _ range: Range<Int>) throws(JSONFields.Damage) {
        // Unigram models have a list here; which model it is, is looked at later.
        guard json.bytes[range.lowerBound] == 0x7B else { return }
        var found: [(spelling: [UInt8], id: Int)] = []
        try json.forEachField(of: range) { field, value throws(JSONFields.Damage) in
            let id = try json.integer(value)
            guard id >= 0, id < Self.mostTokens, found.count < Self.mostTokens else {
                throw JSONFields.Damage(offset: value.lowerBound, expected: "an id from 0 to \(Self.mostTokens - 1)")
            }
            found.append((try json.text(field), id))
        }
        vocabulary = found
    }

    private mutating func readMerges(_ json: JSONFields, _ range: Range<Int>) throws(JSONFields.Damage) {
        let damage = JSONFields.Damage(offset: range.lowerBound, expected: "a list of merges")
        guard let list = try json.value(range).list else { throw damage }
        var found: [(left: [UInt8], right: [UInt8])] = []
        found.reserveCapacity(list.count)
        for item in list {
            if let text = item.text {
                // A blank parts the two.
                let parts = text.utf8.split(separator: 0x20, maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2 else { throw damage }
                found.append((Array(parts[0]), Array(parts[1])))
            } else if let pair = item.list, pair.count == 2, let left = pair[0].text, let right = pair[1].text {
                found.append((Array(left.utf8), Array(right.utf8)))
            } else {
                throw damage
            }
        }
        merges = found
    }

    /// An error about a part of the file that is well-formed but of a kind that is not run.
    func unsupported(_ what: String, _ found: String, _ supported: String) -> WeightsError {
        WeightsError.unsupported(file: name, what: what, found: found, supported: supported)
    }

    /// An error about a value that should not be what it is.
    func malformed(_ place: String, _ expected: String, _ found: String) -> WeightsError {
        WeightsError.malformed(file: name, place: place, expected: expected, found: found)
    }
}
