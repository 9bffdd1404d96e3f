internal import OrderedCollections
public import Tables

/// A reply that was reasoned, read apart: what is taught, and what led to it.
///
/// Lenient where nothing can be mistaken (text before the JSON, a code fence, line breaks inside texts), strict in
/// meaning: a reply with two answers, with text behind its JSON, or with an answer of another kind is no answer.
public struct ReasonedReply: Sendable, Hashable {
    /// The answer alone; of a chain of density the last summary.
    public let answer: String
    /// The reasoning: text, or the list of the rounds; null where the reply gives none.
    public let reasoning: Value

    /// Reads a reply.
    /// - Parameters:
    ///   - rule: what the answer may be; what was asked for of any task, unless given.
    ///   - isCut: whether the reply ended because it had no more tokens.
    /// - Throws: `UnreadableReply` that says what is missing.
    public init(
        _ reply: String, _ reasoning: Reasoning, rule: AnswerRule? = nil, isCut: Bool = false
    ) throws(UnreadableReply) {
        let opening: Character =
            switch reasoning {
            case .chainOfThought: "{"
            case .chainOfDensity: "["
            }
        guard let (json, before) = Self.lastJSON(in: reply, opening: opening) else {
            guard !reply.allSatisfy(\.isWhitespace) else { throw UnreadableReply(.empty, "the reply is empty") }
            throw isCut
                ? UnreadableReply(.cut, "the reply was cut off before its JSON ended")
                : UnreadableReply(.json, "the reply does not end in the JSON that was asked for")
        }
        switch reasoning {
        case .chainOfThought(let form):
            try self.init(thought: json, before: before, rule: rule ?? (form == .number ? .number : .text))
        case .chainOfDensity: try self.init(rounds: json.list ?? [])
        }
    }

    private static let answerFields = ["answer_choice", "answer"]

    private init(thought: Value, before: Substring, rule: AnswerRule) throws(UnreadableReply) {
        let fields = Self.answerFields.filter { thought.record?[$0] != nil }
        guard let field = fields.first else {
            throw UnreadableReply(.fields, "the reply's JSON has no `answer_choice` and no `answer`")
        }
        let answer = try rule.answer(thought[field: field])
        guard fields.count == 1, !Self.answerFields.contains(where: { before.contains("\"\($0)\"") }) else {
            throw UnreadableReply(.several, "the reply gives more than one answer")
        }
        self.answer = answer
        reasoning = thought[field: "reason"]
    }

    private init(rounds: [Value]) throws(UnreadableReply) {
        guard rounds.count == Reasoning.rounds else {
            throw UnreadableReply(
                .rounds, "the reply has \(rounds.count) rounds, not \(Reasoning.rounds)")
        }
        for (index, round) in rounds.enumerated() {
            guard let summary = round[field: "Denser_Summary"].text, summary.contains(where: { !$0.isWhitespace }),
                !round[field: "Missing_Entities"].isNull
            else {
                throw UnreadableReply(
                    .fields, "round \(index + 1) of the reply lacks `Missing_Entities` or `Denser_Summary`")
            }
        }
        guard let last = rounds.last?[field: "Denser_Summary"] else {
            throw UnreadableReply(.rounds, "the reply has no rounds")
        }
        answer = try AnswerRule.text.answer(last)
        reasoning = .list(rounds)
    }

    /// The outermost JSON value that the reply ends in, perhaps inside a code fence, and the text before it.
    private static func lastJSON(in reply: String, opening: Character) -> (value: Value, before: Substring)? {
        var text = reply[...]
        func dropBlanks() { while let last = text.last, last.isWhitespace { text.removeLast() } }
        dropBlanks()
        if text.hasSuffix("```") { text.removeLast(3) }
        dropBlanks()
        guard text.last == (opening == "{" ? "}" : "]") else { return nil }
        // A brace of prose or of a formula is followed by something else than JSON's; the bound keeps hostile replies
        // from taking quadratic time.
        var left = 200
        for place in text.indices where text[place] == opening {
            let next = text[text.index(after: place)...].first { !$0.isWhitespace }
            guard next == "\"" || next == "{" || next == "}" || next == "]" else { continue }
            left -= 1
            guard left > 0 else { return nil }
            if let value = try? JSON.parse(escaped(text[place...])) { return (value, text[..<place]) }
        }
        return nil
    }

    /// JSON whose texts may have line breaks and tabs as they are, with these escaped as JSON wants it.
    private static func escaped(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        var isInText = false
        var isEscaped = false
        for byte in text.utf8 {
            if isInText, byte < 0x20 {
                bytes += [UInt8(ascii: "\\"), byte == 0x0A ? UInt8(ascii: "n") : UInt8(ascii: "t")]
                isEscaped = false
                continue
            }
            bytes.append(byte)
            if isEscaped {
                isEscaped = false
            } else if isInText, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInText.toggle()
            }
        }
        return bytes
    }
}
