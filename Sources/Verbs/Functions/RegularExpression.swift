internal import CPCRE2
internal import PipelineRuntime
internal import PipelineSyntax
internal import Synchronization
internal import Tables

/// A regular expression of PCRE2 (pcre.org), on UTF-8.
///
/// Its steps are limited, so that a pattern such as `(a+)+$` cannot run for ever on a hostile text.
///
/// Unchecked sendable: one is in one hand at a time, as the pool lends it.
final class RegularExpression: @unchecked Sendable {
    /// A place in a text, as UTF-8 offsets, and those of its groups; nil for a group that took no part.
    struct Match {
        let range: Range<Int>
        let groups: [Range<Int>?]
    }

    private let code: OpaquePointer
    private let data: OpaquePointer
    private let context: OpaquePointer
    /// Tries that a match may take: about a tenth of a second.
    private static let steps: UInt32 = 2_000_000

    /// Compiled patterns that nobody uses at the moment: a column's rows share one.
    private static let pool = Mutex<[String: [RegularExpression]]>([:])

    /// So many patterns are kept; with more, the pool starts anew.
    private static let poolLimit = 64

    /// Works with the regular expression of a pattern, compiled once.
    /// - Throws: `ArgumentMistake` where the pattern is none, and what the work throws.
    static func with<Result>(_ pattern: String, _ work: (RegularExpression) throws -> Result) throws -> Result {
        let kept = pool.withLock { $0[pattern]?.popLast() }
        guard let expression = kept ?? RegularExpression(pattern) else {
            throw ArgumentMistake(
                .wrongType, at: "pattern", "Expected a regular expression; `\(pattern)` is none.", hint: "'\\d+'")
        }
        defer {
            pool.withLock { pool in
                if pool.count >= poolLimit { pool = [:] }
                pool[pattern, default: []].append(expression)
            }
        }
        return try work(expression)
    }

    /// Nil where the pattern is no regular expression.
    private init?(_ pattern: String) {
        let bytes = Array(pattern.utf8)
        var error: Int32 = 0
        var offset = 0
        guard let code = distnb_pcre2_compile(bytes, bytes.count, &error, &offset) else { return nil }
        guard let data = distnb_pcre2_match_data(code), let context = distnb_pcre2_context(Self.steps) else {
            distnb_pcre2_free(code)
            return nil
        }
        (self.code, self.data, self.context) = (code, data, context)
    }

    deinit {
        distnb_pcre2_match_data_free(data)
        distnb_pcre2_context_free(context)
        distnb_pcre2_free(code)
    }

    /// The first match, or nil.
    func firstMatch(in text: String) throws(RowError) -> Match? { try match(in: Array(text.utf8), from: 0) }

    /// All matches that do not overlap, from the left.
    /// - Parameter pause: called now and then; what it throws ends the search.
    func matches(in bytes: [UInt8], pause: () throws -> Void = {}) throws -> [Match] {
        var found: [Match] = []
        var start = 0
        while start <= bytes.count, let match = try match(in: bytes, from: start) {
            found.append(match)
            if found.count % 1_000 == 0 { try pause() }
            start = match.range.upperBound
            guard match.range.isEmpty else { continue }
            // After an empty match the search goes on behind the next character.
            start += 1
            while start < bytes.count, bytes[start] & 0xC0 == 0x80 { start += 1 }
        }
        return found
    }

    /// The text with every match replaced.
    func replacing(in text: String, with replacement: String, pause: () throws -> Void = {}) throws -> String {
        let bytes = Array(text.utf8)
        let pieces = ReplacementPiece.pieces(of: replacement)
        var result: [UInt8] = []
        var copied = 0
        for match in try matches(in: bytes, pause: pause) {
            result += bytes[copied..<match.range.lowerBound]
            for piece in pieces {
                switch piece {
                case .text(let text): result += text
                case .group(0): result += bytes[match.range]
                case .group(let number):
                    guard number <= match.groups.count else {
                        throw ArgumentMistake(
                            .outOfRange, at: "by",
                            "Expected a group of the regular expression after `\\`; it has \(match.groups.count), not \(number).",
                            hint: "put the part in parentheses: '(\\w+)'")
                    }
                    if let range = match.groups[number - 1] { result += bytes[range] }
                }
            }
            if result.count > ValueLimits.textBytes { throw ValueLimits.text }
            copied = match.range.upperBound
        }
        result += bytes[copied...]
        return String(decoding: result, as: UTF8.self)
    }

    private func match(in bytes: [UInt8], from start: Int) throws(RowError) -> Match? {
        let count = distnb_pcre2_match(code, bytes, bytes.count, start, data, context)
        if count == PCRE2_ERROR_NOMATCH { return nil }
        guard count > 0, let places = distnb_pcre2_places(data) else {
            throw RowError("the regular expression takes too long on this text")
        }
        // `\K` in a lookahead can set the start behind the end.
        func range(_ group: Int) -> Range<Int>? {
            let (low, high) = (places[2 * group], places[2 * group + 1])
            // A group that took no part has -1 (PCRE2_UNSET) at both ends.
            return low >= 0 && low <= high && high <= bytes.count ? low..<high : nil
        }
        guard let whole = range(0) else { return nil }
        return Match(range: whole, groups: (1..<Int(distnb_pcre2_groups(data))).map(range))
    }
}

/// A piece of what is put in for a match: text as it stands, or a group of the match.
private enum ReplacementPiece {
    case text([UInt8])
    /// `\1` to `\9`; `\0` is the whole match.
    case group(Int)

    static func pieces(of replacement: String) -> [ReplacementPiece] {
        let bytes = Array(replacement.utf8)
        var pieces: [ReplacementPiece] = []
        var text: [UInt8] = []
        var at = 0
        while at < bytes.count {
            let next = at + 1 < bytes.count ? bytes[at + 1] : 0
            if bytes[at] == UInt8(ascii: "\\"), next >= 0x30, next <= 0x39 {
                pieces.append(.text(text))
                pieces.append(.group(Int(next - 0x30)))
                text = []
                at += 2
            } else {
                text.append(bytes[at])
                at += 1
            }
        }
        return pieces + [.text(text)]
    }
}
