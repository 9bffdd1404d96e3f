import Testing

@testable import Tables

@Suite struct ConfusionMatrixTests {
    private static func matrix(_ pairs: [(Value, Value)], labels: Int = 10) -> ConfusionMatrix {
        ConfusionMatrix(pairs.map { (truth: $0.0, prediction: $0.1) }, labels: labels)
    }

    @Test func pairsAreCountedByTruthAndAnswer() {
        let matrix = Self.matrix([("a", "a"), ("b", "a"), ("b", "b"), ("b", "c"), ("a", .null), (.null, "a")])
        #expect(matrix.truths == [.value("b"), .value("a")])
        #expect(matrix.predictions == [.value("b"), .value("a"), .value("c"), .none])
        #expect(matrix.counts == [[1, 1, 1, 0], [0, 1, 0, 1]])
        #expect(matrix.n == 5 && matrix.agreeing == 2 && matrix.unanswered == 1 && matrix.withoutTruth == 1)
    }

    @Test func countsAreThoseOfScikitLearn() {
        let matrix = Self.matrix(
            (0..<500).map { row in
                let truth = row * 7919 % 7
                return (.integer(truth), .integer(row % 3 == 0 ? truth : row * row * 31 % 7))
            })
        #expect(matrix.truths.count == 7 && matrix.agreeing == CountingReference.agreeing)
        for (truth, row) in zip(matrix.truths, matrix.counts) {
            for (answer, count) in zip(matrix.predictions, row) {
                let wanted = Int(truth.text).flatMap { truth in
                    Int(answer.text).map { CountingReference.confusion[truth][$0] }
                }
                #expect(count == wanted, "\(truth.text) answered as \(answer.text)")
            }
        }
    }

    @Test func errorsAndNullsAreNoAnswerAndNeverRight() {
        let matrix = Self.matrix([
            ("a", .error(RowError("late"))), ("a", .double(.nan)), (.error(RowError("x")), .null),
        ])
        #expect(matrix.unanswered == 2 && matrix.agreeing == 0 && matrix.withoutTruth == 1)
    }

    @Test func numbersAndTruthValuesAreLabelsToo() {
        let matrix = Self.matrix([(1, "1"), (.double(2), 2), (.bool(true), "true"), ("", "")])
        #expect(matrix.agreeing == 4)
        #expect(matrix.truths.map(\.text) == ["\"\"", "1", "2", "true"])
    }

    @Test func rareLabelsArePutTogetherAndNothingIsLost() {
        var pairs: [(Value, Value)] = []
        for label in 0..<30 {
            for row in 0...(40 - label) {
                pairs.append((.integer(label), .integer(row % 4 == 0 ? (label + 1) % 30 : label)))
            }
        }
        let matrix = Self.matrix(pairs, labels: 6)
        #expect(matrix.truths.map(\.text) == ["0", "1", "2", "3", "4", "(25 others)"])
        #expect(matrix.predictions == matrix.truths)
        #expect(matrix.counts.joined().reduce(0, +) == matrix.n && matrix.n == pairs.count)
        #expect(matrix.agreeing == pairs.count { $0.0 == $0.1 })
        let chart = matrix.chart(truth: "t", prediction: "p")
        let kept = (0..<5).reduce(0) { $0 + matrix.counts[$1][$1] }
        #expect(
            chart.notes.last
                == "Of the \(matrix.counts[5][5]) in (25 others) × (25 others), \(matrix.agreeing - kept) agree.")
    }

    @Test func aLabelThatIsCalledLikeTheOthersStaysItself() {
        let matrix = Self.matrix([("(no value)", .null), ("other", "other")])
        #expect(matrix.truths.count == 2 && matrix.agreeing == 1 && matrix.unanswered == 1)
    }

    @Test func nothingIsAnEmptyChart() {
        let chart = Self.matrix([(.null, "a")]).chart(truth: "t", prediction: "p")
        #expect(chart.pointCount == 0 && chart.leftOut == 1)
    }
}
