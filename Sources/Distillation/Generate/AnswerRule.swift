internal import Tables

/// What an answer may be.
public enum AnswerRule: Sendable, Hashable {
    /// Any text that is not blank; numbers are taken as text.
    case text
    /// A plain number.
    case number
    /// One of these, in whatever case; punctuation around it is left out.
    case label([String])

    /// The answer as it is taught.
    /// - Throws: `UnreadableReply` where the value is nothing of the kind.
    func answer(_ value: Value) throws(UnreadableReply) -> String {
        switch self {
        case .text:
            if case .number = value { return try Self.number(.number, value) }
            guard let text = value.text.map(Self.trimmed), !text.isEmpty else {
                throw UnreadableReply(.answer, "the answer is \(Self.shown(value)), not text")
            }
            return text
        case .number: return try Self.number(self, value)
        case .label(let labels):
            let text = Self.trimmed(value.text ?? "") { $0.isWhitespace || $0.isPunctuation }.lowercased()
            guard let label = labels.first(where: { $0.lowercased() == text }) else {
                let known = labels.dropLast().joined(separator: ", ") + (labels.count > 1 ? " or " : "")
                throw UnreadableReply(.answer, "the answer is \(Self.shown(value)), not \(known)\(labels.last ?? "")")
            }
            return label
        }
    }

    /// A number of JSON, or one written as text: `-1,200.50`. A fraction of zeros is left out.
    private static func number(_ rule: AnswerRule, _ value: Value) throws(UnreadableReply) -> String {
        let text: String =
            switch value {
            case .number(.integer(let whole)): String(whole)
            case .number(.double(let number)): Int64(exactly: number).map(String.init) ?? JSON.text(value)
            default: trimmed(value.text ?? "")
            }
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        let groups = (parts.first ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let isPlain =
            parts.count <= 2 && parts.dropFirst().allSatisfy(isDigits) && groups.allSatisfy(isDigits)
            && (groups.count == 1 || (groups.dropFirst().allSatisfy { $0.count == 3 } && groups[0].count <= 3))
        // What JSON writes with an exponent is a number as well.
        if case .number = value, !isPlain { return text }
        guard isPlain else { throw UnreadableReply(.answer, "the answer is \(shown(value)), not a plain number") }
        let fraction = parts.count == 2 && parts[1].contains { $0 != "0" } ? "." + parts[1] : ""
        return (text.hasPrefix("-") ? "-" : "") + groups.joined() + fraction
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func trimmed(_ text: String) -> String { trimmed(text, \.isWhitespace) }

    private static func trimmed(_ text: String, _ isOutside: (Character) -> Bool) -> String {
        var text = text[...]
        while let first = text.first, isOutside(first) { text.removeFirst() }
        while let last = text.last, isOutside(last) { text.removeLast() }
        return String(text)
    }

    private static func shown(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .string(let text): "`\(text.prefix(40))\(text.count > 40 ? "…" : "")`"
        default: value.kindName
        }
    }
}

/// A reply that cannot be read as it was asked for.
public struct UnreadableReply: Error, Sendable, Hashable {
    /// What is wrong with it, for counting.
    public enum Kind: String, Sendable, CaseIterable {
        case empty = "empty"
        case cut = "cut off before the end"
        case json = "without the JSON that was asked for"
        case fields = "with JSON that lacks a field"
        case answer = "with another answer than was asked for"
        case several = "with several answers"
        case rounds = "with another number of summaries"
    }

    public let kind: Kind
    /// For people, as in a row's error.
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
