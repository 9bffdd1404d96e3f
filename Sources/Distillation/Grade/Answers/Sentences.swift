/// The sentences of a text, by a rule that needs no model.
///
/// A sentence ends at a line's end, at 。！？, and at . ! ? … with a blank behind; not where a small letter follows a
/// full stop, nor behind initials and common abbreviations (`Dr.`, `e.g.`).
public enum Sentences {
    /// The sentences, without blanks around them; parts without a letter or digit are none.
    public static func split(_ text: String) -> [String] {
        var sentences: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let line = Array(line)
            var start = 0
            var place = 0
            while place < line.count {
                defer { place += 1 }
                guard enders.contains(line[place]) else { continue }
                var end = place + 1
                while end < line.count, enders.contains(line[end]) || closers.contains(line[end]) { end += 1 }
                let isEnd =
                    wideEnders.contains(line[place]) || end == line.count
                    || (line[end].isWhitespace && !(line[place] == "." && goesOn(line, place, end)))
                place = end - 1
                guard isEnd else { continue }
                append(line[start..<end], to: &sentences)
                start = end
            }
            append(line[min(start, line.count)...], to: &sentences)
        }
        return sentences
    }

    private static let enders: Set<Character> = [".", "!", "?", "…", "。", "！", "？"]
    private static let wideEnders: Set<Character> = ["。", "！", "？"]
    private static let closers: Set<Character> = ["\"", "'", "”", "’", "»", ")", "]", "」", "*"]
    private static let abbreviations: Set<String> = [
        "mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "cf", "fig", "figs", "approx", "u.s", "u.k", "jr",
        "sr", "no", "nos", "vol", "pp", "al",
    ]

    /// Whether a full stop ends a word rather than a sentence.
    private static func goesOn(_ line: [Character], _ place: Int, _ end: Int) -> Bool {
        guard let next = line[end...].first(where: { !$0.isWhitespace }) else { return false }
        if next.isLowercase { return true }
        let word = line[..<place].reversed().prefix { !$0.isWhitespace && $0 != "(" }.reversed()
        let text = String(word).lowercased()
        if text == "no" || text == "nos" { return next.isNumber }
        return abbreviations.contains(text) || (word.count == 1 && word.allSatisfy(\.isUppercase))
    }

    private static func append(_ part: ArraySlice<Character>, to sentences: inout [String]) {
        guard part.contains(where: { $0.isLetter || $0.isNumber }) else { return }
        let start = part.firstIndex { !$0.isWhitespace } ?? part.startIndex
        let end = part.lastIndex { !$0.isWhitespace }.map { $0 + 1 } ?? part.endIndex
        sentences.append(String(part[start..<end]))
    }
}
