internal import Tables

/// A text that string literals of a JSON text hold together, and where each of its bytes stands there.
public struct EscapedSource: Sendable, Equatable {
    /// The text, escapes resolved, as `JSON` reads it.
    public let text: [UInt8]
    /// In order and without gaps in the text. Where both ranges are as long as each other, the bytes are the same.
    private let pieces: [Piece]
    /// What stands between the quotes of each literal.
    private let contents: [Range<Int>]

    private struct Piece: Sendable, Equatable {
        let text: Range<Int>
        let json: Range<Int>
    }

    /// - Parameters:
    ///   - json: a valid JSON text.
    ///   - literals: where its string literals stand, quotes included, in order.
    public init(_ json: [UInt8], literals: [Range<Int>]) {
        var text: [UInt8] = []
        var pieces: [Piece] = []
        var contents: [Range<Int>] = []
        for literal in literals.map({ $0.clamped(to: 0..<json.count) }) where literal.count >= 2 {
            let content = literal.lowerBound + 1..<literal.upperBound - 1
            contents.append(content)
            var at = content.lowerBound
            while at < content.upperBound {
                let start = text.count
                let end: Int
                if json[at] == UInt8(ascii: "\\") {
                    let (length, character) = Self.escape(json[at..<content.upperBound])
                    end = at + length
                    text += character
                } else {
                    end = json[at..<content.upperBound].firstIndex(of: UInt8(ascii: "\\")) ?? content.upperBound
                    text += json[at..<end]
                }
                pieces.append(Piece(text: start..<text.count, json: at..<end))
                at = end
            }
        }
        self.text = text
        self.pieces = pieces
        self.contents = contents
    }

    /// Where the byte at an offset of the text begins in the JSON text; for the text's end, where its last literal ends.
    public func place(of offset: Int) -> Int {
        guard let piece = piece(startingAtOrBefore: offset), piece.text.contains(offset) else { return end }
        return place(of: offset, in: piece)
    }

    /// Where the byte before an offset of the text ends in the JSON text: of a part of the text, the end.
    public func placeOfEnd(_ offset: Int) -> Int {
        guard offset > 0, let piece = piece(startingAtOrBefore: offset - 1) else { return place(of: offset) }
        return offset >= piece.text.upperBound ? piece.json.upperBound : place(of: offset, in: piece)
    }

    /// Where a part of the text stands.
    public func place(of part: Range<Int>) -> Range<Int> {
        let start = place(of: part.lowerBound)
        return start..<max(start, part.isEmpty ? start : placeOfEnd(part.upperBound))
    }

    /// The offset in the text of a place in the JSON text; nil where that is not between a literal's quotes.
    public func offset(of place: Int) -> Int? {
        guard let content = contents.first(where: { $0.lowerBound <= place && place <= $0.upperBound }) else {
            return nil
        }
        var low = 0
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].json.upperBound <= place { low = middle + 1 } else { high = middle }
        }
        guard low < pieces.count, pieces[low].json.lowerBound <= place else {
            // At a literal's end, or in an empty one.
            return low < pieces.count && pieces[low].json.lowerBound >= content.lowerBound
                ? pieces[low].text.lowerBound : text.count
        }
        let piece = pieces[low]
        return piece.text.count == piece.json.count
            ? piece.text.lowerBound + place - piece.json.lowerBound : piece.text.lowerBound
    }

    /// A text as it is written between the quotes of a literal.
    public static func written(_ text: String) -> String {
        String(JSON.text(.string(text)).dropFirst().dropLast())
    }

    private var end: Int { contents.last?.upperBound ?? 0 }

    private func place(of offset: Int, in piece: Piece) -> Int {
        piece.text.count == piece.json.count
            ? piece.json.lowerBound + offset - piece.text.lowerBound : piece.json.lowerBound
    }

    private func piece(startingAtOrBefore offset: Int) -> Piece? {
        var low = 0
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].text.lowerBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? pieces[low - 1] : nil
    }

    /// The character of the escape that a text begins with, and how long the escape is.
    private static func escape(_ json: ArraySlice<UInt8>) -> (length: Int, character: [UInt8]) {
        let code = json.dropFirst()
        guard let sign = code.first else { return (1, []) }
        switch sign {
        case UInt8(ascii: "b"): return (2, [0x08])
        case UInt8(ascii: "f"): return (2, [0x0C])
        case UInt8(ascii: "n"): return (2, [0x0A])
        case UInt8(ascii: "r"): return (2, [0x0D])
        case UInt8(ascii: "t"): return (2, [0x09])
        case UInt8(ascii: "u"):
            guard let unit = unit(code.dropFirst().prefix(4)) else { return (2, []) }
            let rest = json.dropFirst(6)
            if (0xD800..<0xDC00).contains(unit), rest.starts(with: "\\u".utf8),
                let low = self.unit(rest.dropFirst(2).prefix(4)), (0xDC00..<0xE000).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            {
                return (12, Array(String(Character(scalar)).utf8))
            }
            // Half of a pair alone is no character.
            let scalar = Unicode.Scalar(unit) ?? "\u{FFFD}"
            return (6, Array(String(Character(scalar)).utf8))
        default: return (2, [sign])
        }
    }

    private static func unit(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard digits.count == 4 else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
