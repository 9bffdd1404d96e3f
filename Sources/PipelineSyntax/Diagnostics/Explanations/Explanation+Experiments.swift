/// E04: models and rows.
extension Explanation {
    static let ofExperiments: [Explanation] = [
        Explanation(
            .unknownModel, "The kernel has no model of this alias.",
            wrong: [#"let pupil = model "studnet""#], right: [#"let pupil = model "student""#],
            why: "A notebook says \"teacher\" and \"student\"; the kernel says which models these are on this machine. "
                + "So a notebook can be handed on without changing it."),
        Explanation(
            .trainedOnTestRows, "Rows that should test a model are rows that it, or its teacher, was trained on.",
            wrong: [
                "let taught = questions.test | generate cora\nlet tuned = taught | finetune student\n"
                    + "compare [student, tuned], on: questions.test, with: correct"
            ],
            right: [
                "let taught = questions.train | generate cora\nlet tuned = taught | finetune student\n"
                    + "compare [student, tuned], on: questions.test, with: correct"
            ],
            why: "A model that has seen the answers shows how well it remembers, not what it learnt."),
        Explanation(
            .emptyRows, "No rows are left for a step that needs some.",
            wrong: [#"questions.test | where .intent == "nothing" | generate student"#],
            right: [#"questions.test | where .intent == "refund" | generate student"#],
            why: "An empty result would look like a result. `where` says how many rows were null; `group .column, n: "
                + "count()` shows which values there are."),
        Explanation(
            .engine, "The model cannot be loaded or run.",
            wrong: ["let b = model \"broken\"\nquestions.test | generate b"],
            right: ["questions.test | generate student"],
            why: "What is done so far is kept; running the cell again goes on from there."),
        Explanation(
            .providerFailure, "Not a single row got an answer.",
            wrong: ["let s = model \"silent\"\nquestions.test | generate s"],
            right: ["questions.test | generate student"],
            why: "Single failures are error values in their rows, counted and left out. Where all rows fail, something "
                + "else is wrong, and going on would only hide it."),
        Explanation(
            .incompatibleModels, "Models or answers that cannot work together.",
            wrong: ["lessons | finetune student, update: \"full\", rank: 8"],
            right: ["lessons | finetune student, update: \"lora\", rank: 8"],
            why: "An option that has no effect, or a comparison of answers to different questions, would promise what "
                + "is not done."),
        Explanation(
            .tooFewRows, "The kernel's provider trains on no fewer rows than its `limits` say.",
            why: "OpenAI takes training files of 10 examples or more, and the Azure presets 65 (40 for mathematics). "
                + "What the provider would refuse is told before anything is sent."),
        Explanation(
            .gradesNoAnswer, "A grader reads the rows' own columns only, so that every model gets the same grade.",
            wrong: [
                #"let same = grader "string_check", input: "{{item.answer}}", reference: "{{item.answer}}""#,
                "let long = grader len(.answer) > 3\ncompare [student, cora], on: questions.test, with: long",
            ],
            right: [
                #"let same = grader "string_check", input: "{{sample.output_text}}", reference: "{{item.answer}}""#
            ],
            why: "It would grade the reference instead of the model, and the figures would look splendid."),
    ]
}
