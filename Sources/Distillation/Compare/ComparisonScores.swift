internal import OrderedCollections
internal import Tables

/// One grader's part of a comparison, as blocks to be shown.
struct ComparisonScores {
    let entries: [Comparison.Entry]
    let report: ComparisonReport?
    let isOnlyGrader: Bool

    /// As many slices as can be read at a glance; `.slices` has all.
    private static let mostSlices = 10

    var presentation: [PresentationBlock] {
        var blocks: [PresentationBlock] = []
        if let report {
            blocks += [.prose(report.verdict), .line("")]
        } else if !isOnlyGrader, let grader = entries.first?.grader {
            blocks += [.line("By \(grader):"), .line("")]
        }
        blocks.append(.table(TablePresentation(scoreTable, limit: 100)))
        if let report, !report.differences.isEmpty {
            blocks += [.line(""), .table(TablePresentation(differenceTable(report), limit: 100))]
            blocks.append(.prose(footnote(report)))
        }
        blocks.append(.chart(chart))
        if let report, let slices = report.slices, !slices.slices.isEmpty {
            blocks += [.line(""), .prose(heading(slices, report))]
            blocks.append(.table(TablePresentation(sliceTable(slices, report), limit: Self.mostSlices)))
        }
        return blocks
    }

    // MARK: Scores

    private var scoreTable: DataSet {
        let showsGap = entries.contains { $0.gap != nil }
        let teachers = Set(entries.compactMap(\.teacher))
        let gapTitle = teachers.count == 1 ? "gap to \(teachers.first ?? "") recovered" : "gap recovered"
        return DataSet(
            rows: entries.map { entry in
                var row: Record = [
                    "model": .string(entry.model), "n": .integer(entry.summary.n),
                    "failures": .integer(entry.summary.failures), "mean": .string(Self.fixed(entry.summary.mean)),
                    "95 % interval": .string(
                        entry.summary.interval.map { "\(Self.fixed($0.low)) – \(Self.fixed($0.high))" } ?? "–"),
                ]
                if showsGap { row[gapTitle] = .string(entry.gap.map(Self.text) ?? "") }
                return row
            })
    }

    private static func fixed(_ number: Double?) -> String {
        number.map { Number.fixed($0, decimals: 3) } ?? "–"
    }

    private static func text(_ gap: GapRecovery) -> String {
        func percent(_ share: Double) -> String { Number.fixed(100 * share, decimals: 0) }
        let interval = gap.interval.map { "\(percent($0.low)) – \(percent($0.high)) %" }
        return "\(percent(gap.share)) % (\(interval ?? "no interval"))"
    }

    // MARK: Differences

    private func differenceTable(_ report: ComparisonReport) -> DataSet {
        let scale = report.scale
        let p = report.differences.count > 1 ? "p (Holm)" : "p"
        return DataSet(
            rows: report.differences.map { difference in
                [
                    "minus \(report.reference ?? "")": .string(difference.model),
                    (scale.isShare ? "points" : "difference"): .string(difference.mean.map(scale.signed) ?? "–"),
                    "95 % interval": .string(difference.interval.map { Self.signed($0, scale) } ?? "–"),
                    p: .string(difference.adjustedP.map(Self.probability) ?? "–"),
                    "win/tie/loss": .string("\(difference.wins)/\(difference.ties)/\(difference.losses)"),
                    "rows needed": .string(difference.rowsNeeded.map { Number.integer(Int64($0)).grouped } ?? "–"),
                ]
            })
    }

    private static func signed(_ interval: ConfidenceInterval, _ scale: GradeScale) -> String {
        "\(scale.signed(interval.low)) to \(scale.signed(interval.high))"
    }

    private static func probability(_ p: Double) -> String {
        p < 0.001 ? "<0.001" : Number.fixed(p, decimals: 3)
    }

    /// What the figures of the differences are.
    private func footnote(_ report: ComparisonReport) -> String {
        let differences = report.differences
        let tests = Set(differences.map(\.test))
        let names = PairedDifference.Test.allCases.filter(tests.contains).map { test in
            switch test {
            case .mcNemar: "exact McNemar test"
            case .signFlips: "random signs"
            }
        }
        var parts = [
            "p: \(names.joined(separator: ", "))\(differences.count > 1 ? ", corrected for \(differences.count)" : "")"
        ]
        parts.append("rows needed: to see such a difference in 4 of 5 trials")
        let unpaired = differences.map(\.unpaired).max() ?? 0
        if unpaired > 0 { parts.append("up to \(unpaired) rows without a grade on one side are left out") }
        return parts.joined(separator: "; ") + "."
    }

    // MARK: Chart

    private var chart: Chart {
        let grader = entries.first?.grader ?? ""
        // Scores are shares unless a grader has a wider range.
        let ends = entries.flatMap { [$0.summary.mean, $0.summary.interval?.low, $0.summary.interval?.high] }
            .compactMap(\.self)
        let (low, high) = report.map { $0.scale.isKnown ? ($0.scale.low, $0.scale.high) : (0, 1) } ?? (0, 1)
        return Chart(
            mark: .bars, title: isOnlyGrader ? nil : grader, xLabel: "model",
            yLabel: "\(grader), mean with its 95 % interval",
            yRange: min(0, low, ends.min() ?? 0)...max(low < high ? high : 1, ends.max() ?? 1),
            series: [
                Chart.Series(
                    name: grader,
                    points: entries.map { entry in
                        Chart.Point(
                            x: .string(entry.model), y: entry.summary.mean.map { .double($0) } ?? .null,
                            interval: entry.summary.interval.map { $0.low...$0.high })
                    })
            ])
    }

    // MARK: Slices

    private func heading(_ table: SliceTable, _ report: ComparisonReport) -> String {
        let order = table.candidate.map { candidate in
            report.reference.map { $0 == candidate } ?? true
                ? ", the lowest mean of \(candidate) first"
                : ", worst for \(candidate) against \(report.reference ?? "") first"
        }
        let small = table.slices.count(where: \.isSmall)
        let note = small > 0 ? " (* fewer than \(SliceTable.few) rows)" : ""
        return "By \(table.name)\(order ?? "")\(note):"
    }

    private func sliceTable(_ table: SliceTable, _ report: ComparisonReport) -> DataSet {
        let scale = report.scale
        let unit = scale.isShare ? ", points" : ""
        return DataSet(
            rows: table.slices.map { slice in
                var row: Record = [
                    table.name: .string(slice.value), "n": .string("\(slice.rows)\(slice.isSmall ? "*" : "")"),
                ]
                for part in slice.models { row[part.model] = .string(Self.fixed(part.summary.mean)) }
                if let part = slice.models.first(where: { $0.model == table.candidate }), let mean = part.difference,
                    let reference = report.reference
                {
                    let interval = part.interval.map { " (\(Self.signed($0, scale)))" } ?? ""
                    row["\(part.model) - \(reference)\(unit)"] = .string("\(scale.signed(mean))\(interval)")
                }
                return row
            })
    }
}
