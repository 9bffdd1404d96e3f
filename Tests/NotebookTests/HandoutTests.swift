import OrderedCollections
import PipelineSyntax
import Tables
import Testing
import Verbs

@testable import Notebook

@Suite struct HandoutTests {
    private let handout = Handout(builtins: StandardLanguage.builtins)

    private func learners(_ source: String) throws -> String { try handout.learners(source, cell: 3) }

    private func message(_ source: String) -> String? {
        #expect(throws: HandoutError.self) { try learners(source) }?.description
    }

    // MARK: Within a line

    @Test(arguments: [
        ("rows | where .n > 3  # solution: .n > 3", "rows | where ___"),
        ("let a = 1 + 2 # solution: 1 + 2", "let a = ___"),
        ("  | sample 10, seed: 7   # solution:10", "  | sample ___, seed: 7"),
        ("f(1, 1)  # solution: 1", "f(1, ___)"),
        ("let one = 1  # solution: one", "let ___ = 1"),
        ("rows | take 5  # solution: take 5", "rows | ___"),
        ("let x = \"é # 1\"  # solution: \"é # 1\"", "let x = ___"),
    ]) func theCodeThatTheLineNamesBecomesAHole(_ source: String, _ expected: String) throws {
        #expect(try learners(source) == expected)
    }

    @Test func ofSeveralPlacesTheLastIsTheSolution() throws {
        #expect(try learners("rows | derive a: .b, b: .b  # solution: .b") == "rows | derive a: .b, b: ___")
    }

    @Test func codeThatIsNotInItsLineIsTold() {
        #expect(
            message("let a = 1\nlet b = 2  # solution: 3")
                == "Cell 3, line 2: `3` after `# solution:` is not in the code of its line.")
        #expect(
            message("let b = 2  # solution:")
                == "Cell 3, line 1: `` after `# solution:` is not in the code of its line.")
    }

    @Test(arguments: [
        "let a = \"write # solution: x\"", "let a = '# solution: x'", "let a = \"\"\"\n# solution\n# end\n\"\"\"",
        "let a = \"\"\"\n  # teacher: no\n  # solution: x\n  \"\"\"", "let a = \"# solution: x ${1} # solution: y\"",
    ]) func marksInTextsAreText(_ source: String) throws {
        #expect(try learners(source) == source)
    }

    @Test func aMarkAfterATextThatHasOneCounts() throws {
        #expect(try learners("let a = \"# solution: x\" + 1  # solution: 1") == "let a = \"# solution: x\" + ___")
    }

    @Test(arguments: [
        "# a comment", "", "let a = 1 # end", "let a = 1\n\n\nlet b = 2",
    ])
    func otherCommentsAndBlanksStay(_ source: String) throws {
        #expect(try learners(source) == source)
    }

    @Test(arguments: ["let x = 5 # Solution: 5", "let x = 5 #solution: 5", "let x = 5 # solution : 5"])
    func marksMayBeWrittenAsPeopleWriteThem(_ source: String) throws {
        #expect(try learners(source) == "let x = ___")
    }

    @Test func teachersCommentsAfterCodeGoToo() throws {
        #expect(try learners("let z = 2  # teacher: not this") == "let z = 2")
    }

    @Test(arguments: ["let a = 1  # the solution: 1", "# solutions: all", "let a = 1 # solution"])
    func commentsThatSpeakOfASolutionButAreNoMarkAreRefused(_ source: String) {
        #expect(throws: HandoutError.self) { _ = try learners(source) }
    }

    // MARK: Regions

    @Test func bindingsKeepTheirNames() throws {
        let source = """
            let a = 1
            # solution
            param n = 5
            let b = a
              | f
            fn twice(x, by: 2) = x * by
            b | take n
            # end
            b
            """
        let expected = """
            let a = 1
            param n = ___
            let b = ___
            fn twice(x, by: 2) = ___
            ___
            b
            """
        #expect(try learners(source) == expected)
    }

    @Test func regionsMayFollowEachOtherAndBeIndented() throws {
        #expect(
            try learners("  # solution\nlet a = 1\n  # end solution\n## solution\nlet b = 1\n## end")
                == "let a = ___\nlet b = ___")
    }

    @Test func anEmptyRegionLeavesNothing() throws {
        #expect(try learners("1\n# solution\n# end\n2") == "1\n2")
    }

    @Test(arguments: [
        ("# solution\nlet a = 1", "Cell 3, line 1: `# solution` without an `# end`."),
        ("1\n# end", "Cell 3, line 2: `# end` without a `# solution` above it."),
        ("# solution\n# solution\n1\n# end", "Cell 3, line 2: a solution begins inside another."),
    ]) func marksWithoutPartnersAreTold(_ source: String, _ expected: String) {
        #expect(message(source) == expected)
    }

    @Test func partsOfStatementsAreTold() {
        #expect(
            message("rows\n# solution\n  | take (\n# end")?.hasPrefix(
                "Cell 3, line 4: the lines between `# solution` and `# end` are no whole statements") == true)
    }

    @Test func teachersCommentsAreLeftOut() throws {
        #expect(try learners("# teacher: why\nlet a = 1\n  ## teacher: more\n# for all") == "let a = 1\n# for all")
    }

    @Test func linesFromWindowsAreLinesToo() throws {
        #expect(
            try learners("# teacher: x\r\n# solution\r\nlet a = 1\r\n# end\r\nlet b = 2  # solution: 2")
                == "let a = ___\nlet b = ___")
    }

    // MARK: Notebooks

    private func teachers() -> NotebookDocument {
        var document = NotebookDocument.empty(kernel: "embedded")
        document.cells = [
            NotebookCell(id: "t", kind: .markdown, source: "# Title\n# solution"),
            NotebookCell(id: "a", kind: .code, source: "let a = 1"),
            NotebookCell(
                id: "b", kind: .code, source: "let b = 2  # solution: 2",
                outputs: [["output_type": "stream", "name": "stdout", "text": "2\n"]], executionCount: 2),
            NotebookCell(id: "c", kind: .code, source: "check b == 2"),
        ]
        document.cells[2].state = CellState(status: .ok, fingerprint: "f", exports: ["b": 2])
        document.parameters = ["n": 4]
        return document
    }

    @Test func theLearnersNotebookHasHolesAndNeitherOutputsNorState() throws {
        let result = try handout.make(from: teachers())
        #expect(result.exercises == [2, 3])
        #expect(
            result.document.cells.map(\.source) == ["# Title\n# solution", "let a = 1", "let b = ___", "check b == 2"])
        #expect(result.document.cells.map(\.handout) == [nil, "let a = 1", "let b = ___", "check b == 2"])
        #expect(result.document.cells.map(\.id) == ["t", "a", "b", "c"])
        #expect(result.document.cells.allSatisfy { $0.outputs.isEmpty && $0.state == nil && $0.executionCount == nil })
        #expect(result.document.parameters.isEmpty)
        #expect(!NotebookCodec.encode(result.document).contains("solution: 2"))
    }

    @Test func aMistakeIsToldWithItsCell() {
        var document = teachers()
        document.cells[3].source = "1\n2\n# end"
        let error = #expect(throws: HandoutError.self) { try handout.make(from: document) }
        #expect(error?.description == "Cell 3, line 3: `# end` without a `# solution` above it.")
    }
}
