internal import PipelineSyntax

/// A diagnostic as lines of pieces, each with what it is: the one layout that text, colours and HTML share.
///
///     E0204 cell 2, 1:14   quiz | where .promt == ""
///                                       ^^^^^^
///       Expected a column of `quiz`: answerKey, id, prompt, question.
///       Hint: did you mean `.prompt`?
///           cell 1, 1:5    let quiz = load "quiz.jsonl"
///                              ^^^^
///       `quiz` is made here.
struct DiagnosticLayout {
    /// What a piece of a line is.
    enum Role: String, Sendable {
        case error, warning, place, code, caret, label, message, trace, hintWord = "hint-word", hint, blank
    }

    struct Piece: Sendable, Equatable {
        let text: String
        let role: Role

        init(_ text: String, _ role: Role) {
            self.text = text
            self.role = role
        }
    }

    private let style: TextStyle
    private(set) var lines: [[Piece]] = []

    /// - Parameter style: its width, and whether sentences are folded; colours are the painter's.
    init(_ diagnostic: Diagnostic, style: TextStyle) {
        self.style = style
        let code = Piece(diagnostic.shownCode, diagnostic.severity == .warning ? .warning : .error)
        if let place = diagnostic.place {
            excerpt(of: place, after: code, caret: .caret)
        } else {
            lines.append([code])
        }
        lines += folded("  ", Self.shortened(diagnostic.message)).map { [Piece($0, .message)] }
        for step in Self.shortened(diagnostic.trace) { lines.append([Piece("  " + TerminalText.safe(step), .trace)]) }
        if let hint = diagnostic.hint { add(hint: hint) }
        for label in diagnostic.labels {
            excerpt(
                of: label.place, after: Piece(String(repeating: " ", count: TextWidth.of(code.text)), .blank),
                caret: .label)
            lines += folded("  ", Self.shortened(label.text)).map { [Piece($0, .message)] }
        }
    }

    private mutating func add(hint: String) {
        let word = "Hint:"
        for (index, line) in folded("  ", "\(word) \(Self.shortened(hint))").enumerated() {
            if index == 0, line.hasPrefix("  " + word) {
                lines.append([
                    Piece("  ", .blank), Piece(word, .hintWord), Piece(String(line.dropFirst(word.count + 2)), .hint),
                ])
            } else {
                lines.append([Piece(line, .hint)])
            }
        }
    }

    /// The place, its line of code, and carets below.
    private mutating func excerpt(of place: Diagnostic.Place, after code: Piece, caret: Role) {
        let (line, column) = place.source.position(of: place.span.start)
        let position = TextWidth.fill("\(line):\(column)", to: 4)
        let width = TextWidth.of("\(code.text) \(place.source.name), \(position)   ")
        // On a narrow terminal the code stands below its place.
        let isNarrow = style.width - width < 24
        let indent = isNarrow ? 2 : width
        let (excerpt, offset) = Self.window(place, column: column, width: style.width - indent)
        let heading = [code, Piece(" ", .blank)]
        if isNarrow {
            lines.append(heading + [Piece("\(place.source.name), \(line):\(column)", .place)])
            lines.append([Piece("  ", .blank), Piece(excerpt, .code)])
        } else {
            lines.append(heading + [Piece("\(place.source.name), \(position)   ", .place), Piece(excerpt, .code)])
        }
        let carets = Self.caretCount(place, excerpt: excerpt, offset: offset)
        lines.append([
            Piece(String(repeating: " ", count: indent + offset), .blank),
            Piece(String(repeating: "^", count: carets), caret),
        ])
    }

    /// The calls that led to a place: where they are many, the innermost ones and the first.
    private static func shortened(_ trace: [String]) -> [String] {
        guard trace.count > 6, let first = trace.last else { return trace }
        return trace.prefix(3) + ["… \(trace.count - 4) more calls", first]
    }

    /// A name of thousands of letters says no more than its beginning.
    private static func shortened(_ text: String) -> String {
        let safe = TerminalText.safe(text)
        return safe.utf8.count > 2_000 ? String(safe.prefix(1_000)) + "…" : safe
    }

    /// The lines of a text, folded between words where a terminal is narrower; code in a hint keeps its own lines.
    private func folded(_ indent: String, _ text: String) -> [String] {
        guard style.folds, TextWidth.of(text) > style.width - indent.count, !text.contains("\n") else {
            return [indent + text]
        }
        return TextWidth.wrap(text, to: style.width - indent.count - 2).enumerated().map {
            ($0 == 0 ? indent : indent + "  ") + $1
        }
    }

    /// The line of the mistake, or the part of it that fits around the mistake, and where the mistake starts in it.
    private static func window(_ place: Diagnostic.Place, column: Int, width: Int) -> (String, Int) {
        // A control character stands for a blank: the caret must stay below its place.
        let line = place.source.line(at: place.span.start).map { character in
            character.unicodeScalars.allSatisfy { $0.value < 0x20 || $0.value == 0x7F } ? " " : character
        }
        let index = min(column - 1, line.count)
        let before = line[..<index]
        let limit = max(24, width)
        guard TextWidth.of(String(line)) > limit else { return (String(line), TextWidth.of(String(before))) }
        if TextWidth.of(String(before)) < limit * 2 / 3 {
            return (TextWidth.cut(String(line), to: limit), TextWidth.of(String(before)))
        }
        let kept = Array(before.suffix(limit / 3))
        let text = "…" + String(kept) + String(line[index...])
        return (TextWidth.cut(text, to: limit), 1 + TextWidth.of(String(kept)))
    }

    private static func caretCount(_ place: Diagnostic.Place, excerpt: String, offset: Int) -> Int {
        let code = place.source.text(of: place.span)
        let firstLine = code.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return max(1, min(TextWidth.of(firstLine), max(1, TextWidth.of(excerpt) - offset)))
    }
}
