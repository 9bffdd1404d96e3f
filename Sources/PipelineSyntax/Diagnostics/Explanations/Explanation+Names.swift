/// E02: names that stand for nothing, and warnings about names.
extension Explanation {
    static let ofNames: [Explanation] = [
        Explanation(
            .unknownVerb, "No verb, function or `fn` has this name.",
            wrong: ["questions.test | genrate student"], right: ["questions.test | generate student"],
            why: "Names are looked up before anything runs: a slip in the last cell costs no model call in the first."),
        Explanation(
            .unknownName, "No `let` above binds this name.",
            wrong: ["bnak | take 2"], right: ["bank | take 2"],
            why: "A cell sees the nearest binding above it, never one below. So a notebook says the same from top to "
                + "bottom, in whatever order its cells were typed. Text stands in quotes."),
        Explanation(
            .unknownArgument, "The verb takes no argument of this name.",
            wrong: ["bank | sample 2, random_state: 7"], right: ["bank | sample 2, seed: 7"],
            why: "A misspelt option that is ignored would change a result in silence."),
        Explanation(
            .unknownColumn, "The rows have no column of this name at this place of the pipeline.",
            wrong: [#"bank | where .categry == "refund""#], right: [#"bank | where .category == "refund""#],
            why: "The columns of a file are known before it is loaded, and each verb says which columns it leaves. "
                + "Otherwise a misspelt column would be null in every row and filter everything away."),
        Explanation(
            .columnWithoutDot, "A column of the row at hand is written without its dot, or in quotes.",
            wrong: [#"bank | where category == "refund""#], right: [#"bank | where .category == "refund""#],
            why: "`category` is a name from `let`, `.category` a column, `\"category\"` a text. With the dot a "
                + "pipeline means the same whatever is bound above it."),
        Explanation(
            .dotOutsideRow, "A dot stands where no verb works on rows, so there is no row that it could mean.",
            wrong: ["mean(.total)"], right: ["mean(orders.total)"],
            why: "The innermost verb that works on rows owns the dot. Inside `group` a column has many values, so it "
                + "stands only in an aggregate; the body of an `fn` never sees its caller's row."),
        Explanation(
            .templateOutsideGrader, "`{{…}}` stands in a text that no grader fills.",
            wrong: [#"bank | derive prompt: "Q: {{item.text}}""#], right: [#"bank | derive prompt: "Q: ${.text}""#],
            why:
                "Graders use OpenAI's templates, so that they can be handed on as they are. Everywhere else `${…}` puts "
                + "a value into text."),
        Explanation(
            .nameIsNotCallable, "A value stands where a verb belongs.",
            wrong: ["questions.test | student"], right: ["questions.test | generate student"],
            why: "After `|` and before `(` stands what works on values: a verb, a function or an `fn`."),
        Explanation(
            .hole, "The program has a hole `___` that waits to be filled.",
            wrong: ["bank | where ___"], right: [#"bank | where .category == "refund""#],
            why: "Exercises have holes. Running one says what fits there and shows some of the rows it works on."),
        Explanation(
            .columnExists, "A new column would take the place of one that the rows already have.",
            wrong: [#"bank | derive category: "x""#], right: [#"bank | derive kind: "x""#],
            why: "Nothing is lost by accident. A column may be replaced where its own expression reads it: "
                + "`derive text: trim(.text)`."),
        Explanation(
            .unknownMember, "The value has no member or field of this name.",
            wrong: ["quiz | derive stem: .question.stm"], right: ["quiz | derive stem: .question.stem"],
            why: "What is nested in a file is known from its rows. A field that no row has would be null everywhere."),
        Explanation(
            .unusedName, "A warning: nothing in the whole notebook reads this name.",
            wrong: ["let few = bank | take 2\nbank | sort .text"], right: ["let few = bank | take 2\nfew | sort .text"],
            why: "It is often a slip: the next line reads another name than it should. Left out are a cell's last "
                + "statement, `param`, `fn`, models, graders, names that begin with `_`, and cells above a hole."),
        Explanation(
            .hiddenVerb, "A warning: from here on the name means this `fn` and no longer the verb.",
            wrong: ["fn take(rows) = rows | sample 2\nbank | take"],
            right: ["fn some(rows) = rows | sample 2\nbank | some"],
            why:
                "It is allowed, since a new verb must not break old notebooks. A `let` hides no verb: values and verbs "
                + "stand at different places."),
        Explanation(
            .constantCondition,
            "A warning: the condition reads no column and no name, so it is the same for every row.",
            wrong: [#"bank | where "category" == "refund""#], right: [#"bank | where .category == "refund""#],
            why: "In SQL double quotes stand around columns. Here they stand around text, and two texts are compared."),
    ]
}
