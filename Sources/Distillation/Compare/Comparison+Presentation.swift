internal import OrderedCollections
public import Tables

/// A comparison as people read it: for each grader its verdict, scores, differences, chart and slices; then what the
/// answers took.
extension Comparison {
    public var presentation: [PresentationBlock] {
        var blocks: [PresentationBlock] = []
        for grader in graders {
            let own = entries.filter { $0.grader == grader }
            let report = reports.first { $0.grader == grader }
            blocks += ComparisonScores(entries: own, report: report, isOnlyGrader: graders.count == 1).presentation
            blocks.append(.line(""))
        }
        return blocks + [.table(TablePresentation(expenseTable, limit: 100))]
    }

    private var expenseTable: DataSet {
        let measured = expenses.compactMap(\.latency?.n).max() ?? 0
        return DataSet(
            rows: expenses.map { expense in
                var row: Record = [
                    "model": .string(expense.model),
                    "parameters": .string(expense.parameters.map(Self.millions) ?? "–"),
                    "tokens in": .integer(expense.usage.promptTokens),
                    "tokens out": .integer(expense.usage.completionTokens),
                    "cost": .string(
                        expense.cost.map { "$\(Number.fixed($0, decimals: $0 > 0 && $0 < 1 ? 4 : 2))" } ?? "–"),
                ]
                if measured > 0 {
                    row["p50 of \(measured)"] = .string(expense.latency.map { LatencySummary.text($0.median) } ?? "–")
                    row["p95"] = .string(expense.latency.map { LatencySummary.text($0.p95) } ?? "–")
                }
                return row
            })
    }

    private static func millions(_ count: Int) -> String {
        count < 100_000 ? "\(count)" : "\(Number.fixed(Double(count) / 1e6, decimals: 1)) M"
    }
}
