internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let check = Builtin(
        "check", .teaching,
        "Holds a learner's work against a condition; what does not hold stops the cell, with one more hint each time.",
        [
            Parameter("condition", .anything, "what should be true"),
            Parameter("goal", .text, isRequired: false, "the same in words: \"the student answers in JSON\""),
            .option("hints", .list, "hints, each more telling than the one before"),
        ],
        example: "check mean(before.correct) <= 0.2, \"the untaught student is mostly wrong\"", seesNull: true,
        result: { _ in .null },
        run: { call in
            let goal = call.value("goal").text ?? call.code("condition")
            let found = call.value("condition")
            if found.bool == true {
                call.note("✓ \(goal)")
                return .null
            }
            let hints = (call.value("hints").list ?? []).compactMap(\.text)
            let attempts = try call.lab.earlierAttempts
            let told = min(attempts, hints.count - 1)
            let why =
                switch found {
                case .bool: ""
                case .null: " The condition is null: something in it is missing."
                case .error(let error): " The condition is an error: \(error.message)."
                default: " The condition is \(found.kindName), not true or false."
                }
            throw call.failure(
                .checkFailed, at: "condition", "Not yet: \(goal).\(why)",
                hint: hints.isEmpty
                    ? nil : "\(hints[told])\(hints.count > 1 ? " (hint \(told + 1) of \(hints.count))" : "")")
        })
}
