import OrderedCollections
import PipelineRuntime
import PipelineSyntax
import SeededRandom
import Tables
import Testing

@testable import LanguageServer
@testable import Notebook

/// What a change makes the server check again: the count says how fluent typing is, on every machine.
@Suite struct RecheckTests {
    private let surroundings = Surroundings(kernel: { _ in nil }, folder: { _ in .none })

    private func update(
        _ cells: inout CheckedCells, _ sources: [String], kernel: String = "k", files: [String: Columns] = [:]
    ) -> Int {
        let folder = Surroundings.Folder(schemas: FixedFiles(files), paths: { _ in [] })
        cells.update(sources, kernel: kernel, in: surroundings, folder)
        return cells.checkedCount
    }

    private func chain(_ count: Int) -> [String] {
        ["let n0 = 1"] + (1..<count).map { "let n\($0) = n\($0 - 1) * 2" }
    }

    @Test func aChangeChecksOneCellWhereNothingElseDependsOnIt() {
        var cells = CheckedCells()
        var sources = chain(200)
        #expect(update(&cells, sources) == 200)
        #expect(update(&cells, sources) == 0)
        sources[100] = "let n100 = n99 * 3"
        #expect(update(&cells, sources) == 1)
    }

    @Test func aChangedTypeChecksThoseThatReadIt() {
        var cells = CheckedCells()
        var sources = chain(10)
        _ = update(&cells, sources)
        sources[4] = "let n4 = \"text\""
        // Cell 6 reads it and has a mistake; what is known of its name stays.
        #expect(update(&cells, sources) == 2)
        #expect(cells.cells[5].diagnostics.count == 1)
        #expect(cells.cells[6].diagnostics.isEmpty)
    }

    @Test func aMessageThatNamesOtherNamesIsFoundAnew() {
        var cells = CheckedCells()
        _ = update(&cells, ["let lemon = 1", "let other = 1", "lemno"])
        #expect(cells.cells[2].diagnostics.first?.hint == "did you mean `lemon`?")
        _ = update(&cells, ["let melon = 1", "let other = 1", "melno"])
        #expect(cells.cells[2].diagnostics.first?.hint == "did you mean `melon`?")
        _ = update(&cells, ["let milan = 1", "let melno2 = 1", "melno"])
        #expect(cells.cells[2].diagnostics.first?.hint == "did you mean `melno2`?")
    }

    @Test func aChangedFileChecksThoseThatLoadIt() {
        var cells = CheckedCells()
        let sources = ["1", "load \"a.csv\" | where .x == 1", "2"]
        #expect(update(&cells, sources, files: ["a.csv": ["x": .number]]) == 3)
        #expect(update(&cells, sources, files: ["a.csv": ["x": .number]]) == 0)
        #expect(update(&cells, sources, files: ["a.csv": ["y": .number]]) == 1)
        #expect(cells.cells[1].diagnostics.count == 1)
    }

    @Test func anotherKernelChecksAll() {
        var cells = CheckedCells()
        _ = update(&cells, chain(5))
        #expect(update(&cells, chain(5), kernel: "other") == 5)
    }

    /// What is kept must be what checking everything anew would say.
    @Test(arguments: UInt64(0)..<40) func keptResultsAreWhatAFullCheckSays(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = [
            "let a = 1", "let b = a + 1", "let c = \"x\"", "a + b", "fn f(x) = x + a", "f(c)", "let a = \"t\"", "(", "",
            "lod \"a.csv\"", "let r = load \"a.csv\"", "r | where .x == 1", "r | where .z == 1", "param p = b", "___",
        ]
        var cells = CheckedCells()
        var sources = (0..<8).map { _ in random.one(of: pieces) }
        for _ in 0..<25 {
            switch random.below(4) {
            case 0: sources.insert(random.one(of: pieces), at: random.below(sources.count + 1))
            case 1 where sources.count > 1: sources.remove(at: random.below(sources.count))
            default: sources[random.below(sources.count)] = random.one(of: pieces)
            }
            _ = update(&cells, sources, files: ["a.csv": ["x": .number]])
            var fresh = CheckedCells()
            _ = update(&fresh, sources, files: ["a.csv": ["x": .number]])
            #expect(cells.cells.map(\.diagnostics) == fresh.cells.map(\.diagnostics))
            #expect(cells.cells.map(\.result.bound) == fresh.cells.map(\.result.bound))
        }
    }
}
