internal import Foundation

/// Which of some labels a model's answer names.
///
/// Upper and lower case, blanks, `_` and `-` inside labels do not matter. What stands before `</think>` is not read.
/// The first rule that finds a label decides:
/// 1. the answer is a label, but for signs around it: `**Entailment.**`
/// 2. the last place that declares one: `Answer: B`, `the label is "neutral"`, `\boxed{B}`
/// 3. the answer begins with one and a sign or a line's end behind it: `B) water`, `Neutral, because …`
/// 4. the last sentence that mentions any; `not B` and `neither A nor B` mention none.
/// A sentence that mentions several is ambiguous.
public struct AnswerLabels: Sendable {
    private let labels: [Label]

    private struct Label: Sendable {
        let index: Int
        /// Its words in lower case.
        let words: [[Unicode.Scalar]]
        /// The one letter that it is, where it is one: `B` in a sentence is a label, `b` may be anything.
        let letter: Unicode.Scalar?

        var length: Int { words.reduce(0) { $0 + $1.count } }
    }

    /// Why texts cannot serve as labels, for people.
    public struct Mistake: Error, Sendable, Hashable {
        public let message: String
    }

    /// - Throws: `Mistake` where there are no labels, one is empty, or two are the same but for case and blanks.
    public init(_ texts: [String]) throws(Mistake) {
        guard !texts.isEmpty else { throw Mistake(message: "at least one label, found an empty list") }
        var labels: [Label] = []
        var seen: [[[Unicode.Scalar]]: String] = [:]
        for (index, text) in texts.enumerated() {
            let scalars = Array(text.precomposedStringWithCanonicalMapping.unicodeScalars)
            let words = scalars.map(\.folded).split { $0.joinsWords }.map(Array.init)
            guard words.contains(where: { $0.contains(where: \.isWordPart) }) else {
                throw Mistake(message: "labels with a letter or digit, found \"\(text)\"")
            }
            if let other = seen[words] {
                throw Mistake(message: "labels that differ; \"\(other)\" and \"\(text)\" are read as the same")
            }
            seen[words] = text
            let only = scalars.count == 1 && scalars[0].properties.isCased ? scalars[0] : nil
            labels.append(Label(index: index, words: words, letter: only))
        }
        // The longest first: "top up failed" is not "top up".
        self.labels = labels.sorted { ($0.length, $1.index) > ($1.length, $0.index) }
    }

    /// The place of the label in the list, or nil where the answer names none or several.
    public func index(in answer: String) -> Int? {
        var text = Array(answer.precomposedStringWithCanonicalMapping.unicodeScalars)
        let thought = Array("</think>".unicodeScalars)
        if let end = text.indices.last(where: { text[$0] == "<" && text[$0...].starts(with: thought) }) {
            text.removeFirst(end + thought.count)
        }
        let reader = AnswerReader(text)
        return alone(reader) ?? declared(reader) ?? leading(reader) ?? mentioned(reader)
    }

    // MARK: Rules

    private func alone(_ reader: AnswerReader) -> Int? {
        guard let start = reader.text.firstIndex(where: \.isWordPart), let match = match(reader, start),
            !reader.text[match.end...].contains(where: \.isWordPart)
        else { return nil }
        return match.label.index
    }

    private func declared(_ reader: AnswerReader) -> Int? {
        for (place, word) in reader.words.enumerated().reversed() where Self.declaring.contains(word.text) {
            if let label = label(declaredBehind: place, reader) { return label }
        }
        return nil
    }

    /// `answer` must be followed by a sign or a verb, then by words that say nothing, then by a label.
    private func label(declaredBehind place: Int, _ reader: AnswerReader) -> Int? {
        var isDeclared = false
        var from = reader.words[place].end
        for word in reader.words[(place + 1)...].prefix(7) {
            let between = reader.text[from..<word.start]
            // A new line or sentence ends the declaration, unless it announced its label.
            if between.contains("."), !isDeclared { return nil }
            if between.contains(where: { Self.declaringSigns.contains($0) }) { isDeclared = true }
            if isDeclared, let match = match(reader, word.start), !isArticle(match, reader) { return match.label.index }
            if Self.declaringVerbs.contains(word.text) {
                isDeclared = true
            } else if !Self.fillers.contains(word.text) {
                return nil
            }
            from = word.end
        }
        return nil
    }

    private func leading(_ reader: AnswerReader) -> Int? {
        guard let start = reader.text.firstIndex(where: \.isWordPart), let match = match(reader, start),
            let next = reader.text[match.end...].first(where: { !$0.isMark })
        else { return nil }
        return [")", "]", ".", ":", ",", ";", "\n", "\r", "–", "—"].contains(next) ? match.label.index : nil
    }

    private func mentioned(_ reader: AnswerReader) -> Int? {
        for sentence in reader.sentences.reversed() {
            var found: Set<Int> = []
            for mention in mentions(in: sentence, reader) where !isDenied(mention, in: sentence, reader) {
                found.insert(mention.label.index)
            }
            if !found.isEmpty { return found.count == 1 ? found.first : nil }
        }
        return nil
    }

    // MARK: Mentions

    private struct Match {
        let label: Label
        let start: Int
        let end: Int
    }

    private func mentions(in sentence: Range<Int>, _ reader: AnswerReader) -> [Match] {
        var found: [Match] = []
        var place = sentence.lowerBound
        while place < sentence.upperBound {
            guard let match = match(reader, place) else {
                place += 1
                continue
            }
            if match.label.letter.map({ $0 == reader.text[match.start] && !isArticle(match, reader) }) ?? true {
                found.append(match)
            }
            place = max(match.end, place + 1)
        }
        return found
    }

    /// The longest label that stands at a place as a word of its own.
    private func match(_ reader: AnswerReader, _ start: Int) -> Match? {
        guard reader.isBoundary(before: start) else { return nil }
        for label in labels {
            if let end = reader.end(of: label.words, at: start), reader.isBoundary(behind: end) {
                return Match(label: label, start: start, end: end)
            }
        }
        return nil
    }

    /// `A dog` and `I think` name no option.
    private func isArticle(_ match: Match, _ reader: AnswerReader) -> Bool {
        guard let letter = match.label.letter?.folded, letter == "a" || letter == "i",
            let index = reader.words.firstIndex(where: { $0.start == match.start }), index + 1 < reader.words.count
        else { return false }
        let next = reader.words[index + 1]
        guard reader.text[match.end..<next.start].allSatisfy(\.isBlank) else { return false }
        return letter == "i" || !Self.verbs.contains(next.text)
    }

    /// `not B`, `neither A nor B`, `not A or B`.
    private func isDenied(_ mention: Match, in sentence: Range<Int>, _ reader: AnswerReader) -> Bool {
        let before = reader.words.filter { $0.start >= sentence.lowerBound && $0.end <= mention.start }
        let labelWords = Set(labels.flatMap { $0.words.map { String(String.UnicodeScalarView($0)) } })
        for word in before.reversed() {
            if Self.denials.contains(word.text) || word.text.hasSuffix("n't") || word.text.hasSuffix("n’t") {
                return true
            }
            guard Self.links.contains(word.text) || labelWords.contains(word.text) else { return false }
        }
        return false
    }

    private static let declaring: Set<String> = [
        "answer", "label", "class", "category", "classification", "verdict", "prediction", "intent", "sentiment",
        "conclusion", "boxed", "answer_choice", "final_answer",
    ]
    private static let declaringSigns: Set<Unicode.Scalar> = [":", "=", "→", "{", "(", "[", "\"", "*", "`", "“"]
    private static let declaringVerbs: Set<String> = ["is", "was", "be", "would", "should", "must"]
    private static let fillers: Set<String> = [
        "the", "a", "an", "most", "likely", "probably", "clearly", "therefore", "thus", "then", "indeed", "option",
        "choice", "letter", "label", "class", "category", "answer", "final", "correct", "here", "text", "textbf",
        "mathrm",
    ]
    private static let verbs: Set<String> = [
        "is", "was", "isn't", "and", "or", "because", "since", "as", "seems", "would", "fits", "looks", "has", "makes",
        "matches", "but", "not", "follows", "cannot", "can", "must", "should",
    ]
    private static let denials: Set<String> = ["not", "neither", "nor", "no", "never", "cannot", "without"]
    private static let links: Set<String> = ["a", "an", "the", "or", "nor", "and", "either", "be", "option"]
}

/// An answer cut into words and sentences, with places.
private struct AnswerReader {
    struct Word {
        let text: String
        let start: Int
        let end: Int
    }

    let text: [Unicode.Scalar]
    let words: [Word]
    let sentences: [Range<Int>]

    init(_ text: [Unicode.Scalar]) {
        self.text = text
        var words: [Word] = []
        var sentences: [Range<Int>] = []
        var start: Int?
        var sentence = 0
        for place in 0...text.count {
            let scalar = place < text.count ? text[place] : "\n"
            let isApostrophe =
                (scalar == "'" || scalar == "’") && start != nil && place + 1 < text.count && text[place + 1].isWordPart
            if scalar.isWordPart || isApostrophe {
                start = start ?? place
            } else if let first = start {
                let folded = String.UnicodeScalarView(text[first..<place].map(\.folded))
                words.append(Word(text: String(folded), start: first, end: place))
                start = nil
            }
            let next = place + 1 < text.count ? text[place + 1] : "\n"
            let isEnd =
                "\n\r。！？".unicodeScalars.contains(scalar) || (".!?".unicodeScalars.contains(scalar) && next.isBlank)
            if isEnd || place == text.count {
                sentences.append(sentence..<place)
                sentence = place
            }
        }
        self.words = words
        self.sentences = sentences
    }

    /// Where words that stand here, with blanks, `_` or `-` between them, end.
    func end(of words: [[Unicode.Scalar]], at start: Int) -> Int? {
        var place = start
        for (number, word) in words.enumerated() {
            if number > 0 {
                let gap = place
                while place < text.count, text[place].joinsWords { place += 1 }
                guard place > gap else { return nil }
            }
            guard place + word.count <= text.count else { return nil }
            for scalar in word {
                guard text[place].folded == scalar else { return nil }
                place += 1
            }
        }
        return place
    }

    func isBoundary(before start: Int) -> Bool {
        guard start > 0, start < text.count else { return start < text.count }
        let before = text[start - 1]
        if before.isWordPart { return !(text[start].isWordPart && before.needsBlanks && text[start].needsBlanks) }
        let isInside = start > 1 && text[start - 2].isWordPart
        switch before {
        case "-", "'", "’": return !isInside && !(before == "-" && text[start].isNumeral)
        case ".", ",": return !(text[start].isNumeral && start > 1 && text[start - 2].isNumeral)
        default: return true
        }
    }

    func isBoundary(behind end: Int) -> Bool {
        guard end > 0, end < text.count else { return true }
        let (last, next) = (text[end - 1], text[end])
        if next.isWordPart { return !(last.isWordPart && last.needsBlanks && next.needsBlanks) }
        guard end + 1 < text.count else { return true }
        switch next {
        case "-": return !text[end + 1].isWordPart
        case ".", ",": return !(last.isNumeral && text[end + 1].isNumeral)
        default: return true
        }
    }
}

extension Unicode.Scalar {
    /// In lower case, where that is one code point.
    fileprivate var folded: Unicode.Scalar {
        if isASCII { return ("A"..."Z").contains(self) ? Unicode.Scalar(UInt8(value) | 0x20) : self }
        let mapping = properties.lowercaseMapping.unicodeScalars
        return mapping.count == 1 ? mapping.first ?? self : self
    }

    fileprivate var isNumeral: Bool { isASCII ? ("0"..."9").contains(self) : properties.numericType == .decimal }

    fileprivate var isWordPart: Bool {
        self == "_" || isNumeral || properties.isAlphabetic || properties.isEmojiPresentation
    }

    /// Whether it stands between a label's words.
    fileprivate var joinsWords: Bool { self == "_" || self == "-" || isBlank }

    /// Signs that only dress a word up.
    fileprivate var isMark: Bool { ["*", "`", "\"", "'", "”", "’", " "].contains(self) }

    /// Whether its script puts blanks between words: not the Han, Kana, Hangul and Thai ones.
    fileprivate var needsBlanks: Bool {
        guard value >= 0x0E00 else { return true }
        return
            !(properties.isIdeographic || (0x0E00...0x0EFF).contains(value) || (0x3040...0x30FF).contains(value)
            || (0xAC00...0xD7AF).contains(value))
    }
}
