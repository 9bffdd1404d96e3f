internal import CPCRE2
internal import Tables

/// A regular expression of PCRE2 (pcre.org), on UTF-8.
///
/// Its steps are limited, so that a pattern such as `(a+)+$` cannot run for ever on a hostile text.
final class RegularExpression {
    /// A place in a text, as UTF-8 offsets, and those of its groups; nil for a group that took no part.
    struct Match {
        let range: Range<Int>
        let groups: [Range<Int>?]
    }

    private let code: OpaquePointer
    /// Tries that a match may take: about a tenth of a second.
    private static let steps: UInt32 = 2_000_000

    /// Nil where the pattern is no regular expression.
    init?(_ pattern: String) {
        let bytes = Array(pattern.utf8)
        var error: Int32 = 0
        var offset = 0
        guard let code = distnb_pcre2_compile(bytes, bytes.count, &error, &offset) else { return nil }
        self.code = code
    }

    deinit { distnb_pcre2_free(code) }

    /// The first match, or nil.
    func firstMatch(in text: String) throws(RowError) -> Match? { try match(in: Array(text.utf8), from: 0) }

    /// All matches that do not overlap, from the left.
    func matches(in bytes: [UInt8]) throws(RowError) -> [Match] {
        var found: [Match] = []
        var start = 0
        while start <= bytes.count, let match = try match(in: bytes, from: start) {
            found.append(match)
            start = match.range.upperBound
            guard match.range.isEmpty else { continue }
            // After an empty match the search goes on behind the next character.
            start += 1
            while start < bytes.count, bytes[start] & 0xC0 == 0x80 { start += 1 }
        }
        return found
    }

    /// The text with every match replaced.
    func replacing(in text: String, with replacement: String) throws(RowError) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var copied = 0
        for match in try matches(in: bytes) {
            result += bytes[copied..<match.range.lowerBound]
            result += replacement.utf8
            copied = match.range.upperBound
        }
        result += bytes[copied...]
        return String(decoding: result, as: UTF8.self)
    }

    private func match(in bytes: [UInt8], from start: Int) throws(RowError) -> Match? {
        guard let data = distnb_pcre2_match_data(code) else { return nil }
        defer { distnb_pcre2_match_data_free(data) }
        let count = distnb_pcre2_match(code, bytes, bytes.count, start, Self.steps, data)
        if count == PCRE2_ERROR_NOMATCH { return nil }
        guard count > 0, let places = distnb_pcre2_places(data) else {
            throw RowError("the regular expression takes too long on this text")
        }
        // `\K` in a lookahead can set the start behind the end.
        func range(_ group: Int) -> Range<Int>? {
            let (low, high) = (places[2 * group], places[2 * group + 1])
            return low <= high && high <= bytes.count ? low..<high : nil
        }
        guard let whole = range(0) else { return nil }
        return Match(range: whole, groups: (1..<max(1, Int(count))).map(range))
    }
}
