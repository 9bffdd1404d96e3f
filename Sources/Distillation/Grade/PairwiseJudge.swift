internal import Tables

/// A judge between two answers to one question.
public struct PairwiseJudge: Sendable, Hashable {
    /// What makes an answer the better one.
    public let criteria: String
    /// What the judge is told besides: the question, unless given.
    public let context: Template?

    public init(criteria: String, context: Template? = nil) {
        self.criteria = criteria
        self.context = context
    }

    /// What a judge says of one order.
    public enum Preference: String, Sendable, CaseIterable { case first, second, tie }

    /// How the reply is read.
    public static let form = Judge.Form.label(Preference.allCases.map(\.rawValue), passing: [])

    /// What is sent for two answers in one order; both stand between marks that they cannot contain.
    public func request(
        question: String, first: String, second: String, system: String? = nil
    ) -> [ChatMessage] {
        let fence = AnswerFence(avoiding: [question, first, second, criteria])
        let instructions = (system.map { [$0] } ?? []) + [Self.form.instructions, fence.explanation]
        let words = """
            Which of two answers is better? What counts: \(criteria)

            \(question)

            The first answer:\(fence.around(first))
            The second answer:\(fence.around(second))
            Say "first", "second", or "tie" where neither is better. Reply with the JSON object alone.
            """
        return [
            ChatMessage(role: "system", content: instructions.joined(separator: "\n\n")),
            ChatMessage(role: "user", content: words),
        ]
    }

    /// What the two orders come to: an answer wins where it is preferred in both.
    public enum Outcome: String, Sendable, Hashable { case a, b, tie }

    /// - Parameters:
    ///   - straight: with a first.
    ///   - turned: with b first.
    /// - Returns: the outcome, and whether the order changed the verdict, which makes it a tie.
    public static func outcome(straight: Preference, turned: Preference) -> (outcome: Outcome, isFlip: Bool) {
        switch (straight, turned) {
        case (.first, .second): (.a, false)
        case (.second, .first): (.b, false)
        case (.tie, .tie): (.tie, false)
        default: (.tie, true)
        }
    }
}
