/// Where a REPL's input comes from: the line editor, or a pipe.
protocol LineSource: AnyObject {
    /// The next whole statement or command.
    /// - Parameter isIncomplete: whether more lines are needed after a text.
    func next(isIncomplete: @escaping (String) -> Bool) -> LineInput
}

/// What came.
enum LineInput {
    case text(String)
    /// Ctrl-C: the line is dropped.
    case cancelled
    case end
}

/// What a word before the cursor may become.
struct LineCompletion {
    /// How many UTF-8 bytes before the cursor the word has.
    var replaced: Int
    /// The whole words, with a sentence on each where there is one.
    var items: [(text: String, detail: String)]
}

/// Lines from a pipe or a terminal that cannot edit; no prompt, no history.
final class PipedLines: LineSource {
    private var ahead: String?

    func next(isIncomplete: @escaping (String) -> Bool) -> LineInput {
        guard var text = take() else { return .end }
        while let line = take() {
            // A line that starts with `|` and the like belongs to the one before, as in a file.
            if isIncomplete(text) || continues(line), !line.hasPrefix(":") {
                text += "\n" + line
            } else {
                ahead = line
                break
            }
        }
        return .text(text)
    }

    private func take() -> String? {
        defer { ahead = nil }
        return ahead ?? readLine()
    }

    private func continues(_ line: String) -> Bool {
        let trimmed = line.drop { $0 == " " || $0 == "\t" }
        if trimmed.hasPrefix("|") || trimmed.hasPrefix("??") { return true }
        let word = trimmed.prefix { $0.isLetter }
        return ["then", "else", "and", "or"].contains(word) && trimmed.dropFirst(word.count).first != ":"
    }
}
