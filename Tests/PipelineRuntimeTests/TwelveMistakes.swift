import Testing

/// The twelve mistakes of the language's description, word for word: code, place, carets, expectation, hint.
enum TwelveMistakes {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let code: String
        let message: String
        var testDescription: String { code }
    }

    /// Those that checking finds; E0402 and E0501 need rows to be seen or read, and have tests of their own.
    static let checked: [Mistake] = [
        Mistake(
            code: #"questions.test generate student"#,
            message: #"""
                E0104 cell 4, 1:16   questions.test generate student
                                                    ^^^^^^^^
                  Expected `|` or a new line before the verb `generate`.
                  Hint: questions.test | generate student
                """#),
        Mistake(
            code: #"lessons | where .correct = 1"#,
            message: #"""
                E0107 cell 5, 1:26   lessons | where .correct = 1
                                                              ^
                  Expected a comparison; `=` belongs to `let`.
                  Hint: .correct == 1
                """#),
        Mistake(
            code: #"questions.test | genrate student"#,
            message: #"""
                E0201 cell 4, 1:18   questions.test | genrate student
                                                      ^^^^^^^
                  Expected a verb; there is no `genrate`.
                  Hint: did you mean `generate`?
                """#),
        Mistake(
            code: #"quiz | where .promt == """#,
            message: #"""
                E0204 cell 2, 1:14   quiz | where .promt == ""
                                                  ^^^^^^
                  Expected a column of `quiz`: answerKey, id, prompt, question.
                  Hint: did you mean `.prompt`?
                """#),
        Mistake(
            code: #"bank | where category == "refund""#,
            message: #"""
                E0205 cell 2, 1:14   bank | where category == "refund"
                                                  ^^^^^^^^
                  Expected a name from `let`; `category` is a column.
                  Hint: .category
                """#),
        Mistake(
            code: #"questions | generate student"#,
            message: #"""
                E0305 cell 4, 1:1    questions | generate student
                                     ^^^^^^^^^
                  Expected rows; this is a split of train, validation, test.
                  Hint: questions.test | generate student
                """#),
        Mistake(
            code: #"model "student", system: "You are Cora"#,
            message: #"""
                E0102 cell 2, 1:26   model "student", system: "You are Cora
                                                              ^
                  Expected a closing `"` on this line.
                  Hint: add it, or use """ for several lines.
                """#),
        Mistake(
            code: #"bank | derive prompt: "Q: {{item.text}}""#,
            message: #"""
                E0207 cell 1, 1:27   bank | derive prompt: "Q: {{item.text}}"
                                                               ^^^^^^^^^^^^^
                  Expected text or ${…}; only graders fill {{…}}.
                  Hint: "Q: ${.text}"
                """#),
        Mistake(
            code: #"lessons | finetune student, epochs: "3""#,
            message: #"""
                E0303 cell 6, 1:37   lessons | finetune student, epochs: "3"
                                                                         ^^^
                  Expected a whole number from 1 to 50, found text.
                  Hint: epochs: 3
                """#),
        Mistake(
            code: #"for q in questions.test"#,
            message: #"""
                E0111 cell 3, 1:1    for q in questions.test
                                     ^^^
                  Expected a pipeline; verbs work on every row, `for` doesn't exist.
                  Hint: questions.test | derive size: len(.prompt)
                """#),
    ]
}
