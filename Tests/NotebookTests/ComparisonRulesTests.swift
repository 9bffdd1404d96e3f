import Distillation
import OrderedCollections
import PipelineSyntax
import Tables
import Testing

@testable import Notebook

/// What `compare` and `choose` say of models, and the mistakes of the lab that cannot be made.
@Suite struct ComparisonRulesTests {
    private static let rows =
        (1...40).map {
            "{\"prompt\":\"q\($0)\",\"answer\":\"\($0 % 2 == 0 ? "yes" : "no")\",\"kind\":\"\($0 % 4 < 2 ? "easy" : "hard")\"}"
        }
        .joined(separator: "\n") + "\n"

    private static let names = """
        let test = load "rows.jsonl"
        let t = model "teacher"
        let s = model "student"
        let right = grader .output == .answer
        let length = grader len(.output)
        """

    /// The teacher knows all; the student says yes.
    private func run(_ cells: String...) throws -> (Listener, ScriptedProvider) {
        let scratch = try Scratch(cells: [Self.names] + cells, files: ["rows.jsonl": Self.rows])
        let provider = ScriptedProvider { request in
            guard request.model.id == "big" else { return "yes" }
            return EvenQuestions.answer(to: request.messages.last?.content ?? "")
        }
        let listener = Listener()
        _ = try scratch.session(provider: provider).run(observer: listener)
        return (listener, provider)
    }

    @Test func differencesSlicesAndTheVerdictAreMembers() throws {
        let (listener, _) = try run(
            "let c = compare [s, t], on: test, with: right, by: .kind, latency: 0", "c.differences", "c.slices",
            "c.verdict")
        #expect(listener.messages == [])
        let shown = listener.shown.suffix(3)
        let difference = try #require(shown.first?.rows?.rows.first)
        #expect(difference["model"]?.text == "s" && difference["to"]?.text == "t")
        #expect(difference["difference"]?.double == -0.5 && difference["losses"]?.integer == 20)
        let slices = try #require(shown.dropFirst().first?.rows?.rows)
        #expect(slices.compactMap { $0["slice"]?.text } == ["easy", "easy", "hard", "hard"])
        #expect(shown.last?.text == "By right: s is worse than t by 35 to 65 points.")
    }

    @Test func theReferenceAndTheMarginCanBeSaid() throws {
        let (listener, _) = try run(
            "let c = compare [s, t], on: test, with: right, to: s, margin: 0.9, latency: 0", "c.verdict")
        #expect(listener.shown.last?.text == "By right: t is better than s by 35 to 65 points.")
        let (other, _) = try run(
            "let u = model \"student\", name: \"other\"\ncompare [s, t], on: test, with: right, to: u, latency: 0")
        #expect(other.messages.last?.contains("Expected one of the models that are compared: s, t.") == true)
    }

    @Test func aMarginBeyondTheGradesIsNotTaken() throws {
        let (listener, _) = try run("let c = compare [s, t], on: test, with: right, margin: 5, latency: 0")
        #expect(listener.messages == [])
        #expect(
            listener.log.contains(
                "right: its grades are 0 and 1, so margin: 5 allows everything; 5 points are 0.05, which is used."))
    }

    @Test func aGraderThatNeverReadsTheAnswerIsRefusedBeforeAnyModelIsAsked() throws {
        for code in [
            "let wrong = grader \"string_check\", input: \"{{item.answer}}\", reference: \"{{item.answer}}\"",
            "let wrong = grader .answer == .answer\ncompare [s, t], on: test, with: wrong",
            "let wrong = grader len(.answer) > 1\ncompare [s, t], on: test, with: [right, wrong]",
        ] {
            let (listener, provider) = try run(code)
            #expect(listener.messages.last?.contains("E0408") == true, "\(code): \(listener.messages)")
            #expect(provider.requests == 0)
        }
        let (fine, _) = try run(
            "let same = grader \"string_check\", input: \"{{sample.output_text}}\", reference: \"{{item.answer}}\"")
        #expect(fine.messages == [])
    }

    @Test func gradesOfTwoGradersNeverMeetInOneFigure() throws {
        let (listener, _) = try run(
            "let c = compare [s, t], on: test, with: [right, length], latency: 0\nc",
            "c.table | plot x: .model, y: .mean")
        let charts = (listener.shown.first?.presentation ?? []).compactMap { block -> Chart? in
            guard case .chart(let chart) = block else { return nil }
            return chart
        }
        #expect(charts.map(\.title) == ["right", "length"])
        #expect(charts.map { $0.series.map(\.points.count) } == [[2], [2]])
        #expect(listener.messages.last?.contains("Expected one row a bar") == true, "\(listener.messages)")
    }

    @Test func whatIsDrawnWithoutASeedIsTheSameEveryTime() throws {
        for verb in ["shuffle", "sample 9", "split {a: 0.5, b: 0.5}"] {
            let part = verb.hasPrefix("split") ? "(test | \(verb)).a" : "test | \(verb)"
            let (first, _) = try run(part)
            let (second, _) = try run(part)
            #expect(first.messages == [])
            #expect(first.shown.last?.rows?.rows == second.shown.last?.rows?.rows && first.shown.last?.rows != nil)
        }
    }

    @Test func chooseGivesTheModelAndShowsItsRule() throws {
        let (listener, _) = try run(
            "let c = compare [s, t], on: test, with: right, latency: 0",
            "let cora = choose c, role: \"teacher\"\ncora.alias",
            "let pupil = choose c, role: \"student\"\npupil.alias")
        #expect(listener.messages == [])
        #expect(listener.shown.suffix(2).map(\.text) == ["teacher", "student"])
        #expect(listener.log.contains("choose: t 10 = 0.5·10 + 0.3·10 + 0.2·10, the teacher."))
        #expect(listener.log.contains("choose: s 7.5 = 0.5·5 + 0.3·10 + 0.2·10."))
        #expect(
            listener.log.contains(
                "choose: the student is the smallest model by its parameters with at least 10 grades of 1 or more by right."
            ))
        #expect(listener.log.contains("choose: s, 1000 parameters, 20 of 40, the student."))
    }

    @Test func chooseAsksWhatItCannotKnow() throws {
        let (listener, _) = try run(
            "choose (compare [s, t], on: test, with: [right, length], latency: 0), role: \"teacher\"")
        #expect(listener.messages.last?.contains("Expected one grader to choose by") == true)
        let (few, _) = try run(
            "choose (compare [s, t], on: test, with: right, latency: 0), role: \"student\", at_least: 41")
        #expect(few.messages.last?.contains("the best, t, has 40 of 40") == true, "\(few.messages)")
    }
}
