internal import Tables

/// A word as it is written, with what its signs say of the words beside it.
struct EntityWord {
    let text: String
    /// Whether a comma, bracket or the like stands before or behind it.
    let beginsPart: Bool
    let endsPart: Bool

    static func words(_ sentence: String) -> [EntityWord] {
        sentence.split(whereSeparator: \.isWhitespace).compactMap { piece in
            var text = piece
            while let first = text.first, !first.isLetter, !first.isNumber, !"$€£¥&-−.".contains(first) {
                text.removeFirst()
            }
            while let last = text.last, !last.isLetter, !last.isNumber, !"%&".contains(last) { text.removeLast() }
            guard !text.isEmpty else { return nil }
            let begins = text.startIndex > piece.startIndex
            let ends = text.endIndex < piece.endIndex
            for ending in ["'s", "’s"] where text.hasSuffix(ending) { text = text.dropLast(2) }
            return text.isEmpty ? nil : EntityWord(text: String(text), beginsPart: begins, endsPart: ends)
        }
    }

    var folded: String { text.lowercased() }

    /// The number that the word is; nil for `GPT-4` and `1990s`.
    var number: Number? {
        guard !hasLetter else { return nil }
        let numbers = AnswerNumber.all(in: text)
        return numbers.count == 1 ? numbers[0] : nil
    }

    private var hasLetter: Bool { text.contains(where: \.isLetter) }

    var hasCapital: Bool {
        text.contains(where: \.isUppercase)
            || (hasLetter && text.contains(where: \.isNumber) && text.first?.isLetter == true)
    }

    /// Whether it cannot be a plain first word: `FearNet`, `NASA`, `COVID-19`.
    var isMarked: Bool { text.dropFirst().contains { $0.isUppercase || $0.isNumber } }
}
