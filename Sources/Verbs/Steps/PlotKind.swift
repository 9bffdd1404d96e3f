internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// What `plot` can draw, and which arguments each kind takes.
enum PlotKind: String, CaseIterable {
    case bars, line, scatter, histogram, dots, pareto, confusion

    /// The marks that older notebooks chose by `mark:`.
    static let marks = [Chart.Mark.bars, .line, .points].map(\.rawValue)

    /// How the chart's values are drawn.
    var mark: Chart.Mark {
        switch self {
        case .bars: .bars
        case .line: .line
        case .scatter, .pareto: .points
        case .histogram: .histogram
        case .dots: .dots
        case .confusion: .matrix
        }
    }

    /// Whether it is given by the arguments: `kind:`, the older `mark:`, or a `label:`, which only points have.
    static func asked(kind: String?, mark: String?, hasLabel: Bool) -> PlotKind? {
        kind.flatMap(PlotKind.init(rawValue:))
            ?? mark.flatMap { word in allCases.first { $0.mark.rawValue == word } } ?? (hasLabel ? .scatter : nil)
    }

    /// What is wrong with a call's arguments.
    struct Complaint {
        let code: DiagnosticCode
        /// The argument; nil is the verb itself.
        let parameter: String?
        let message: String
        let hint: String
    }

    /// What is wrong with the arguments of a kind; nil stands for a kind that follows from the data.
    /// - Parameters:
    ///   - has: whether an argument was given.
    ///   - yCount: how many columns `y` names.
    ///   - example: a call that works.
    static func complaint(
        _ kind: PlotKind?, has: (String) -> Bool, yCount: Int, xCode: String, example: String
    ) -> Complaint? {
        func wrong(_ parameter: String, _ message: String, _ hint: String) -> Complaint {
            Complaint(code: .unknownArgument, parameter: parameter, message: message, hint: hint)
        }
        if has("kind"), has("mark") {
            return wrong("mark", "Expected `kind:` alone; `mark:` is its older name.", "leave out mark:")
        }
        if kind == .histogram {
            if has("y") {
                return wrong(
                    "y", "Expected no `y` for a histogram: it counts the values of `x`.",
                    "plot x: \(xCode), kind: \"histogram\"")
            }
        } else {
            guard has("y") else {
                return Complaint(
                    code: .missingArgument, parameter: nil, message: "Expected `y` for `plot`.", hint: example)
            }
            if has("bins") {
                return wrong(
                    "bins", "Expected `bins:` with a histogram only.", "plot x: \(xCode), kind: \"histogram\", bins: 10"
                )
            }
        }
        if kind == .confusion, yCount > 1 {
            return Complaint(
                code: .wrongType, parameter: "y",
                message: "Expected one column of answers; a confusion matrix is of one model.",
                hint: "plot x: .intent, y: .output_json.intent, kind: \"confusion\"")
        }
        if has("label"), kind != .scatter, kind != .pareto {
            return wrong(
                "label", "Expected `label:` with points only.",
                "plot x: .cost, y: .mean, label: .model, kind: \"pareto\"")
        }
        guard has("low") || has("high") else { return nil }
        let given = has("low") ? "low" : "high"
        if kind == .histogram || kind == .confusion {
            return wrong(given, "Expected no interval; counts have none.", "leave out low: and high:")
        }
        guard has("low"), has("high") else {
            return wrong(given, "Expected both ends of the interval.", "low: .low, high: .high")
        }
        return yCount > 1
            ? wrong(given, "Expected one column for `y` where there are intervals.", "y: .mean, low: .low, high: .high")
            : nil
    }
}
