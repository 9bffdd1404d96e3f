import Distillation
import Foundation
import OrderedCollections
import PipelineSyntax
import Tables
import Testing
import Verbs

@testable import Notebook

private let rows =
    (1...6).map { "{\"prompt\":\"q\($0)\",\"answer\":\"\($0 % 2 == 0 ? "yes" : "no")\"}" }.joined(separator: "\n")
    + "\n"

private let lab = [
    "let rows = load \"rows.jsonl\"", "let m = model \"teacher\"\nlet right = grader .output == .answer",
    "let done = rows | generate m | grade right\ndone | scores", "len((done | where .right == 1))",
]

@Suite struct SessionTests {
    @Test func aSecondRunDoesNothing() throws {
        let scratch = try Scratch(cells: lab, files: ["rows.jsonl": rows])
        let provider = ScriptedProvider { _ in "yes" }
        #expect(try scratch.session(provider: provider).run().ran == 4)
        let before = try Data(contentsOf: URL(fileURLWithPath: scratch.path))
        let summary = try scratch.session(provider: provider).run()
        #expect(summary.ran == 0)
        #expect(summary.current == 4)
        #expect(provider.requests == 6)
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path)) == before)
    }

    @Test func aCommentOrABlankMakesNothingStale() throws {
        let scratch = try Scratch(cells: lab, files: ["rows.jsonl": rows])
        _ = try scratch.session().run()
        try scratch.edit {
            $0.cells[2].source = "# new\nlet done =  rows |  generate m\n  | grade right\n\ndone | scores # end"
        }
        #expect(try scratch.session().run().ran == 0)
    }

    @Test func aChangeMakesTheCellAndThoseBelowItStale() throws {
        let scratch = try Scratch(cells: lab + ["1 + 1"], files: ["rows.jsonl": rows])
        _ = try scratch.session().run()
        try scratch.edit { $0.cells[1].source += "\nlet unused = 1" }
        let session = try scratch.session()
        #expect(session.statuses().map(\.status) == [.current, .stale, .stale, .stale, .current])
        let listener = Listener()
        _ = try session.run(observer: listener)
        #expect(listener.started == [2, 3, 4])
    }

    @Test func aChangedFileMakesItsReadersStale() throws {
        let scratch = try Scratch(cells: lab, files: ["rows.jsonl": rows])
        _ = try scratch.session().run()
        try scratch.write("rows.jsonl", rows + "{\"prompt\":\"q7\",\"answer\":\"no\"}\n")
        #expect(try scratch.session().statuses().map(\.status) == [.stale, .current, .stale, .stale])
        let provider = ScriptedProvider { _ in "yes" }
        _ = try scratch.session(provider: provider).run()
        #expect(provider.requests == 1)
    }

    @Test func anotherKernelMakesOnlyCellsThatReachModelsStale() throws {
        let scratch = try Scratch(cells: lab, files: ["rows.jsonl": rows])
        _ = try scratch.session().run()
        #expect(try scratch.session(kernel: "other").statuses().map(\.status) == [.current, .stale, .stale, .stale])
    }

    @Test func stateGoesOnInAnotherProcess() throws {
        let scratch = try Scratch(cells: lab, files: ["rows.jsonl": rows])
        _ = try scratch.session().run()
        try scratch.edit {
            $0.cells.append(NotebookCell(id: "new", kind: .code, source: "fn twice(x) = x * 2\n[len(done), twice(4)]"))
        }
        try scratch.edit { $0.cells.append(NotebookCell(id: "newer", kind: .code, source: "twice(5)")) }
        try scratch.edit { $0.cells[5].source = "twice(5) + len((done | grade right))" }
        let listener = Listener()
        let summary = try scratch.session().run(observer: listener)
        #expect(summary.ran == 2)
        #expect(listener.shown == [[6, 8], 16])
    }

    @Test func aRunThatWasCutOffGoesOnAndRepeatsNoRequest() throws {
        let scratch = try Scratch(cells: lab, files: ["rows.jsonl": rows])
        let cut = ScriptedProvider(stopAfter: 4) { _ in "yes" }
        let summary = try scratch.session(provider: cut).run()
        #expect(summary.failed == 3)
        #expect(summary.wasInterrupted)
        #expect(cut.requests == 4)
        let rest = ScriptedProvider { _ in "yes" }
        #expect(try scratch.session(provider: rest).run().failed == nil)
        #expect(rest.requests == 2)
    }

    @Test func runningAllReusesStoredCompletions() throws {
        let scratch = try Scratch(cells: lab, files: ["rows.jsonl": rows])
        _ = try scratch.session().run()
        let provider = ScriptedProvider { _ in "yes" }
        #expect(try scratch.session(provider: provider).run(.all).ran == 4)
        #expect(provider.requests == 0)
        let fresh = try scratch.session(provider: provider)
        fresh.lab.ignoresStore = true
        _ = try fresh.run(.all)
        #expect(provider.requests == 6)
    }

    @Test func aRunStopsAtTheFirstFailureAndKeepsWhatWasDone() throws {
        let scratch = try Scratch(cells: ["let a = 1", "load \"nope.jsonl\"", "a + 1", "bank | take 2"])
        let listener = Listener()
        let summary = try scratch.session().run(observer: listener)
        #expect(summary.failed == 2)
        #expect(listener.started == [1, 2])
        #expect(listener.mistakes.map(\.code.rawValue) == ["E0502"])
        #expect(listener.others.map(\.code.rawValue) == ["E0202"])
        let saved = try scratch.session()
        #expect(saved.statuses().map(\.status) == [.current, .failed, .notRun, .notRun])
        #expect(saved.document.cells[1].outputs.first?[field: "ename"] == "E0502")
    }

    @Test func aMissingBlobMakesItsCellRunAgainWithoutAnyRequest() throws {
        let many = (0..<3_000).map { "{\"prompt\":\"question number \($0)\",\"answer\":\"no\"}" }.joined(
            separator: "\n")
        let scratch = try Scratch(cells: ["let rows = load \"rows.jsonl\"", "len(rows)"], files: ["rows.jsonl": many])
        _ = try scratch.session().run()
        try FileManager.default.removeItem(atPath: scratch.folder + "/.distnb/blobs")
        #expect(try scratch.session().statuses().map(\.status) == [.missingState, .current])
        #expect(try scratch.session().run().ran == 1)
    }

    @Test func parametersReplaceParamsAndMakeTheirCellStale() throws {
        let scratch = try Scratch(cells: ["param n = 2\nlet m = n * 10\nm", "m + 1", "5"])
        _ = try scratch.session().run()
        let listener = Listener()
        _ = try scratch.session(parameters: ["n": 3]).run(observer: listener)
        #expect(listener.started == [1, 2])
        #expect(listener.shown == [30, 31])
        #expect(try scratch.session(parameters: ["zzz": 3]).unknownParameters == ["zzz"])
    }

    @Test func aSecondProcessIsToldAndChangesNothing() throws {
        let scratch = try Scratch(cells: ["1"])
        let first = try scratch.session()
        _ = try first.run()
        #expect(throws: SessionError.self) { try scratch.session().run(.all) }
        _ = first.document
    }

    @Test func aFileThatAnotherProgramChangedIsNotOverwritten() throws {
        let scratch = try Scratch(cells: ["1"])
        let session = try scratch.session()
        try scratch.edit { $0.cells[0].source = "2" }
        #expect(throws: SessionError.self) { try session.run() }
        #expect(try scratch.session().document.cells[0].source == "2")
        #expect(FileManager.default.fileExists(atPath: scratch.path + ".unsaved"))
    }

    @Test func rowsThatAModelWasTrainedOnAreRefusedForComparing() throws {
        let scratch = try Scratch(
            cells: [
                "let parts = load \"rows.jsonl\" | split {train: 0.5, test: 0.5}\nlet right = grader .output == .answer\nlet s = model \"student\"",
                "let tuned = parts.train | generate (model \"teacher\") | finetune s",
                "compare [tuned, s], on: parts.test, with: right",
                "compare [tuned], on: parts.train, with: right",
            ], files: ["rows.jsonl": rows])
        let listener = Listener()
        let summary = try scratch.session().run(observer: listener)
        #expect(summary.failed == 4)
        #expect(
            listener.messages == [
                """
                E0402 cell 4, 1:22   compare [tuned], on: parts.train, with: right
                                                          ^^^^^^^^^^^
                  Expected rows new to `tuned`; cell 2 trained it on these.
                  Hint: train on other rows: split {train: 0.8, test: 0.2}
                """
            ])
    }

    @Test func aStudentInheritsTheRowsOfATeacherTunedInTheNotebook() throws {
        let scratch = try Scratch(
            cells: [
                "let parts = load \"rows.jsonl\" | split {a: 0.5, b: 0.5}\nlet right = grader .output == .answer\nlet s = model \"student\"",
                "let first = parts.a | generate (model \"teacher\") | finetune s",
                "let second = parts.b | generate first | finetune s", "compare [second], on: parts.a, with: right",
            ], files: ["rows.jsonl": rows])
        let listener = Listener()
        #expect(try scratch.session().run(observer: listener).failed == 4)
        #expect(listener.mistakes.map(\.code.rawValue) == ["E0402"])
    }

    @Test func aTypedLineDoesNotComputeWithStaleValues() throws {
        let scratch = try Scratch(cells: ["let x = 1"])
        _ = try scratch.session().run()
        try scratch.edit { $0.cells[0].source = "let x = 2" }
        let session = try scratch.session()
        let listener = Listener()
        #expect(try !session.runNewCell("x + 10", observer: listener))
        #expect(listener.mistakes.first?.message == "`x` comes from cell 1, which is stale.")
        _ = try session.run()
        #expect(try session.runNewCell("x + 10", observer: listener))
        #expect(listener.shown == [12])
    }

    @Test func aCellThatReadsTheStoreIsStaleWhenTheStoreGrew() throws {
        let scratch = try Scratch(
            cells: [
                "len((completions where: {lab: \"z\"}))",
                "let a = load(\"rows.jsonl\") | generate (model \"teacher\"), store: {lab: \"z\"}",
            ],
            files: ["rows.jsonl": rows])
        _ = try scratch.session().run()
        let listener = Listener()
        #expect(try scratch.session().run(observer: listener).ran == 1)
        #expect(listener.shown == [6])
        #expect(try scratch.session().run().ran == 0)
    }

    @Test func theUsersOwnOutputColumnIsNotReplaced() throws {
        let scratch = try Scratch(
            cells: ["load(\"rows.jsonl\") | rename output: .answer | generate (model \"teacher\")"],
            files: ["rows.jsonl": rows])
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        #expect(listener.mistakes.map(\.code.rawValue) == ["E0210"])
    }

    @Test func theLeakIsToldWordForWord() throws {
        let scratch = try Scratch(
            cells: [
                "let questions = load(\"rows.jsonl\") | split {train: 0.5, test: 0.5}",
                "let correct = grader .output == .answer",
                "let s = model \"student\"", "1", "2",
                "let tuned = questions.test | generate (model \"teacher\") | finetune s",
                "compare [tuned], on: questions.test, with: correct",
            ], files: ["rows.jsonl": rows])
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        #expect(
            listener.messages == [
                """
                E0402 cell 7, 1:22   compare [tuned], on: questions.test, with: correct
                                                          ^^^^^^^^^^^^^^
                  Expected rows new to `tuned`; cell 6 trained it on these.
                  Hint: train on questions.train.
                """
            ])
    }

    @Test func aBadRowIsToldWordForWord() throws {
        let good = String(repeating: "{\"question\": \"where is it\", \"intent\": \"track\"}\n", count: 316)
        let scratch = try Scratch(
            cells: ["load \"data/q.jsonl\""],
            files: ["data/q.jsonl": good + "{\"question\": \"where is it no\", \"intent\":refund}\n"])
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        #expect(
            listener.messages == [
                """
                E0501 cell 1, 1:6    load "data/q.jsonl"
                                          ^^^^^^^^^^^^^^
                  data/q.jsonl, line 317, column 41: expected a JSON value, found `refund`.
                  Hint: mend the line, or add bad_rows: "skip" (counted).
                """
            ])
    }

    @Test func failedRowsAreExcludedAndCounted() throws {
        let scratch = try Scratch(
            cells: [
                "let rows = load \"rows.jsonl\" | derive gold: if .prompt == \"q1\" then null else .answer",
                "rows | generate (model \"teacher\") | grade (grader .output == .gold) | scores",
            ], files: ["rows.jsonl": rows])
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        #expect(listener.shown.first?.rows?.rows.first?["n"] == 5)
        #expect(listener.shown.first?.rows?.rows.first?["failures"] == 1)
        #expect(listener.log.contains { $0.contains("1 of 6 rows could not be graded") })
    }

    @Test func aModelThatTheKernelLacksIsFoundBeforeAnythingRuns() throws {
        let scratch = try Scratch(cells: ["1", "let j = model \"judge\"", "2"])
        let mistakes = try scratch.session().check()
        #expect(mistakes[2]?.first?.code == .unknownModel)
        #expect(mistakes[2]?.first?.message == "Expected a model of the kernel `scripted`: student, teacher.")
    }

    @Test func storedCompletionsComeBackAsRows() throws {
        let scratch = try Scratch(
            cells: [
                "let a = load(\"rows.jsonl\") | generate (model \"teacher\"), store: {lab: \"3.3\"}",
                "completions where: {lab: \"3.3\"} | where .output is not error | select .prompt, .output",
                "len((completions where: {lab: \"x\"}))",
            ], files: ["rows.jsonl": rows])
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        #expect(listener.messages == [])
        #expect(listener.shown.first?.rows?.count == 6)
        #expect(listener.shown.last == 0)
    }

    @Test func typedCellsAreKeptWhereTheyWork() throws {
        let scratch = try Scratch(cells: [])
        let session = try scratch.session()
        #expect(try session.runNewCell("let a = 2"))
        #expect(try !session.runNewCell("a +"))
        #expect(try !session.runNewCell("b"))
        #expect(try session.runNewCell("[a, 3]"))
        let listener = Listener()
        #expect(try session.runNewCell("| take 1", observer: listener))
        #expect(listener.shown == [[2]])
        #expect(session.document.codeCells.count == 3)
    }
}
