internal import Distillation
internal import OrderedCollections
internal import Rendering
internal import Tables

/// Puts a card's page together.
struct CardPage {
    let comparison: Comparison
    let roles: CardRoles
    let hasRows: Bool
    /// The cell that compares.
    let number: Int
    let provenance: CardProvenance
    /// What is not as it was when the figures were made.
    let warnings: [String]

    var sections: [Card.Section] {
        [
            Card.Section(nil, verdict), Card.Section("Before and after", beforeAndAfter),
            Card.Section("What it takes", expenses), Card.Section("Five worst answers", worst),
            Card.Section(
                "Where this comes from", [.table(TablePresentation(provenance.facts, limit: 1_000, wraps: true))]),
            Card.Section(
                "See for yourself",
                [
                    .text(
                        "The first runs all of it in a scratch copy and holds it against these figures; the second runs it here."
                    )
                ]
                    + provenance.commands.map(Card.Block.command)),
        ]
    }

    // MARK: Verdict

    private var verdict: [Card.Block] {
        var blocks: [Card.Block] = []
        if !warnings.isEmpty {
            let day = provenance.started.isEmpty ? "an unknown day" : provenance.started
            blocks.append(
                .warning(
                    "⚠ STALE: the notebook has changed since these figures were made, on \(day). "
                        + warnings.joined(separator: " ")))
        }
        // What the comparison itself concludes; notebooks of before have no conclusion.
        let said = comparison.reports.first { $0.grader == roles.grader }?.verdict ?? ""
        blocks += said.isEmpty ? [.verdict(sentence)] : [.verdict(said), .text(sentence)]
        return blocks
    }

    private var sentence: String {
        guard let entry = entry(roles.trained) else { return "\(roles.trained) has no grades." }
        var words = "\(roles.trained) scores \(Self.figure(entry.summary)) by \(roles.grader)"
        if let untrained = roles.untrained.flatMap({ self.entry($0) }) {
            words += "; \(untrained.model), before, \(Self.figure(untrained.summary))"
        }
        if let teacher = roles.teacher.flatMap({ self.entry($0) }) {
            words += "; its teacher \(teacher.model) \(Self.figure(teacher.summary))"
        }
        return words + "."
    }

    private func entry(_ model: String, _ grader: String? = nil) -> Comparison.Entry? {
        comparison.entries.first { $0.model == model && $0.grader == grader ?? roles.grader }
    }

    private static func figure(_ summary: ScoreSummary) -> String {
        guard let mean = summary.mean else { return "nothing that counts (\(summary.failures) failures)" }
        let interval = summary.interval.map { ", \(number($0.low)) to \(number($0.high))" } ?? ""
        return "\(number(mean)) (n = \(summary.n)\(interval))"
    }

    private static func number(_ value: Double) -> String { Number.fixed(value, decimals: 3) }

    // MARK: Parts

    private var beforeAndAfter: [Card.Block] {
        var blocks: [Card.Block] = []
        for grader in roles.graders {
            blocks.append(.table(TablePresentation(scores(grader), limit: 100)))
            if let entry = entry(roles.trained, grader) { blocks.append(.text(Self.gap(entry, grader, roles.teacher))) }
        }
        blocks.append(.chart(chart))
        blocks.append(
            .text(
                "Every model answered the same \(entry(roles.trained).map { "\($0.summary.n + $0.summary.failures)" } ?? "") held-out rows. Intervals are of 95 %; failures have no score and do not count."
            ))
        return blocks
    }

    private func scores(_ grader: String) -> DataSet {
        DataSet(
            rows: comparison.entries.filter { $0.grader == grader }.map { entry in
                let summary = entry.summary
                return [
                    "model": .string(entry.model), "role": .string(role(entry.model)),
                    "grader": .string(grader), "n": .integer(summary.n), "failures": .integer(summary.failures),
                    "mean": .string(summary.mean.map(Self.number) ?? "–"),
                    "95 % interval": .string(
                        summary.interval.map { "\(Self.number($0.low)) – \(Self.number($0.high))" } ?? "–"),
                ]
            })
    }

    private func role(_ model: String) -> String {
        switch model {
        case roles.untrained: "before"
        case roles.trained: "after"
        case roles.teacher: "teacher"
        default: ""
        }
    }

    private static func gap(_ entry: Comparison.Entry, _ grader: String, _ teacher: String?) -> String {
        func percent(_ share: Double) -> String { Number.fixed(100 * share, decimals: 0) }
        guard let gap = entry.gap else {
            return
                "How much of the gap to the teacher was recovered cannot be told: compare the untrained student and the teacher too, and the teacher must be the better one."
        }
        let interval = gap.interval.map { "\(percent($0.low)) to \(percent($0.high)) %" } ?? "no interval"
        return
            "\(entry.model) recovered \(percent(gap.share)) % of the gap to \(entry.teacher ?? teacher ?? "its teacher") by \(grader) (\(interval))."
    }

    private var chart: Chart {
        let entries = comparison.entries.filter { $0.grader == roles.grader }
        let ends = entries.flatMap { [$0.summary.mean, $0.summary.interval?.low, $0.summary.interval?.high] }
            .compactMap(\.self)
        return Chart(
            mark: .bars, xLabel: "model", yLabel: "\(roles.grader), mean with its 95 % interval",
            yRange: min(0, ends.min() ?? 0)...max(1, ends.max() ?? 1),
            series: [
                Chart.Series(
                    name: roles.grader,
                    points: entries.map { entry in
                        Chart.Point(
                            x: .string(entry.model), y: entry.summary.mean.map { .double($0) } ?? .null,
                            interval: entry.summary.interval.map { $0.low...$0.high })
                    })
            ])
    }

    private var expenses: [Card.Block] {
        comparison.expenseBlocks.compactMap { block in
            switch block {
            case .line(let text), .prose(let text): text.isEmpty ? nil : .text(text)
            case .table(let table): .table(table)
            case .chart(let chart): .chart(chart)
            }
        }
    }

    private var worst: [Card.Block] {
        guard hasRows else {
            return [
                .text(
                    "The rows are not beside the notebook (folder .distnb/blobs), so no answers can be shown: distnb run \(provenance.file) --cell \(number)"
                )
            ]
        }
        let answers = CardAnswers(
            comparison.rows, model: roles.trained, teacher: roles.teacher, grader: roles.grader,
            models: Set(comparison.modelNames))
        return [.text(answers.remark)]
            + (answers.table.map { [.table(TablePresentation($0, limit: 1_000, wraps: true))] } ?? [])
    }
}
