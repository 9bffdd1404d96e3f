import OrderedCollections
import PipelineRuntime
import PipelineSyntax
import Tables
import Testing

@testable import Verbs

private final class NoHost: LanguageHost {
    let isInterrupted = false
}

/// The chart that a program draws of some rows.
private func chart(_ code: String) throws -> Chart {
    let source = SourceText(name: "cell 1", text: code)
    let parsed = Parser.parse(source, words: StandardLanguage.builtins.words())
    let context = EvaluationContext(
        source: source, builtins: StandardLanguage.builtins, host: NoHost(), notes: Notes())
    let rows = DataSet(rows: [
        ["step": 1, "train": 2.5, "validation": nil, "intent": "track", "answer": ["intent": "track"]],
        ["step": 2, "train": 2, "validation": 2.25, "intent": "cancel", "answer": ["intent": "track"]],
        ["step": 3, "train": .error(RowError("late")), "validation": 2, "intent": "cancel", "answer": nil],
    ])
    let outcome = try Evaluator(context: context).run(parsed.program, bindings: ["rows": .domain(rows)])
    return try #require(outcome.value?.domain(Chart.self))
}

@Suite struct PlotTests {
    @Test func numbersAlongTheAxisMakeLinesOneAColumn() throws {
        let drawn = try chart("rows | plot x: .step, y: [.train, .validation], title: \"Loss\"")
        #expect(drawn.mark == .line && drawn.title == "Loss" && drawn.xLabel == "step")
        #expect(drawn.series.map(\.name) == ["train", "validation"])
        #expect(drawn.series[0].points.map(\.x) == [.quantity(1), .quantity(2)])
        #expect(drawn.series[1].points.map(\.y) == [2.25, 2])
        #expect(drawn.leftOut == 2)
    }

    @Test func textAlongTheAxisMakesBars() throws {
        let drawn = try chart("rows | take 2 | plot x: .intent, y: .step")
        #expect(drawn.mark == .bars && drawn.series[0].points.map(\.x) == [.category("track"), .category("cancel")])
    }

    @Test func aMarkThatIsAskedForIsTaken() throws {
        #expect(try chart("rows | plot x: .step, y: .train, kind: \"scatter\"").mark == .points)
        #expect(try chart("rows | plot x: .step, y: .train, mark: \"points\"").mark == .points)
    }

    @Test func aHistogramCountsTheValuesOfX() throws {
        let drawn = try chart("rows | plot x: .train, kind: \"histogram\", bins: 5, title: \"Losses\"")
        #expect(drawn.mark == .histogram && drawn.title == "Losses" && drawn.xLabel == "train")
        #expect(drawn.valueCount == 2 && drawn.leftOut == 1)
        let wholes = try chart("rows | plot x: .step * 2, kind: \"histogram\"")
        #expect(wholes.series[0].points.map(\.y) == [1, 0, 1, 0, 1] && wholes.xLabel == "step * 2")
        #expect(wholes.bins == Chart.Bins(width: 1, areWhole: true))
    }

    @Test func aConfusionMatrixIsOfTruthsAndAnswers() throws {
        let drawn = try chart("plot rows, x: .intent, y: .answer.intent, kind: \"confusion\"")
        #expect(drawn.mark == .matrix && drawn.yLabel == "intent" && drawn.xLabel == "answer.intent")
        #expect(drawn.series.map(\.name) == ["cancel", "track"])
        #expect(drawn.series[0].points.map(\.y) == [0, 1, 1])
        #expect(
            drawn.notes == [
                "n = 3; 1 agree (33.3 %), 1 have no answer",
                "95 % interval of the share that agrees: 6.1 – 79.2 % (Wilson); no answer counts as wrong.",
            ])
    }

    @Test func pointsHaveNamesAndAFront() throws {
        let drawn = try chart("rows | plot x: .step, y: .validation, label: .intent, kind: \"pareto\"")
        #expect(drawn.mark == .points && drawn.marksFront && drawn.front.map(\.point) == [0])
        #expect(drawn.series[0].points.map(\.label) == ["cancel", "cancel"])
        // A label alone makes points.
        let named = try chart("rows | plot x: .step, y: .train, label: \"step ${.step}\"")
        #expect(named.mark == .points && named.series[0].points.map(\.label) == ["step 1", "step 2"])
    }

    @Test func valuesHaveIntervals() throws {
        let drawn = try chart("rows | plot x: .step, y: .validation, low: .validation - 1, high: .validation + 0.5")
        #expect(drawn.series[0].points.map(\.interval) == [1.25...2.75, 1...2.5])
    }

    @Test func dotsStandBesideNames() throws {
        let drawn = try chart("rows | take 2 | plot x: .intent, y: [.train, .step], kind: \"dots\"")
        #expect(drawn.mark == .dots && drawn.series.map(\.name) == ["train", "step"])
    }

    @Test func aListOfRecordsIsRows() throws {
        let drawn = try chart("[50, 100] | each {rows: ., score: . / 200} | plot x: .rows, y: .score")
        #expect(drawn.series[0].points.map(\.y) == [0.25, 0.5])
    }

    @Test(arguments: [
        ("rows | plot x: .intent, y: .step", "rows | group .intent, step: mean(.step) | plot x: .intent, y: .step"),
        ("[1, 2] | plot x: .a, y: .b", "list | each {x: ., y: len(.)} | plot x: .x, y: .y"),
        ("rows | plot x: .step, y: [.train, .validaton]", "did you mean `.validation`?"),
        ("rows | plot x: .intent, kind: \"histogram\"", "rows | group .intent, n: count() | plot x: .intent, y: .n"),
        ("rows | plot x: .step, y: .train, kind: \"histogram\"", "plot x: .step, kind: \"histogram\""),
        ("rows | plot x: .step", "tuned.losses | plot x: .step, y: [.train, .validation]"),
        (
            "rows | plot x: .intent, y: .train, kind: \"pareto\"",
            "plot x: .cost, y: .mean, label: .model, kind: \"pareto\""
        ),
        ("rows | plot x: .step, y: .train, low: .train", "low: .low, high: .high"),
        ("rows | plot x: .step, y: .train, bins: 5", "plot x: .step, kind: \"histogram\", bins: 10"),
    ]) func whatCannotBeDrawnIsToldWithAWayOut(_ code: String, _ hint: String) throws {
        let mistake = #expect(throws: Diagnostic.self) { try chart(code) }
        #expect(mistake?.hint == hint)
    }
}
