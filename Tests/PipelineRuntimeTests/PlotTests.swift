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
        ["step": 1, "train": 2.5, "validation": nil, "intent": "track"],
        ["step": 2, "train": 2, "validation": 2.25, "intent": "cancel"],
        ["step": 3, "train": .error(RowError("late")), "validation": 2, "intent": "cancel"],
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
        #expect(try chart("rows | plot x: .step, y: .train, mark: \"points\"").mark == .points)
    }

    @Test func aListOfRecordsIsRows() throws {
        let drawn = try chart("[50, 100] | each {rows: ., score: . / 200} | plot x: .rows, y: .score")
        #expect(drawn.series[0].points.map(\.y) == [0.25, 0.5])
    }

    @Test(arguments: [
        ("rows | plot x: .intent, y: .step", "rows | group .intent, step: mean(.step) | plot x: .intent, y: .step"),
        ("[1, 2] | plot x: .a, y: .b", "list | each {x: ., y: len(.)} | plot x: .x, y: .y"),
        ("rows | plot x: .step, y: [.train, .validaton]", "did you mean `.validation`?"),
    ]) func whatCannotBeDrawnIsToldWithAWayOut(_ code: String, _ hint: String) throws {
        let mistake = #expect(throws: Diagnostic.self) { try chart(code) }
        #expect(mistake?.hint == hint)
    }
}
