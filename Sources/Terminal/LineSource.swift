internal import Foundation

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

/// Lines from a pipe, without a prompt; or from a terminal that cannot edit. No history.
final class PlainLines: LineSource {
    private var ahead: String?
    private var buffer: [UInt8] = []
    private var wasInterrupted = false
    /// What a person at a terminal is asked with; nil for a pipe.
    private let prompt: (() -> Void)?

    init(prompt: (() -> Void)? = nil) { self.prompt = prompt }

    func next(isIncomplete: @escaping (String) -> Bool) -> LineInput {
        prompt?()
        guard var text = take() else { return wasInterrupted && prompt != nil ? .cancelled : .end }
        if prompt != nil {
            // Nobody waits for what a person may type next: only an unfinished text goes on.
            while isIncomplete(text), let line = take() { text += "\n" + line }
            return .text(text)
        }
        while let line = take() {
            // A line that starts with `|` and the like belongs to the one before, as in a file.
            if isIncomplete(text) || continues(line), !line.hasPrefix(":"), !text.hasPrefix(":") {
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
        return ahead ?? read()
    }

    /// By read() and not by a buffered stream, which remembers an interrupt as an end.
    private func read() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeSubrange(...end) }
                var line = buffer[..<end]
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                return String(decoding: line, as: UTF8.self)
            }
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = Foundation.read(0, &bytes, bytes.count)
            if count > 0 {
                buffer += bytes[..<count]
                continue
            }
            wasInterrupted = count < 0 && errno == EINTR
            if wasInterrupted || buffer.isEmpty {
                buffer = []
                return nil
            }
            defer { buffer = [] }
            return String(decoding: buffer, as: UTF8.self)
        }
    }

    private func continues(_ line: String) -> Bool {
        let trimmed = line.drop { $0 == " " || $0 == "\t" }
        if trimmed.hasPrefix("|") || trimmed.hasPrefix("??") { return true }
        let word = trimmed.prefix { $0.isLetter }
        return ["then", "else", "and", "or"].contains(word) && trimmed.dropFirst(word.count).first != ":"
    }
}
