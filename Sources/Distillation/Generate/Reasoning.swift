internal import Tables

/// How a teacher is asked to think before it answers. What is taught is the answer alone.
public enum Reasoning: Sendable, Hashable {
    /// Chain of thought (Wei et al. 2022, "Chain-of-thought prompting elicits reasoning in large language models"):
    /// the reasoning in at most 80 words, then the answer, as one JSON object.
    case chainOfThought(AnswerForm)
    /// Chain of density (Adams et al. 2023, "From sparse to dense: GPT-4 summarization with chain of density
    /// prompting"): four summaries of at most so many words, each naming more than the one before, as one JSON list.
    case chainOfDensity(longest: Int)

    /// In what form a chain of thought gives its answer.
    public enum AnswerForm: Sendable, Hashable, CaseIterable {
        /// `answer`: whatever the system prompt asks for.
        case free
        /// `answer_choice`: one of the choices that the system prompt names.
        case choice
        /// `answer`: a plain number.
        case number

        /// The name of the answer's field.
        var field: String {
            switch self {
            case .free, .number: "answer"
            case .choice: "answer_choice"
            }
        }
    }

    /// How many summaries a chain of density has.
    public static let rounds = 4

    /// How many words the reasoning of a chain of thought may have.
    public static let longestReason = 80

    /// How many tokens a reply needs where nobody says: Azure's 200 for a chain of thought; a chain of density needs
    /// room for all its rounds, at three tokens for two words and 50 for each round's entities and JSON.
    public var tokens: Int {
        switch self {
        case .chainOfThought: 200
        case .chainOfDensity(let longest): Self.rounds * (min(longest, 10_000) * 3 / 2 + 50)
        }
    }

    /// The messages with the request to reason behind the system prompt; without one, it is the system prompt.
    ///
    /// Nothing but the system message differs, so that the row without it is the row as it was.
    public func asked(_ messages: [ChatMessage]) -> [ChatMessage] {
        var asked = messages
        if let first = asked.first, first.role == "system" {
            asked[0] = ChatMessage(role: "system", content: first.content + Self.seam + instruction)
        } else {
            asked.insert(ChatMessage(role: "system", content: instruction), at: 0)
        }
        return asked
    }

    /// The reasoning that messages ask for, and the messages without it; nil where they ask for none.
    public static func found(in messages: [ChatMessage]) -> (reasoning: Reasoning, plain: [ChatMessage])? {
        guard let first = messages.first, first.role == "system", let reasoning = ending(first.content) else {
            return nil
        }
        let system = first.content.dropLast(reasoning.instruction.count)
        let rest = messages.dropFirst()
        if system.isEmpty { return (reasoning, Array(rest)) }
        guard system.hasSuffix(seam) else { return nil }
        return (reasoning, [ChatMessage(role: "system", content: String(system.dropLast(seam.count)))] + rest)
    }

    private static func ending(_ system: String) -> Reasoning? {
        for form in AnswerForm.allCases where system.hasSuffix(chainOfThought(form).instruction) {
            return .chainOfThought(form)
        }
        let around = density("\u{0}").split(separator: "\u{0}")
        guard around.count == 2, system.hasSuffix(around[1]) else { return nil }
        let digits = system.dropLast(around[1].count).reversed().prefix { $0.isASCII && $0.isNumber }
        guard let longest = Int(String(digits.reversed())) else { return nil }
        let reasoning = Reasoning.chainOfDensity(longest: longest)
        return system.hasSuffix(reasoning.instruction) ? reasoning : nil
    }

    /// Between the row's system prompt and the request.
    private static let seam = "\n\n"

    /// What the teacher is told.
    var instruction: String {
        switch self {
        case .chainOfThought(let form):
            """
            Think before you answer. Your whole reply is one JSON object, without a code fence and with nothing around it:
            {"reason": "…", "\(form.field)": \(form == .number ? "0" : "\"…\"")}
            In `reason` write your reasoning step by step, in at most \(Self.longestReason) words. \(form.request)
            """
        case .chainOfDensity(let longest): Self.density(String(longest))
        }
    }

    private static func density(_ longest: String) -> String {
        """
        Work in \(rounds) rounds. In each, pick one to three telling entities of the text that your last summary lacks, \
        and write a new summary that names them and all that was named before; word it more tightly instead of leaving \
        anything out. Each summary has at most \(longest) words and can be read on its own. Your whole reply is a JSON \
        list of the \(rounds) rounds, without a code fence and with nothing around it:
        [{"Missing_Entities": "…; …", "Denser_Summary": "…"}, …]
        """
    }
}

extension Reasoning.AnswerForm {
    fileprivate var request: String {
        switch self {
        case .free: "In `answer` write the answer alone, exactly as it is asked for above."
        case .choice: "In `answer_choice` write your choice alone, exactly as it is asked for above."
        case .number: "In `answer` write the result as a plain number, without unit or words."
        }
    }
}
