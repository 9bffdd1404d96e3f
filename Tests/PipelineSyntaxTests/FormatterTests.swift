import Foundation
import Testing

@testable import PipelineSyntax

@Suite struct FormatterTests {
    @Test(arguments: SamplePrograms.all) func sampleProgramsKeepTheirMeaningAndComments(_ program: String) {
        expectLawful(program)
    }

    @Test func everyCellOfTheNotebooksThatParsesKeepsItsMeaning() throws {
        let cells = try NotebookSources.cells()
        #expect(cells.count > 10)
        for cell in cells where Parser.parse(SourceText(name: "cell", text: cell)).diagnostics.isEmpty {
            expectLawful(cell)
        }
    }

    @Test(arguments: 0..<12) func generatedProgramsKeepTheirMeaningAndComments(_ seed: Int) {
        var generator = ProgramGenerator(seed: seed)
        for _ in 0..<40 {
            let program = generator.program()
            let mistakes = Parser.parse(SourceText(name: "generated", text: program)).diagnostics
            #expect(mistakes.map(\.message) == [], "the generator writes right programs: \(program)")
            if mistakes.isEmpty { expectLawful(program) }
        }
    }

    @Test(arguments: 0..<8) func spoiltProgramsThatStillParseKeepTheirMeaning(_ seed: Int) {
        var mutations = ProgramMutations(seed: seed)
        var right = 0
        for _ in 0..<300 {
            let source = mutations.next()
            if Parser.parse(source).diagnostics.isEmpty {
                expectLawful(source.text)
                right += 1
            } else {
                #expect(ProgramFormatter.format(source) == nil)
            }
        }
        #expect(right > 20)
    }

    @Test(arguments: ["let = 1", "a b c", "f(", "\"open", "x | where .a = 1", "for x in y"])
    func programsWithMistakesAreLeftAlone(_ program: String) {
        #expect(ProgramFormatter.format(SourceText(name: "cell 1", text: program)) == nil)
    }

    @Test func thereAreThirtySnapshots() { #expect(FormatterSnapshots.all.count > 30) }

    @Test func theReplsLeadingPipeIsFormattedWhereItIsAllowed() {
        let source = SourceText(name: "input", text: "|take(5)|  show()")
        #expect(ProgramFormatter.format(source) == nil)
        #expect(ProgramFormatter.format(source, allowsLeadingPipe: true) == "| take 5 | show")
        let second = SourceText(name: "input", text: "rows ; |take(5)")
        #expect(ProgramFormatter.format(second, allowsLeadingPipe: true) == "rows;\n| take 5")
    }

    @Test func linesAreAtMostAHundredColumnsWideWhereTheyCanBeBroken() {
        for count in 1...60 {
            let names = (0..<count).map { "name\($0)" }
            for program in [
                "let x = f(\(names.joined(separator: ", ")))", "x | verb \(names.joined(separator: ", "))",
                "[\(names.joined(separator: ", "))]", "{\(names.map { "\($0): 1" }.joined(separator: ", "))}",
                names.joined(separator: " + "), "rows | where \(names.joined(separator: " and "))",
                "rows | \(names.joined(separator: " | "))", "fn f(\(names.joined(separator: ", "))) = 1",
            ] {
                let text = ProgramFormatter.format(SourceText(name: "cell 1", text: program)) ?? ""
                #expect(!text.isEmpty)
                for line in text.split(separator: "\n") { #expect(line.count <= ProgramFormatter.width, "\(line)") }
            }
        }
    }
}

/// The formatter's laws, on a program that parses: it answers; twice is once; tree, tokens and comments stay.
func expectLawful(_ program: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let source = SourceText(name: "cell 1", text: program)
    guard let text = ProgramFormatter.format(source) else {
        Issue.record("not formatted: \(program)", sourceLocation: sourceLocation)
        return
    }
    let formatted = SourceText(name: "cell 1", text: text)
    #expect(ProgramFormatter.format(formatted) == text, "\(program)", sourceLocation: sourceLocation)
    let (before, after) = (Parser.parse(source), Parser.parse(formatted))
    #expect(after.diagnostics == [], sourceLocation: sourceLocation)
    #expect(after.program.outline == before.program.outline, sourceLocation: sourceLocation)
    let (old, new) = (Lexer.tokens(of: source), Lexer.tokens(of: formatted))
    #expect(new.canonicalTokens.map(\.kind) == old.canonicalTokens.map(\.kind), sourceLocation: sourceLocation)
    #expect(new.comments(in: formatted) == old.comments(in: source), sourceLocation: sourceLocation)
    let rightLines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if !text.contains("\"\"\"") {
        #expect(
            rightLines.allSatisfy { $0.last != " " }, "blanks at a line's end: \(text)", sourceLocation: sourceLocation)
    }
}

/// The code cells of the repository's notebooks.
enum NotebookSources {
    private struct Document: Decodable {
        let cells: [Cell]
        struct Cell: Decodable {
            let cell_type: String
            let source: Source
        }
        /// A text, or its lines.
        struct Source: Decodable {
            let text: String
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let lines = try? container.decode([String].self) {
                    text = lines.joined()
                } else {
                    text = try container.decode(String.self)
                }
            }
        }
    }

    static func cells() throws -> [String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appendingPathComponent("notebooks").resolvingSymlinksInPath()
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "distnb" }.flatMap { file in
            guard let data = try? Data(contentsOf: file) else { return [String]() }
            return try JSONDecoder().decode(Document.self, from: data).cells.filter { $0.cell_type == "code" }
                .map(\.source.text)
        }
    }
}
