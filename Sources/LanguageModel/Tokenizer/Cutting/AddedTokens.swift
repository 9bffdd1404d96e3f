/// A token that is looked for in the text itself, before anything else is done with it.
struct AddedToken: Sendable {
    let spelling: [UInt8]
    let id: Int32
    /// Whether it steers the model: text that people or data wrote never becomes it.
    var isSpecial = true
    /// Whether it takes the white space before it.
    var stripsLeft = false
    /// Whether it takes the white space behind it.
    var stripsRight = false
    /// Whether it must not touch letters.
    var isWord = false
}

/// Finds added tokens in texts.
struct AddedTokens: Sendable {
    /// A stretch of text, and the token that it is; nil where it is text.
    struct Part {
        let range: Range<Int>
        let token: Int32?
    }

    private let tokens: [AddedToken]
    private var spellings: TokenTable
    /// For each first byte the lengths of the spellings that begin with it, longest first.
    private var lengths: [[Int]]
    private let special: Set<Int32>

    init(_ tokens: [AddedToken]) {
        self.tokens = tokens.filter { !$0.spelling.isEmpty }
        special = Set(tokens.lazy.filter(\.isSpecial).map(\.id))
        spellings = TokenTable(capacity: self.tokens.count)
        var found = [Set<Int>](repeating: [], count: 256)
        for token in self.tokens {
            spellings.append(token.spelling, findable: true)
            found[Int(token.spelling[0])].insert(token.spelling.count)
        }
        lengths = found.map { $0.sorted(by: >) }
    }

    var isEmpty: Bool { tokens.isEmpty }

    /// Whether a token is special: it has no text of its own in an answer.
    func contains(_ token: Int32) -> Bool { special.contains(token) }

    /// The token with this spelling.
    func id(_ spelling: String) -> Int32? { spellings.find(Array(spelling.utf8)).map { tokens[Int($0)].id } }

    /// The longest token that begins at a place and may stand there.
    private func token(at place: Int, in text: ArraySlice<UInt8>, _ foreign: ForeignRanges) -> AddedToken? {
        for length in lengths[Int(text[place])] where place + length <= text.endIndex {
            guard let index = spellings.find(text[place..<place + length]) else { continue }
            let token = tokens[Int(index)]
            if token.isSpecial, foreign.overlaps(place..<place + length) { continue }
            if token.isWord, touchesWord(place..<place + length, in: text) { continue }
            return token
        }
        return nil
    }

    private func touchesWord(_ range: Range<Int>, in text: ArraySlice<UInt8>) -> Bool {
        range.lowerBound > text.startIndex && UTF8Text.isWord(text, UTF8Text.start(before: range.lowerBound, in: text))
            || range.upperBound < text.endIndex && UTF8Text.isWord(text, range.upperBound)
    }

    /// Cuts a text at the tokens that it spells, from left to right.
    /// - Parameter foreign: where the text is somebody else's, and spells no special token.
    func parts(of text: ArraySlice<UInt8>, foreign: ForeignRanges) -> [Part] {
        var parts: [Part] = []
        var start = text.startIndex
        var at = start
        while at < text.endIndex {
            guard !lengths[Int(text[at])].isEmpty, let token = token(at: at, in: text, foreign) else {
                at += 1
                continue
            }
            var begin = at
            var end = at + token.spelling.count
            if token.stripsLeft {
                while begin > start {
                    let before = UTF8Text.start(before: begin, in: text)
                    guard UTF8Text.isSpace(text, before) else { break }
                    begin = before
                }
            }
            if token.stripsRight {
                while end < text.endIndex, UTF8Text.isSpace(text, end) { end += UTF8Text.scalar(text, end).length }
            }
            if start < begin { parts.append(Part(range: start..<begin, token: nil)) }
            parts.append(Part(range: begin..<end, token: token.id))
            start = end
            at = end
        }
        if start < text.endIndex { parts.append(Part(range: start..<text.endIndex, token: nil)) }
        return parts
    }
}

/// Where a text was written by somebody else: by people or data, not by the chat template.
struct ForeignRanges: Sendable {
    /// In order, without overlaps; in bytes.
    let ranges: [Range<Int>]

    static let none = ForeignRanges(ranges: [])

    func overlaps(_ range: Range<Int>) -> Bool {
        // The first range that ends behind the beginning of this one.
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound < range.upperBound
    }
}
