/// A kind of task with what distilling it takes, after the presets that Azure's examples ship: what its records look
/// like, how the teacher is asked, what an answer may be and how it is graded.
public enum TaskPreset: String, Sendable, CaseIterable {
    /// Natural language inference: does a text entail another?
    case inference = "nli"
    /// Talk of several turns.
    case conversation
    /// Questions with choices to pick from.
    case multipleChoice = "nlu_qa"
    /// Sums in words.
    case math
    /// Short texts for long ones.
    case summarization

    /// One line for people.
    public var summary: String {
        switch self {
        case .inference: "does the first text entail the second? the reply is a label"
        case .conversation: "talk of several turns; the teacher writes every reply anew"
        case .multipleChoice: "questions with choices; the reply is a letter"
        case .math: "sums in words; the reply is a number"
        case .summarization: "a summary of at most \(Self.longestSummary) words that names much"
        }
    }

    /// How many words a summary may have.
    public static let longestSummary = 80

    /// The system prompt for teacher and student.
    public var system: String {
        switch self {
        case .inference:
            "You are given a premise and a hypothesis. Reply with one word: entailment if the premise makes the "
                + "hypothesis true, contradiction if it makes it false, neutral if it does neither."
        case .conversation:
            "You are a helpful assistant. Answer in detail and to the point, and take up what was said before. Decline "
                + "politely where an answer would be unethical or could harm somebody."
        case .multipleChoice:
            "You are given a question with lettered choices. Reply with the letter of the best choice alone: A, B, C, "
                + "D or E."
        case .math: "Solve the problem. Reply with the result alone: a whole number without unit or words."
        case .summarization:
            "Summarise the text in at most \(Self.longestSummary) words. Name the people, things and figures that matter, "
                + "and leave out what can be guessed."
        }
    }

    /// The answers that there are; empty where they are not counted.
    public var labels: [String] {
        switch self {
        case .inference: ["entailment", "contradiction", "neutral"]
        case .multipleChoice: ["A", "B", "C", "D", "E"]
        case .conversation, .math, .summarization: []
        }
    }

    /// What an answer may be.
    public var rule: AnswerRule {
        switch self {
        case .inference, .multipleChoice: .label(labels)
        case .math: .number
        case .conversation, .summarization: .text
        }
    }

    /// How its teacher reasons; nil where it does not.
    public var reasoning: Reasoning? {
        switch self {
        case .inference, .multipleChoice: .chainOfThought(.choice)
        case .math: .chainOfThought(.number)
        case .summarization: .chainOfDensity(longest: Self.longestSummary)
        case .conversation: nil
        }
    }

    /// Whether its records are conversations of several turns.
    public var isConversation: Bool { self == .conversation }

    /// How many records a run must have.
    public var leastRecords: Int { self == .math ? 40 : 65 }

    /// The teacher's temperature.
    public static let temperature = 0.8

    /// How many tokens the teacher's reply may have, where it does not reason.
    public static let tokens = 200

    /// The share of rows that must be answered for a run to count.
    public static let successRatio = 0.7

    /// The column with the answer that is known to be right; nil where the grader needs none.
    public var goldColumn: String? {
        switch self {
        case .inference, .multipleChoice, .math: "answer"
        case .conversation, .summarization: nil
        }
    }

    /// The rule of its grader, in the pipeline language; nil where an answer's worth is for a judge to say.
    public var gradingRule: String? {
        let known = labels.map { "\"\($0)\"" }.joined(separator: ", ")
        return switch self {
        case .inference: "label(.output, [\(known)]) == lower(trim(.answer))"
        case .multipleChoice: "label(.output, [\(known)]) == upper(trim(.answer))"
        case .math: "last_number(.output) == last_number(text(.answer))"
        case .summarization:
            "if len(words(.output)) > \(Self.longestSummary) then 0 "
                + "else entity_coverage(.output, .sample.messages[-1].content)"
        case .conversation: nil
        }
    }
}
