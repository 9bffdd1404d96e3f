internal import Foundation

/// What BERT's tokenizers do with a text before words are cut into pieces (Devlin et al. 2019), as Hugging Face's
/// `tokenizers` does it: `BertNormalizer` and `BertPreTokenizer`.
///
/// Their tables of characters are those of Unicode 8. What came later is to them neither a mark nor punctuation nor to be
/// left out, and five characters are of other kinds now; agreement on all characters is tested.
struct BertText: Sendable {
    /// Whether control characters go and every white space becomes a blank.
    var cleans = true
    /// Whether CJK ideographs become words of their own.
    var partsIdeographs = true
    /// Whether letters lose their accents: canonical decomposition, then without nonspacing marks.
    var stripsAccents = true
    var lowercases = true

    /// A text as its words are cut from.
    func normalized(_ text: [UInt8]) -> [UInt8] {
        if text.allSatisfy({ $0 < 0x80 }) { return ascii(text) }
        var scalars = String.UnicodeScalarView()
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            if cleans {
                if Self.isLeftOut(scalar) { continue }
                if scalar.properties.isWhitespace {
                    scalars.append(" ")
                    continue
                }
            }
            let isApart = partsIdeographs && Self.isIdeograph(scalar)
            if isApart { scalars.append(" ") }
            scalars.append(scalar)
            if isApart { scalars.append(" ") }
        }
        if stripsAccents {
            let decomposed = String(scalars).decomposedStringWithCanonicalMapping.unicodeScalars
            scalars = String.UnicodeScalarView()
            for scalar in decomposed where Self.category(scalar) != .nonspacingMark { scalars.append(scalar) }
        }
        if lowercases {
            var lowered = String.UnicodeScalarView()
            // One by one: a sigma at the end of a word is no other letter here.
            for scalar in scalars { lowered.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars) }
            scalars = lowered
        }
        return Array(String(scalars).utf8)
    }

    private func ascii(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for byte in text {
            if cleans {
                if byte == 0x09 || byte == 0x0A || byte == 0x0D {
                    result.append(0x20)
                    continue
                }
                if byte < 0x20 || byte == 0x7F { continue }
            }
            result.append(lowercases && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
        }
        return result
    }

    /// Appends the words of a piece: white space parts them, punctuation characters stand alone.
    static func cut(_ text: [UInt8], _ range: Range<Int>, into pieces: inout [Range<Int>]) {
        let text = text[range]
        var start = range.lowerBound
        var at = start
        while at < range.upperBound {
            let (value, length) = UTF8Text.scalar(text, at)
            let isSpace = UTF8Text.isSpace(text, at)
            if isSpace || isPunctuation(value) {
                if start < at { pieces.append(start..<at) }
                if !isSpace { pieces.append(at..<at + length) }
                start = at + length
            }
            at += length
        }
        if start < range.upperBound { pieces.append(start..<range.upperBound) }
    }

    // MARK: Kinds of characters

    private static func isLeftOut(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D: return false
        case 0, 0xFFFD: return true
        default: break
        }
        switch category(scalar) {
        case .control, .format, .privateUse: return true
        default: return false
        }
    }

    private static func isPunctuation(_ value: UInt32) -> Bool {
        if value < 0x80 {
            return (0x21...0x2F).contains(value) || (0x3A...0x40).contains(value) || (0x5B...0x60).contains(value)
                || (0x7B...0x7E).contains(value)
        }
        guard let scalar = Unicode.Scalar(value) else { return false }
        switch category(scalar) {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return true
        default: return false
        }
    }

    /// The ranges that BERT's own code names.
    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
            0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }

    /// The general category in Unicode 8; of later characters that of a letter.
    private static func category(_ scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
        switch scalar.value {
        case 0x166D, 0x111C9: return .otherPunctuation
        case 0x1734, 0x1171E: return .nonspacingMark
        case 0x1885, 0x1886, 0xA9BD: return .otherLetter
        default: break
        }
        let now = scalar.properties.generalCategory
        switch now {
        case .nonspacingMark, .control, .format, .privateUse, .connectorPunctuation, .dashPunctuation,
            .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation:
            return (scalar.properties.age?.major ?? 0) > 8 ? .otherLetter : now
        default: return now
        }
    }
}
