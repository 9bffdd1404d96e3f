/// Questions that a script can answer: q1, q2, …; the right answer to an even one is yes.
enum EvenQuestions {
    /// Rows of `prompt` and `answer`.
    /// - Parameter padding: stands behind each question.
    static func rows(_ count: Int, padding: String = "") -> String {
        (1...max(1, count)).map { "{\"prompt\":\"q\($0)\(padding)\",\"answer\":\"\($0 % 2 == 0 ? "yes" : "no")\"}\n" }
            .joined()
    }

    /// The right answer.
    static func answer(to question: some StringProtocol) -> String {
        (Int(question.dropFirst()) ?? 0) % 2 == 0 ? "yes" : "no"
    }
}
