internal import OrderedCollections
public import Tables

/// A comparison as people read it: scores, what they took, and a bar chart for each grader.
extension Comparison {
    public var presentation: [PresentationBlock] {
        var blocks: [PresentationBlock] = [
            .table(TablePresentation(scoreTable, limit: 100)), .line(""),
        ]
        blocks += expenseBlocks
        let graders = OrderedSet(entries.map(\.grader))
        for grader in graders { blocks.append(.chart(chart(of: grader, isOnlyOne: graders.count == 1))) }
        return blocks
    }

    private func chart(of grader: String, isOnlyOne: Bool) -> Chart {
        let bars = entries.filter { $0.grader == grader }
        // Scores are shares unless a grader has a wider range.
        let ends = bars.flatMap { [$0.summary.mean, $0.summary.interval?.low, $0.summary.interval?.high] }
            .compactMap(\.self)
        let range = min(0, ends.min() ?? 0)...max(1, ends.max() ?? 1)
        return Chart(
            mark: .bars, title: isOnlyOne ? nil : grader, xLabel: "model",
            yLabel: "\(grader), mean with its 95 % interval", yRange: range,
            series: [
                Chart.Series(
                    name: grader,
                    points: bars.map { entry in
                        Chart.Point(
                            x: .string(entry.model), y: entry.summary.mean.map { .double($0) } ?? .null,
                            interval: entry.summary.interval.map { $0.low...$0.high })
                    })
            ])
    }

    private var scoreTable: DataSet {
        let showsGap = entries.contains { $0.gap != nil }
        let teachers = Set(entries.compactMap(\.teacher))
        let gapTitle = teachers.count == 1 ? "gap to \(teachers.first ?? "") recovered" : "gap recovered"
        return DataSet(
            rows: entries.map { entry in
                var row: Record = [
                    "model": .string(entry.model), "grader": .string(entry.grader), "n": .integer(entry.summary.n),
                    "failures": .integer(entry.summary.failures),
                    "mean": .string(entry.summary.mean.map { Number.fixed($0, decimals: 3) } ?? "–"),
                    "95 % interval": .string(
                        entry.summary.interval.map {
                            "\(Number.fixed($0.low, decimals: 3)) – \(Number.fixed($0.high, decimals: 3))"
                        } ?? "–"),
                ]
                if showsGap { row[gapTitle] = .string(entry.gap.map(Self.text) ?? "") }
                return row
            })
    }

    private static func text(_ gap: GapRecovery) -> String {
        func percent(_ share: Double) -> String { Number.fixed(100 * share, decimals: 0) }
        let interval = gap.interval.map { "\(percent($0.low)) – \(percent($0.high)) %" }
        return "\(percent(gap.share)) % (\(interval ?? "no interval"))"
    }
}
