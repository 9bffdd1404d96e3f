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
        return blocks + expenseBlocks
    }
}
