internal import Jinja

/// A rendered conversation in UTF-8, ready for the tokenizer.
struct RenderedText {
    let utf8: [UInt8]
    let foreign: ForeignRanges
    /// Where each code point begins, and where the last one ends.
    private let places: [Int]

    init(_ text: TemplateText) {
        var places: [Int] = []
        places.reserveCapacity(text.count + 1)
        var at = 0
        let string = text.string
        for scalar in string.unicodeScalars {
            places.append(at)
            at += UTF8.width(scalar)
        }
        places.append(at)
        utf8 = Array(string.utf8)
        foreign = ForeignRanges(
            ranges: text.runs.filter(\.isForeign).map { places[$0.range.lowerBound]..<places[$0.range.upperBound] })
        self.places = places
    }

    /// A range of code points in bytes; what lies outside of the text is left out.
    func bytes(_ range: Range<Int>) -> Range<Int> {
        let range = range.clamped(to: 0..<places.count - 1)
        return places[range.lowerBound]..<places[range.upperBound]
    }

    /// The text cut at the special tokens that the template wrote.
    func parts(_ tokenizer: Tokenizer) -> [AddedTokens.Part] {
        tokenizer.special.parts(of: utf8[...], foreign: foreign)
    }

    /// A part of the text, or a piece of one that was cut.
    struct Piece {
        let part: AddedTokens.Part
        /// Whether it directly follows another piece of the same part.
        let goesOn: Bool
    }

    /// The pieces of a part that is cut where ranges begin and end.
    func pieces(of part: AddedTokens.Part, cutAt ranges: [Range<Int>]) -> [Piece] {
        guard part.token == nil else { return [Piece(part: part, goesOn: false)] }
        var cuts: [Int] = []
        for range in ranges {
            for cut in [range.lowerBound, range.upperBound]
            where cut > part.range.lowerBound && cut < part.range.upperBound {
                cuts.append(cut)
            }
        }
        var pieces: [Piece] = []
        var start = part.range.lowerBound
        for cut in Set(cuts).sorted() + [part.range.upperBound] {
            pieces.append(
                Piece(part: AddedTokens.Part(range: start..<cut, token: nil), goesOn: start > part.range.lowerBound))
            start = cut
        }
        return pieces
    }

    func tokens(of part: AddedTokens.Part, _ tokenizer: Tokenizer) -> [Int32] {
        tokens(of: Piece(part: part, goesOn: false), tokenizer)
    }

    func tokens(of piece: Piece, _ tokenizer: Tokenizer) -> [Int32] {
        if let token = piece.part.token { return [token] }
        var tokens: [Int32] = []
        let place: TextPipeline.Place =
            piece.goesOn ? .goesOn : piece.part.range.lowerBound == 0 ? .first : .inside
        tokenizer.pipeline.encode(utf8[piece.part.range], at: place, into: &tokens)
        return tokens
    }
}
