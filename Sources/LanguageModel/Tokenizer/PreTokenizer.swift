/// Cuts text into the pieces within which byte-pair merges happen, as the pre-tokenizer "smollm" does.
///
/// First every numeric character stands alone; then, between those, GPT-2's pattern
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// is matched again and again. Written by hand over scalars: no regular expression engine, no backtracking, and
/// linear in the text. Because numbers are already cut out, ` ?\p{N}+` never matches here, and the end of a stretch
/// between two numbers counts as the end of the text for `(?!\S)`, as it does in Hugging Face's `tokenizers`.
struct PreTokenizer {
    private enum Class {
        case letter, number, space, other
    }

    private let scalars: [Unicode.Scalar]
    private let classes: [Class]

    init(_ text: Substring.UnicodeScalarView) {
        scalars = Array(text)
        classes = scalars.map(Self.classify)
    }

    /// The pieces' bytes in UTF-8, in order; together they are the text.
    func forEachPiece(_ body: ([UInt8]) -> Void) {
        var start = 0
        var bytes: [UInt8] = []
        while start < scalars.count {
            let end = classes[start] == .number ? start + 1 : pieceEnd(start)
            bytes.removeAll(keepingCapacity: true)
            for scalar in scalars[start..<end] { bytes.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
            body(bytes)
            start = end
        }
    }

    private static func classify(_ scalar: Unicode.Scalar) -> Class {
        if scalar.isASCII {
            switch scalar.value {
            case 0x41...0x5A, 0x61...0x7A: return .letter
            case 0x30...0x39: return .number
            case 0x09...0x0D, 0x20: return .space
            default: return .other
            }
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return scalar.properties.isWhitespace ? .space : .other
        }
    }

    /// Where the run of one class that begins at `start` ends.
    private func runEnd(_ start: Int) -> Int {
        var end = start + 1
        while end < scalars.count, classes[end] == classes[start] { end += 1 }
        return end
    }

    /// Where a piece that begins with a non-number ends.
    private func pieceEnd(_ start: Int) -> Int {
        if let end = contractionEnd(start) { return end }
        switch classes[start] {
        case .letter, .other, .number:
            return runEnd(start)
        case .space:
            // A single space goes with the word or the signs that follow it.
            if scalars[start] == " ", start + 1 < scalars.count,
                classes[start + 1] == .letter || classes[start + 1] == .other
            {
                return runEnd(start + 1)
            }
            let end = runEnd(start)
            // All of the spaces at the end of the stretch; else all but the last, which the next piece may take.
            let atEnd = end == scalars.count || classes[end] == .number
            return atEnd ? end : max(start + 1, end - 1)
        }
    }

    /// 's 't 're 've 'm 'll 'd, in lower case only, and only where the apostrophe begins a piece.
    private func contractionEnd(_ start: Int) -> Int? {
        guard scalars[start] == "'", start + 1 < scalars.count else { return nil }
        switch scalars[start + 1] {
        case "s", "t", "m", "d": return start + 2
        case "r" where start + 2 < scalars.count && scalars[start + 2] == "e": return start + 3
        case "v" where start + 2 < scalars.count && scalars[start + 2] == "e": return start + 3
        case "l" where start + 2 < scalars.count && scalars[start + 2] == "l": return start + 3
        default: return nil
        }
    }
}
