/// Cuts text into the pieces within which byte-pair merges happen, as GPT-2 does:
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// matched again and again. Written by hand over scalars: no regular expression engine, no backtracking, and
/// linear in the text.
///
/// With `isolatesNumbers` every numeric character stands alone first, as the pre-tokenizer "smollm" has it; then
/// ` ?\p{N}+` never matches, and the end of a stretch between two numbers counts as the end of the text for
/// `(?!\S)`, as it does in Hugging Face's `tokenizers`.
struct GPT2Pieces {
    private enum Class {
        case letter, number, space, other
    }

    private let isolatesNumbers: Bool
    private var scalars: [UInt32] = []
    private var classes: [Class] = []
    /// Where each scalar begins in the bytes, and where the last one ends.
    private var places: [Int] = []

    /// - Parameter text: well-formed UTF-8.
    init(_ text: ArraySlice<UInt8>, isolatesNumbers: Bool) {
        self.isolatesNumbers = isolatesNumbers
        scalars.reserveCapacity(text.count)
        classes.reserveCapacity(text.count)
        places.reserveCapacity(text.count + 1)
        var at = text.startIndex
        while at < text.endIndex {
            let (scalar, length) = UTF8Text.scalar(text, at)
            scalars.append(scalar)
            classes.append(Self.classify(scalar))
            places.append(at)
            at += length
        }
        places.append(text.endIndex)
    }

    /// The pieces' places in the bytes, in order; together they are the text.
    func forEachPiece(_ body: (Range<Int>) -> Void) {
        var start = 0
        while start < scalars.count {
            let end = isolatesNumbers && classes[start] == .number ? start + 1 : pieceEnd(start)
            body(places[start]..<places[end])
            start = end
        }
    }

    private static func classify(_ value: UInt32) -> Class {
        if value < 0x80 {
            switch value {
            case 0x41...0x5A, 0x61...0x7A: return .letter
            case 0x30...0x39: return .number
            case 0x09...0x0D, 0x20: return .space
            default: return .other
            }
        }
        guard let scalar = Unicode.Scalar(value) else { return .other }
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

    /// Where a piece ends.
    private func pieceEnd(_ start: Int) -> Int {
        if let end = contractionEnd(start) { return end }
        switch classes[start] {
        case .letter, .other, .number:
            return runEnd(start)
        case .space:
            // A single space goes with the word or the signs that follow it.
            if scalars[start] == 0x20, start + 1 < scalars.count, classes[start + 1] != .space,
                !(isolatesNumbers && classes[start + 1] == .number)
            {
                return runEnd(start + 1)
            }
            let end = runEnd(start)
            // All of the spaces at the end of the stretch; else all but the last, which the next piece may take.
            let atEnd = end == scalars.count || isolatesNumbers && classes[end] == .number
            return atEnd ? end : max(start + 1, end - 1)
        }
    }

    /// 's 't 're 've 'm 'll 'd, in lower case only, and only where the apostrophe begins a piece.
    private func contractionEnd(_ start: Int) -> Int? {
        guard scalars[start] == 0x27, start + 1 < scalars.count else { return nil }
        let second = start + 2 < scalars.count ? scalars[start + 2] : 0
        switch Character(Unicode.Scalar(scalars[start + 1]) ?? " ") {
        case "s", "t", "m", "d": return start + 2
        case "r", "v": return second == 0x65 ? start + 3 : nil
        case "l": return second == 0x6C ? start + 3 : nil
        default: return nil
        }
    }
}
