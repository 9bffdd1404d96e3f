/// E03: arguments and kinds of values.
extension Explanation {
    static let ofArguments: [Explanation] = [
        Explanation(
            .missingArgument, "The verb needs an argument that is not there.",
            wrong: ["bank | take"], right: ["bank | take 2"],
            why: "Only arguments that have one sensible value may be left out."),
        Explanation(
            .tooManyArguments, "There are more arguments than the verb has places for.",
            wrong: [#"let shy = model "student", "Answer in five words.""#],
            right: [#"let shy = model "student", system: "Answer in five words.""#],
            why: "What is not plain from its place has a name: `system:`, `seed:`, `on:`."),
        Explanation(
            .wrongType, "A value is of another kind than what is done with it needs.",
            wrong: [#"orders | where .total > "10""#], right: ["orders | where .total > 10"],
            why: "Numbers and texts are never turned into one another in silence: `\"10\" > \"9\"` is false as text. "
                + "`number(…)` and `text(…)` do it where it is meant."),
        Explanation(
            .outOfRange, "A value is of the right kind, but outside its bounds or none of the words to choose from.",
            wrong: ["lessons | finetune student, epochs: 500"], right: ["lessons | finetune student, epochs: 5"],
            why: "Bounds are where a slip begins to cost hours or a result that means nothing."),
        Explanation(
            .splitInsteadOfRows, "A split stands where one of its parts was meant.",
            wrong: ["questions | generate student"], right: ["questions.test | generate student"],
            why: "A split keeps its parts apart on purpose: which rows are learnt from and which are tested on is said "
                + "each time."),
        Explanation(
            .duplicateArgument, "The same argument, column or name stands twice.",
            wrong: ["bank | derive size: 1, size: 2"], right: ["bank | derive size: 1, words: 2"],
            why: "One of the two would be lost."),
        Explanation(
            .arithmetic, "The result is a whole number that does not fit 64 bits.",
            wrong: ["9223372036854775807 + 1"], right: ["9223372036854775807.0 + 1"],
            why: "A number that wraps around would be a wrong result that looks right. Numbers with a fraction have a "
                + "wider range and fewer exact digits."),
    ]
}
