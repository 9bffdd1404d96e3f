import OrderedCollections
import Tables
import Testing
import Verbs

@testable import Notebook

@Suite struct ClassProgressTests {
    private func scratch() throws -> Scratch {
        let scratch = try Scratch(cells: ["let b = 4  # solution: 4", "check b == 4", "let c = 1  # solution: 1"])
        try scratch.edit { $0 = try Handout(builtins: StandardLanguage.builtins).make(from: $0).document }
        return scratch
    }

    private func learner(
        _ name: String, _ edit: (inout NotebookDocument) -> Void, runs: Int = 1
    ) throws -> ClassProgress.Learner {
        let scratch = try scratch()
        try scratch.edit(edit)
        for _ in 0..<runs { _ = try scratch.session().run() }
        let document = try scratch.session().document
        return .init(name: name, progress: LearnerProgress(document, builtins: StandardLanguage.builtins))
    }

    private func group() throws -> ClassProgress {
        ClassProgress(learners: [
            try learner("ann") {
                $0.cells[0].source = "let b = 4"
                $0.cells[2].source = "let c = 2"
            },
            try learner("ben", { $0.cells[0].source = "let b = 5" }, runs: 3),
            try learner("cem") { $0.cells.insert(NotebookCell(id: "x", kind: .code, source: "1"), at: 0) },
            try learner("dan") { $0.cells.remove(at: 1) },
        ])
    }

    @Test func aLearnerARowSaysWhereTheyAreStuck() throws {
        let rows = try group().learnerRows.rows
        #expect(rows.map { $0["learner"] } == ["ann", "ben", "cem", "dan"])
        #expect(rows.map { $0["solved"] } == [3, 0, 0, 0])
        #expect(rows.map { $0["of"] } == [3, 3, 3, 3])
        #expect(rows.map { $0["stuck at cell"] } == [nil as Value, 2, nil as Value, nil as Value])
        #expect(rows[1]["attempts"] == 3)
        #expect(rows[1]["exercise"] == "check b == 4")
    }

    @Test func anExerciseARowCountsThoseWhoHaveIt() throws {
        let rows = try group().exerciseRows.rows
        #expect(rows.map { $0["cell"] } == [1, 2, 3])
        #expect(rows.map { $0["n"] } == [4, 4, 4])
        #expect(rows.map { $0["solved"] } == [1, 1, 1])
        #expect(rows.map { $0["stuck"] } == [1, 2, 0], "a deleted check counts as not solved")
        #expect(rows.map { $0["share"] } == ["0.25", "0.25", "0.25"])
    }

    /// Wilson's interval for 1 of 4, as statsmodels' `proportion_confint(method="wilson")` gives it.
    @Test func sharesHaveAnInterval() throws {
        let rows = try group().exerciseRows.rows
        #expect(rows[0]["95 % interval"] == "0.05 – 0.70")
    }

    @Test func aClassOfNobodyHasNoRows() {
        #expect(ClassProgress(learners: []).learnerRows.count == 0)
        #expect(ClassProgress(learners: []).exerciseRows.count == 0)
    }
}
