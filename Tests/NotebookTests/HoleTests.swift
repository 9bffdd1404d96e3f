import OrderedCollections
import PipelineSyntax
import Tables
import Testing

@testable import Notebook

@Suite struct HoleTests {
    private static let rows = (1...5).map { "{\"intent\":\"kind \($0)\",\"correct\":\($0 % 2)}\n" }.joined()

    private func run(_ cells: [String]) throws -> (
        scratch: Scratch, listener: Listener, provider: ScriptedProvider
    ) {
        let scratch = try Scratch(cells: cells, files: ["rows.jsonl": Self.rows])
        let listener = Listener()
        let provider = ScriptedProvider { _ in "yes" }
        _ = try scratch.session(provider: provider).run(observer: listener)
        return (scratch, listener, provider)
    }

    @Test func theMessageHasTheColumnsAndThreeRows() throws {
        let (_, listener, _) = try run(["let rows = load \"rows.jsonl\"", "rows | where ___"])
        let mistake = try #require(listener.mistakes.first)
        #expect(mistake.code == .hole)
        #expect(mistake.message.contains("columns: .intent text, .correct a number."))
        #expect(mistake.trace.first == "Three of the rows it works on:")
        let table = mistake.trace.joined(separator: "\n")
        for row in 1...3 { #expect(table.contains("kind \(row)")) }
        #expect(!table.contains("kind 4"))
    }

    @Test func theRowsAreThoseThatTheStepsBeforeGive() throws {
        let (_, listener, _) = try run([
            "let rows = load \"rows.jsonl\"", "rows | where .correct == 0 | derive twice: .correct * 2 | where ___",
        ])
        let mistake = try #require(listener.mistakes.first)
        #expect(mistake.message.contains(".twice"))
        let table = mistake.trace.joined(separator: "\n")
        #expect(table.contains("kind 2"))
        #expect(!table.contains("kind 1"))
    }

    @Test func theCellStaysAsItIsAndFails() throws {
        let (scratch, _, _) = try run(["let rows = load \"rows.jsonl\"", "rows | where ___", "1"])
        let session = try scratch.session()
        #expect(session.statuses().map(\.status) == [.current, .failed, .notRun])
        #expect(session.document.cells[1].outputs.first?[field: "ename"] == "E0209")
    }

    @Test func noModelIsAskedForIt() throws {
        let (_, listener, provider) = try run([
            "let rows = load \"rows.jsonl\" | rename prompt: .intent\nlet m = model \"teacher\"",
            "rows | generate m | where ___",
        ])
        #expect(listener.mistakes.first?.code == .hole)
        #expect(listener.mistakes.first?.trace == [])
        #expect(provider.requests == 0)
    }

    @Test(arguments: [
        "rows | save \"out/a.jsonl\" | where ___", "rows | each (rows | save \"out/a.jsonl\") | where ___",
    ])
    func noFileIsWrittenForIt(_ source: String) throws {
        let (scratch, listener, _) = try run(["let rows = load \"rows.jsonl\"", source])
        #expect(listener.mistakes.contains { $0.code == .hole })
        #expect(scratch.names(in: "out") == [])
    }

    /// A function of a cell above does it, not the cell with the hole.
    @Test func noModelIsAskedThroughAFunction() throws {
        let (scratch, listener, provider) = try run([
            "let rows = load \"rows.jsonl\" | rename prompt: .intent\nlet m = model \"teacher\"",
            "fn answered(x) = x | generate m\nfn kept(x) = x | save \"out/a.jsonl\"",
            "answered(rows) | where ___",
        ])
        #expect(listener.mistakes.contains { $0.code == .hole })
        #expect(provider.requests == 0)
        try scratch.edit { $0.cells[2].source = "kept(rows) | where ___" }
        _ = try scratch.session().run()
        #expect(scratch.names(in: "out") == [])
    }

    @Test func aTypedHoleIsExplainedToo() throws {
        let (scratch, _, _) = try run(["let rows = load \"rows.jsonl\""])
        let listener = Listener()
        #expect(try !scratch.session().runNewCell("rows | where ___", observer: listener))
        #expect(listener.mistakes.first?.trace.first == "Three of the rows it works on:")
    }

    @Test func aHoleWithoutRowsIsToldAlone() throws {
        let (_, listener, _) = try run(["let a = ___"])
        #expect(listener.mistakes.first?.message == "This is a hole; put an expression in its place.")
        #expect(listener.mistakes.first?.trace == [])
    }
}
