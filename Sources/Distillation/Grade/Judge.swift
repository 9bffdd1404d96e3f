public import OrderedCollections
public import Tables

/// A model's part as a grader: what it is asked of a row, and how its reply is read.
///
/// The reply's form is asked for in words, and what does not have it is never scored.
public struct Judge: Sendable, Hashable {
    /// What it decides.
    public enum Form: Sendable, Hashable {
        /// A number within a range.
        case score(ClosedRange<Double>)
        /// One of some labels, of which some pass.
        case label([String], passing: [String])
    }

    /// A message with its templates.
    public struct Message: Sendable, Hashable {
        public let role: String
        public let content: Template

        public init(role: String, content: Template) {
            self.role = role
            self.content = content
        }
    }

    public let form: Form
    public let messages: [Message]
    /// From which score on an answer passes.
    public let passThreshold: Double?

    public init(form: Form, messages: [Message], passThreshold: Double? = nil) {
        self.form = form
        self.messages = messages
        self.passThreshold = passThreshold
    }

    /// The columns that its templates need.
    public var itemColumns: [String] { messages.flatMap(\.content.itemColumns) }

    /// What is sent for a row.
    ///
    /// The texts of the graded model stand between marks that they cannot contain. What is asked of the form goes into
    /// one system message, behind the grader's own words, and a reminder ends the last message of the user.
    /// - Parameter system: the system prompt that the notebook gave the judge.
    /// - Throws: `RowError` where a template cannot be filled.
    public func request(for row: Record, system: String? = nil) throws(RowError) -> [ChatMessage] {
        var plain: [String] = []
        for message in messages { plain.append(try message.content.filled(with: row)) }
        let fence = AnswerFence(avoiding: plain)
        var instructions = system.map { [$0] } ?? []
        var asked: [ChatMessage] = []
        for message in messages {
            let text = try message.content.filled(with: row, quotingSample: fence.around)
            if message.role == "system" {
                instructions.append(text)
            } else {
                asked.append(ChatMessage(role: message.role, content: text))
            }
        }
        instructions.append(form.instructions)
        instructions.append(fence.explanation)
        let reminder = "Reply with the JSON object alone."
        if let last = asked.last, last.role == "user" {
            asked[asked.count - 1] = ChatMessage(role: "user", content: "\(last.content)\n\n\(reminder)")
        } else {
            asked.append(ChatMessage(role: "user", content: "Judge it now. \(reminder)"))
        }
        return [ChatMessage(role: "system", content: instructions.joined(separator: "\n\n"))] + asked
    }

    /// The second request after a reply that could not be used: it shows that reply, and says what was expected.
    public static func repair(
        _ request: [ChatMessage], reply: String, fault: JudgeFault, form: Form
    ) -> [ChatMessage] {
        request + [
            ChatMessage(role: "assistant", content: reply.isEmpty ? "(empty)" : reply),
            ChatMessage(
                role: "user",
                content: "This reply cannot be used: \(fault.reason). \(form.instructions)"),
        ]
    }
}

extension Judge.Form {
    /// What a judge is told of the form of its reply.
    public var instructions: String {
        let steps = #"{"steps": [{"description": "what you look at", "result": "what you find"}], "#
        switch self {
        case .score(let range):
            let ends = "\(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"
            return "Reply with one JSON object and nothing else: \(steps)\"result\": a number}. "
                + "\"result\" is your score, a number from \(ends)."
        case .label(let labels, _):
            return "Reply with one JSON object and nothing else: \(steps)\"label\": a text}. "
                + "\"label\" is exactly one of: \(labels.map { JSON.text(.string($0)) }.joined(separator: ", "))."
        }
    }

    /// A number as people write it: 5, 0.5.
    static func plain(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? Number.double(number).description
    }
}

/// Why a judge's reply cannot be used.
public enum JudgeFault: Error, Sendable, Hashable {
    /// It has no result, or several.
    case unparseable(String)
    /// Its result is outside the range, or none of the labels.
    case outOfRange(String)

    /// Why, as part of a sentence.
    public var reason: String {
        switch self {
        case .unparseable(let reason), .outOfRange(let reason): reason
        }
    }
}

/// What a judge decided.
public enum Judgement: Sendable, Hashable {
    case score(Double)
    case label(String)
}
