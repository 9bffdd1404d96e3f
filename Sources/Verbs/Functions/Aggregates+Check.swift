internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax

extension CheckedCall {
    /// Refuses a list, or a column of a group, that an aggregate cannot work with.
    /// - Parameters:
    ///   - ofRows: whether it takes whole rows as well.
    ///   - expectation: what it takes, for the message: "numbers".
    func refuseElements(
        ofRows: Bool, of expectation: String, where admits: (StaticType) -> Bool
    ) throws(Diagnostic) {
        let type = type("values")
        let code = code("values")
        if case .rows(let columns) = type {
            guard !ofRows else { return }
            // A grade rather than a column of which nothing is known.
            let fitting = columns?.filter { admits($0.value) } ?? [:]
            let column = (fitting.first(where: { $0.value == .number }) ?? fitting.elements.first)?.key ?? "column"
            let rows = code.contains("|") ? "(\(code))" : code
            throw mistake(
                .wrongType, at: "values", "Expected a list for `\(call.name)`, found rows.",
                hint: "\(call.name)(\(rows).\(column))")
        }
        guard !admits(type.element) else { return }
        let asNumber = isGrouped("values") ? "number(\(code))" : "(\(code) | each number(.))"
        throw mistake(
            .wrongType, at: "values", "Expected \(expectation) for `\(call.name)`, found \(type.element.kindName).",
            hint: type.element == .text ? "\(call.name)(\(asNumber))" : builtinExample)
    }

    private var builtinExample: String? { StandardLanguage.builtins[call.name]?.example }
}
