import PipelineSyntax
import Rendering
import Tables
import Testing

@testable import Notebook

/// What checking a whole notebook tells, cell by cell.
@Suite struct NotebookCheckTests {
    private func codes(_ cells: [String]) throws -> [Int: [String]] {
        let scratch = try Scratch(cells: cells)
        return try scratch.session().ownMistakes().mapValues { $0.map(\.shownCode) }
    }

    @Test func aNameThatNothingReadsIsAWarning() throws {
        #expect(try codes(["let a = [1]\nlet b = [2]", "b"]) == [1: ["W0212"]])
        #expect(try codes(["let a = 1\nlet a = 2\na"]) == [1: ["W0212"]])
    }

    @Test(arguments: [
        ["let b = [1]\nlet a = [1]", "b"], ["param rows = 5\n1"], ["fn f(x) = x\n1"],
        ["let s = model \"student\"\n1"], ["let g = grader .output == .answer\n1"], ["let _a = 1\n1"],
        ["let a = [1]\n1", "[1] | where ___ | where ___"], ["let a = 1\n1", "2 2"], ["let a = 1\nfn f(x) = x + a\n1"],
    ]) func namesThatMayBeThereForTheReaderAreNotTold(_ cells: [String]) throws {
        #expect(try codes(cells).values.joined().contains("W0212") == false)
    }

    @Test func cellsBelowAMistakeOfSyntaxAreNotBlamed() throws {
        #expect(try codes(["let a = [1 2]", "a | take 1"]) == [1: ["E0108"]])
    }

    @Test func aCellBelowAMistakeOfSyntaxDoesNotRun() throws {
        let scratch = try Scratch(cells: ["let a = [1 2]", "a | take 1", "3"])
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        #expect(listener.messages.allSatisfy { !$0.contains("there is no `a`") }, "\(listener.messages)")
    }

    @Test func aNameOfACellFurtherDownIsTooEarly() throws {
        let scratch = try Scratch(cells: ["later", "let later = 1"])
        let mistakes = try scratch.session().ownMistakes()
        #expect(mistakes[1]?.first?.message.contains("made further down, in cell 2") == true)
    }

    @Test func aColumnsMistakePointsToWhereTheRowsWereMade() throws {
        let scratch = try Scratch(cells: ["let a = load \"a.csv\"", "a | sort .m"], files: ["a.csv": "n\n1\n"])
        let mistakes = try scratch.session().ownMistakes()
        let label = try #require(mistakes[2]?.first?.labels.first)
        #expect(label.place.source.name == "cell 1")
        #expect(label.place.source.text(of: label.place.span) == "a")
    }

    @Test func warningsNeverKeepACellFromRunning() throws {
        let listener = Listener()
        let scratch = try Scratch(cells: ["let a = 1\n[1] | where true"])
        _ = try scratch.session().run(observer: listener)
        #expect(listener.mistakes.isEmpty && listener.shown == [[1]])
    }

    @Test func savedErrorsAreColouredAsJupyterHasThem() throws {
        let scratch = try Scratch(cells: ["[1] | tkae 5"])
        let session = try scratch.session()
        _ = try session.run()
        let output = try #require(session.document.cells[0].outputs.first)
        #expect(output[field: "ename"] == "E0201")
        #expect(output[field: "traceback"].list?.first?.text?.hasPrefix("\u{1B}[31mE0201\u{1B}[0m cell 1, 1:7") == true)
        #expect(OutputText.of(output)?.hasPrefix("E0201 cell 1, 1:7    [1] | tkae 5") == true)
    }

    @Test func placesInAScriptAreThoseOfTheFile() throws {
        let script = "# kernel: scripted\n\n# %% [markdown]\n# Text\n\n# %%\nlet a = [1]\n\n# %% More\na | tkae 5\n"
        let scratch = try Scratch(cells: [])
        let (cells, found) = try scratch.session().check(script: Array(script.utf8), name: "lab.dist")
        #expect(cells == 2)
        #expect(found.map { DiagnosticText.render($0).prefix(24) } == ["E0201 lab.dist, 10:5   a"])
    }
}
