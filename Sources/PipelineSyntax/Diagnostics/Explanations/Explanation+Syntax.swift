/// E01: the text is no program.
extension Explanation {
    static let ofSyntax: [Explanation] = [
        Explanation(
            .unexpectedCharacter, "A sign stands there that the language does not have.",
            wrong: [#"bank | where .category == “refund”"#], right: [#"bank | where .category == "refund""#],
            why:
                "Word processors and chats turn straight quotes into curly ones. Only straight ones mean text, so that "
                + "a program looks the same in every editor."),
        Explanation(
            .unterminatedText, "A text begins with a quote and the line ends before another one.",
            wrong: [#"let shy = model "student", system: "Answer in five words"#],
            right: [#"let shy = model "student", system: "Answer in five words.""#],
            why: "Text in `\"…\"` stays on one line, so that a forgotten quote spoils one line and not the whole cell. "
                + "Text of several lines stands in `\"\"\"…\"\"\"`."),
        Explanation(
            .unknownEscape, "A backslash in text stands before a letter that has no meaning there.",
            wrong: [#"let path = "C:\data""#], right: [#"let path = 'C:\data'"#],
            why: "An unknown escape is a slip more often than a wish. Between `'…'` a backslash is a backslash, which "
                + "regular expressions need."),
        Explanation(
            .missingPipe, "Two steps stand side by side, and nothing says that one works on the other.",
            wrong: ["questions.test generate student"], right: ["questions.test | generate student"],
            why: "`|` is the only way from one step to the next; a new line begins another statement."),
        Explanation(
            .unclosedBracket, "A bracket closes that was never opened, or closes one of another kind.",
            wrong: [#"bank | where (.category == "refund"))"#], right: [#"bank | where (.category == "refund")"#],
            why: "Inside brackets a new line does not end the statement, so brackets must be right before lines can be."
        ),
        Explanation(
            .badNumber, "A number is not written as the language writes numbers.",
            wrong: ["orders | derive tax: .total * .05"], right: ["orders | derive tax: .total * 0.05"],
            why: "`.05` would look like a column, and `5.` like a member. Numbers are `1_000`, `0.5`, `5e-4`."),
        Explanation(
            .assignmentInExpression, "`=` stands where two values are compared.",
            wrong: [#"bank | where .category = "refund""#], right: [#"bank | where .category == "refund""#],
            why: "`=` gives a name to a value after `let`, `==` asks whether two values are equal, and `:` names "
                + "arguments and columns: three questions, three signs."),
        Explanation(
            .unexpectedToken, "Something else was expected at this place.",
            wrong: ["bank | take 2 | | sort .text"], right: ["bank | take 2 | sort .text"],
            why: "The parser says what could stand there. The mistake is often just before the place it names."),
        Explanation(
            .nestedTooDeeply, "Expressions, texts or calls lie deeper in one another than the language allows.",
            why: "No program that a person wrote is that deep. The limit keeps a hostile file from exhausting memory."),
        Explanation(
            .comparisonChain, "Two comparisons follow one another.",
            wrong: ["orders | where 5 < .total < 50"], right: ["orders | where .total in 5..50"],
            why:
                "In some languages the second one compares true or false with a number, which nobody means. `in` with a "
                + "range, or two comparisons with `and`, say what is meant."),
        Explanation(
            .reservedWord, "A word of other languages stands there: `for`, `while`, `def`, `import`, `return`.",
            wrong: ["for row in bank"], right: ["bank | derive size: len(.text)"],
            why:
                "Verbs work on every row by themselves, and nothing ever changes. So there is nothing to loop over and "
                + "nothing to count up."),
    ]
}
