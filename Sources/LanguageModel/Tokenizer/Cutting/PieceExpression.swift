internal import CPCRE2

/// A regular expression that cuts text into pieces, of PCRE2 (pcre.org), on UTF-8.
///
/// Tokenizers' expressions are written for Oniguruma. Where the two differ and it matters, the expression is
/// rewritten: `\s` also means U+0085, `\uXXXX` is `\x{XXXX}`, and `$` ends a line.
///
/// Unchecked sendable: the compiled code and the limits are never changed once they are made.
final class PieceExpression: @unchecked Sendable {
    private let code: OpaquePointer
    private let context: OpaquePointer
    /// Tries that a match may take.
    private static let steps: UInt32 = 1_000_000
    /// The longest expression that is read, in bytes.
    static let longest = 20_000

    /// Nil where the pattern is no regular expression.
    init?(_ pattern: String) {
        guard pattern.utf8.count <= Self.longest, let rewritten = Self.rewriting(pattern) else { return nil }
        let bytes = Array(rewritten.utf8)
        var error: Int32 = 0
        var offset = 0
        guard let code = distnb_pcre2_compile_cutting(bytes, bytes.count, &error, &offset) else { return nil }
        guard let context = distnb_pcre2_context(Self.steps) else {
            distnb_pcre2_free(code)
            return nil
        }
        (self.code, self.context) = (code, context)
    }

    deinit {
        distnb_pcre2_context_free(context)
        distnb_pcre2_free(code)
    }

    /// The stretches of a part of the text, matches and what is between them, in order.
    ///
    /// Where a match takes more tries than it may, which no tokenizer's own expression does, the rest is one stretch.
    func stretches(of text: [UInt8], in range: Range<Int>) -> [(range: Range<Int>, isMatch: Bool)] {
        var stretches: [(range: Range<Int>, isMatch: Bool)] = []
        var done = range.lowerBound
        guard let data = distnb_pcre2_match_data(code) else { return [(range, false)] }
        defer { distnb_pcre2_match_data_free(data) }
        text[range].withUnsafeBufferPointer { piece in
            guard let base = piece.baseAddress else { return }
            var at = 0
            while at < piece.count,
                distnb_pcre2_match_cutting(code, base, piece.count, at, data, context) > 0,
                let places = distnb_pcre2_places(data)
            {
                let (low, high) = (places[0], places[1])
                guard low >= at, low <= high, high <= piece.count else { break }
                if low == high {
                    // After an empty match the search goes on behind the next character.
                    at = high + 1
                    while at < piece.count, piece[at] & 0xC0 == 0x80 { at += 1 }
                    continue
                }
                let match = range.lowerBound + low..<range.lowerBound + high
                if done < match.lowerBound { stretches.append((done..<match.lowerBound, false)) }
                stretches.append((match, true))
                done = match.upperBound
                at = high
            }
        }
        if done < range.upperBound { stretches.append((done..<range.upperBound, false)) }
        return stretches
    }

    /// The expression as PCRE2 needs it; nil for what would mean something else there.
    static func rewriting(_ pattern: String) -> String? {
        var result = ""
        var scalars = Array(pattern.unicodeScalars)[...]
        var isInClass = false
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\\":
                guard let next = scalars.popFirst() else { return nil }
                switch next {
                case "s": result += isInClass ? "\\s\\x{85}" : "[\\s\\x{85}]"
                case "S":
                    if isInClass { return nil }
                    result += "[^\\s\\x{85}]"
                // Hexadecimal digits there, horizontal blanks here; and classes of their own.
                case "h", "H", "K", "G", "C", "X", "R": return nil
                case "u":
                    let digits = scalars.prefix(4)
                    guard digits.count == 4, digits.allSatisfy({ $0.properties.isASCIIHexDigit }) else { return nil }
                    result += "\\x{\(digits.map { String($0) }.joined())}"
                    scalars = scalars.dropFirst(4)
                default: result += "\\\(next)"
                }
            case "[":
                // A bracket within a class is a class of its own there, a letter here.
                if isInClass { return nil }
                isInClass = true
                result += "["
                if scalars.first == "^" {
                    scalars.removeFirst()
                    result += "^"
                }
                if scalars.first == "]" { return nil }
            case "]":
                isInClass = false
                result += "]"
            case "&" where isInClass && scalars.first == "&": return nil
            default: result.unicodeScalars.append(scalar)
            }
        }
        return isInClass ? nil : result
    }
}
