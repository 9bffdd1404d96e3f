internal import Distillation
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Tells of too few rows before they cost anything.
enum FewRows {
    /// OpenAI's least number of examples in a training file.
    private static let usualTraining = 10
    /// With fewer rows the 95 % interval of a share is wider than a third.
    private static let usualComparing = 30

    /// Refuses what the kernel's provider would refuse, and tells of what teaches little.
    /// - Throws: a diagnostic where the kernel names a least number and there are fewer.
    static func check(training count: Int, of model: Model, _ call: Invocation) throws {
        let kernel = try call.lab.kernel
        let rows = "\(count) row\(count == 1 ? "" : "s")"
        if let least = kernel.leastTrainingRows(of: model.specification) {
            guard count < least else { return }
            throw call.failure(
                .tooFewRows, at: "rows",
                "Expected at least \(least) rows to learn from, as the kernel \(kernel.name) demands; there \(count == 1 ? "is" : "are") \(count).",
                hint: "keep more rows: look at what `where` before it leaves, or generate more")
        }
        if count < usualTraining {
            call.note(
                "finetune: \(rows) teach\(count == 1 ? "es" : "") little. OpenAI takes files of \(usualTraining) and more, "
                    + "Azure's presets 65 and more.")
        }
    }

    /// Tells how little so few rows can tell.
    static func tell(comparing count: Int, _ call: Invocation) {
        guard count < usualComparing else { return }
        call.note(
            "compare: \(count) row\(count == 1 ? "" : "s") tell\(count == 1 ? "s" : "") little: the 95 % interval of a share "
                + "is up to ±\(points(count)) points wide. With \(usualComparing) rows it is ±\(points(usualComparing)), "
                + "with 300 ±\(points(300)).")
    }

    /// Half of Wilson's 95 % interval of a share of one half, in points: z / (2 √(n + z²)), the widest there is.
    private static func points(_ n: Int) -> String {
        let z = 1.959963984540054
        return Number.fixed(100 * z / (2 * (Double(n) + z * z).squareRoot()), decimals: 0)
    }
}
