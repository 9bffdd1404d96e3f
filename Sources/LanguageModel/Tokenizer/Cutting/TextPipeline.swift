/// From text to tokens: normalizers, then added tokens that are looked for in normalized text, then cutters, then the
/// model that turns each piece into tokens. The order is that of Hugging Face's `tokenizers`.
struct TextPipeline: Sendable {
    /// A text put before a section that does not begin with it (`Metaspace`, and `add_prefix_space`).
    struct Prefix: Sendable {
        let text: [UInt8]
        /// Only before the section that begins the text.
        let firstOnly: Bool
    }

    var normalizers: [Normalizer] = []
    /// Added tokens that are spelled in normalized text.
    var added = AddedTokens([])
    /// What `Metaspace` writes for a blank.
    var blank: [UInt8]?
    var prefix: Prefix?
    var cutters: [PieceCutter] = []
    let model: TokenModel

    init(model: TokenModel) { self.model = model }

    /// Where a section stands in its text.
    enum Place {
        /// At the beginning of the text.
        case first
        /// Behind a token that was found in the text.
        case inside
        /// Directly behind text that was encoded apart.
        case goesOn
    }

    /// Appends the tokens of a section: text without special tokens.
    func encode(_ section: ArraySlice<UInt8>, at place: Place, into tokens: inout [Int32]) {
        var text = Array(section)
        for normalizer in normalizers { normalizer.apply(&text, goesOn: place == .goesOn) }
        guard !added.isEmpty else { return encode(normalized: text, at: place, into: &tokens) }
        // The text is somebody else's as far as special tokens go: those of the template were found before.
        let foreign = ForeignRanges(ranges: [0..<text.count])
        for part in added.parts(of: text[...], foreign: foreign) {
            if let token = part.token {
                tokens.append(token)
            } else {
                let place = part.range.lowerBound == 0 ? place : .inside
                encode(normalized: Array(text[part.range]), at: place, into: &tokens)
            }
        }
    }

    private func encode(normalized: [UInt8], at place: Place, into tokens: inout [Int32]) {
        var text = normalized
        if let blank { text = Normalizer.replacing([0x20], by: blank, in: text) }
        if let prefix, place == .first || place == .inside && !prefix.firstOnly, !text.isEmpty,
            !text.starts(with: prefix.text)
        {
            text = prefix.text + text
        }
        guard let first = cutters.first else { return model.encode(text[...], into: &tokens) }
        var pieces: [Range<Int>] = []
        pieces.reserveCapacity(text.count / 4)
        first.cut(text, 0..<text.count, into: &pieces)
        for cutter in cutters.dropFirst() {
            var finer: [Range<Int>] = []
            finer.reserveCapacity(pieces.count)
            for piece in pieces { cutter.cut(text, piece, into: &finer) }
            pieces = finer
        }
        for piece in pieces { model.encode(text[piece], into: &tokens) }
    }
}
