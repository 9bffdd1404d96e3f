import Foundation
import OrderedCollections
import Tables
import Testing

@testable import Distillation

/// What scikit-learn and scipy say (`Tests/References/agreement_reference.py`).
@Suite struct AgreementTests {
    private static func cases() throws -> [Value] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/agreement", withExtension: "json"))
        return try #require(JSON.parse([UInt8](Data(contentsOf: url)))[field: "cases"].list)
    }

    private func isSame(_ found: Double?, _ expected: Value) -> Bool {
        guard let expected = expected.double else { return found == nil }
        return found.map { abs($0 - expected) <= 1e-9 } ?? false
    }

    @Test func everyMeasureAgreesWithItsReference() throws {
        let cases = try Self.cases()
        #expect(cases.count >= 70)
        for row in cases {
            let truth = (row[field: "truth"].list ?? []).compactMap(\.double)
            let found = (row[field: "found"].list ?? []).compactMap(\.double)
            let pairs = Array(zip(truth, found))
            #expect(isSame(Agreement.meanAbsoluteError(pairs), row[field: "mae"]))
            #expect(isSame(Agreement.spearman(pairs), row[field: "spearman"]), "\(truth) \(found)")
            guard let categories = row[field: "categories"].integer else { continue }
            let labels = pairs.map { (Int($0.0), Int($0.1)) }
            #expect(isSame(Agreement.accuracy(labels), row[field: "accuracy"]))
            #expect(isSame(Agreement.kappa(labels, categories: categories), row[field: "kappa"]), "\(labels)")
            #expect(
                isSame(
                    Agreement.kappa(labels, categories: categories, weighting: .quadratic), row[field: "weighted"]),
                "\(labels)")
        }
    }

    @Test func categoriesOutsideTheScaleHaveNoKappa() {
        #expect(Agreement.kappa([(0, 3)], categories: 3) == nil)
        #expect(Agreement.kappa([(-1, 0), (0, 0)], categories: 3) == nil)
        #expect(Agreement.kappa([], categories: 3) == nil)
    }

    @Test func anIntervalCoversTheMeasureAndIsTheSameEachTime() {
        let pairs = (0..<200).map { ($0 % 5, $0 % 7 == 0 ? ($0 + 1) % 5 : $0 % 5) }
        let kappa = { Agreement.kappa($0, categories: 5) }
        let interval = Agreement.interval(pairs, of: kappa)
        let value = kappa(pairs) ?? 0
        #expect(interval.map { $0.low < value && value < $0.high && $0.high - $0.low < 0.2 } == true)
        #expect(Agreement.interval(pairs, of: kappa) == interval)
        #expect(Agreement.interval([(0, 0)], of: kappa) == nil)
        // A measure that is defined for few draws only has no interval.
        #expect(Agreement.interval([(0, 0), (0, 0), (0, 0)], of: kappa) == nil)
        // Nor has one that all draws agree on.
        #expect(Agreement.interval([(0, 0), (1, 1), (0, 0), (1, 1), (1, 1), (0, 0)], of: kappa) == nil)
    }
}

/// What `audit` compares, and when a grader passes.
@Suite struct AuditTests {
    private let truth = (0..<60).map { Value.integer($0 % 5 + 1) }

    private func audit(_ demands: Audit.Demands = Audit.Demands()) -> Audit {
        Audit(grader: "polite", truth: ".human", range: 1...5, demands: demands)
    }

    @Test func aJudgeThatAgreesPasses() {
        let report = audit().scores(
            truth.enumerated().map { place, value in place % 6 == 0 ? .integer(3) : value }, truth: truth)
        #expect(report.passes)
        #expect(report.n == 60 && report.failures == 0 && report.isWeighted)
        #expect((report["kappa"]?.value ?? 0) > 0.6 && (report["mae"]?.value ?? 9) < 0.5)
        #expect(report.verdict.hasPrefix("polite passes its audit against .human: weighted kappa 0."))
        #expect(report.confusion?.labels == ["1", "2", "3", "4", "5"])
        #expect(report.confusion?.counts.flatMap(\.self).reduce(0, +) == 60)
    }

    @Test func aJudgeThatAlwaysSaysTheSameFails() {
        let report = audit().scores(truth.map { _ in .integer(4) }, truth: truth)
        #expect(!report.passes)
        #expect(report["kappa"]?.value == 0)
        // Whatever rows are drawn, kappa is 0: that says nothing of how it varies.
        #expect(report["kappa"]?.interval == nil)
        #expect(report.verdict.hasPrefix("polite fails its audit against .human: weighted kappa 0, at least 0.6"))
    }

    @Test func aJudgeThatIsAlwaysRightHasAnIntervalAllTheSame() throws {
        let labels = (0..<20).map { Value.string($0 % 2 == 0 ? "good" : "bad") }
        let report = audit().labels(labels, truth: labels, known: ["good", "bad"])
        let accuracy = try #require(report["accuracy"])
        #expect(accuracy.value == 1 && accuracy.interval?.high == 1)
        // Wilson's: 20 / (20 + 1.96²).
        #expect(abs((accuracy.interval?.low ?? 0) - 0.8389) < 1e-4)
        #expect(report["kappa"]?.value == 1 && report["kappa"]?.interval == nil)
        #expect(report.verdict == "polite passes its audit against .human: kappa 1, at least 0.6 is asked on 20 rows.")
    }

    @Test func ofNoRowsOnlyThatIsSaid() {
        let report = audit().scores(truth.map { _ in .error(RowError("no result")) }, truth: truth)
        #expect(
            report.verdict
                == "polite fails its audit against .human: 100 % of the rows could not be judged, at most 5 % may; only 0 "
                + "rows were judged, at least 20 are needed (on 0 rows).")
        #expect(report.confusion == nil)
        #expect(AuditReport(state: report.state) == report)
    }

    @Test func aLabelForEachRowTakesNoTimeOrMemoryThatGrowsWithItsSquare() {
        let texts = (0..<20_000).map { Value.string("comment \($0)") }
        let report = audit().labels(texts.map { _ in .string("good") }, truth: texts, known: ["good", "bad"])
        #expect(report["kappa"]?.value == 0 && report["accuracy"]?.value == 0)
        #expect(report.confusion == nil)
    }

    @Test func kappaOfManyLabelsIsThatOfTheDefinition() throws {
        let pairs = (0..<500).map { ($0 * $0 % 7, $0 * 3 % 7) }
        var expected = 0.0
        for i in 0..<7 {
            for j in 0..<7 where i != j {
                expected += Double(pairs.count { $0.0 == i }) * Double(pairs.count { $0.1 == j }) / 500
            }
        }
        let kappa = try #require(Agreement.kappa(pairs, categories: 7))
        #expect(abs(kappa - (1 - Double(pairs.count { $0.0 != $0.1 }) / expected)) < 1e-12)
    }

    @Test func rowsThatCouldNotBeJudgedCountAgainstItAndAreNoZeros() {
        let found = truth.enumerated().map { place, value in
            place < 6 ? Value.error(RowError("no result")) : value
        }
        let report = audit().scores(found, truth: truth)
        #expect(report.n == 54 && report.failures == 6 && report["mae"]?.value == 0)
        #expect(!report.passes)
        #expect(report.verdict.contains("10 % of the rows could not be judged, at most 5 % may"))
        #expect(audit(Audit.Demands(failures: 0.1)).scores(found, truth: truth).passes)
    }

    @Test func fewRowsDecideNothing() {
        let few = Array(truth.prefix(10))
        let report = audit().scores(few, truth: few)
        #expect(!report.passes)
        #expect(
            report.verdict
                == "Whether polite can be trusted cannot be told: 10 rows were judged, at least 20 are needed.")
        #expect(!audit().scores([], truth: []).passes)
    }

    @Test func rowsWithoutTruthAreLeftOutAndCounted() {
        let report = audit().scores(truth, truth: truth.enumerated().map { $0 < 5 ? .null : $1 })
        #expect(report.n == 55 && report.withoutTruth == 5)
    }

    @Test func labelsAreComparedAsLabels() {
        let wanted = (0..<40).map { Value.string(["polite", "rude", "odd"][$0 % 3]) }
        let found = wanted.enumerated().map { place, label in place % 10 == 0 ? Value.string("rude") : label }
        let report = Audit(grader: "tone", truth: ".label").labels(found, truth: wanted, known: ["rude", "polite"])
        #expect(report.confusion?.labels == ["rude", "polite", "odd"])
        #expect(report.passes && !report.isWeighted)
        #expect(report["accuracy"]?.value.map { $0 > 0.9 } == true)
    }

    @Test func passAndFailAreComparedWhereTheGoldSaysNoMore() {
        let human = (0..<40).map { Value.bool($0 % 4 != 0) }
        let found = (0..<40).map { Value.integer($0 % 4 == 0 ? 2 : 5) }
        let report = Audit(grader: "polite", truth: ".good", range: 1...5, passThreshold: 4)
            .scores(found, truth: human)
        #expect(report["accuracy"]?.value == 1 && report["kappa"]?.value == 1)
        // All ones on a scale from 1 are scores.
        let ones = Audit(grader: "polite", truth: ".good", range: 1...5, passThreshold: 4)
            .scores(found, truth: human.map { _ in .integer(1) })
        #expect(ones["mae"] != nil)
    }

    @Test func fractionsHaveARankCorrelationInsteadOfKappa() {
        let wanted = (0..<30).map { Value.double(Double($0) / 30) }
        let report = Audit(grader: "near", truth: ".human", range: 0...1).scores(wanted, truth: wanted)
        #expect(report["kappa"] == nil && report["spearman"]?.value == 1)
        #expect(report.passes)
        #expect(
            !Audit(grader: "near", truth: ".human", demands: Audit.Demands(spearman: 0.9, rows: 31))
                .scores(wanted, truth: wanted).passes)
    }

    @Test func aReportComesBackFromItsState() {
        let report = audit(Audit.Demands(kappa: 0.4, meanError: 1)).scores(truth, truth: truth)
        #expect(AuditReport(state: report.state) == report)
        #expect(AuditReport(state: .null) == nil)
    }
}
