import Foundation
import PipelineSyntax
import Testing

/// Whatever people type, cut and paste: lexer, parser and formatter answer, with places inside the text, and never trap.
///
/// `DISTNB_FUZZ=n` makes n rounds of each instead of one.
@Suite struct SyntaxFuzzTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["DISTNB_FUZZ"].flatMap { Int($0) }.map { max(1, $0) } ?? 1

    @Test(arguments: 0..<4) func everyMutantIsAnswered(_ seed: Int) {
        for round in 0..<Self.rounds {
            var mutations = ProgramMutations(seed: 1_000 * round + seed)
            for _ in 0..<250 { expectAnswer(mutations.next()) }
        }
    }

    @Test(arguments: 0..<2) func noiseIsAnswered(_ seed: Int) {
        for round in 0..<Self.rounds {
            var mutations = ProgramMutations(seed: 1_000 * round + seed)
            for length in 1..<150 { expectAnswer(mutations.noise(length: length)) }
        }
    }

    @Test(arguments: 0..<2) func mutantsOfGeneratedProgramsAreAnswered(_ seed: Int) {
        for round in 0..<Self.rounds {
            var generator = ProgramGenerator(seed: 1_000 * round + seed)
            var mutations = ProgramMutations(seed: round, of: (0..<20).map { _ in generator.program() })
            for _ in 0..<100 { expectAnswer(mutations.next()) }
        }
    }

    /// Every beginning of a program: what a person has typed so far.
    @Test(arguments: SamplePrograms.all + [FormatterSnapshots.all.map(\.source).joined(separator: "\n")])
    func everyBeginningOfAProgramIsAnswered(_ program: String) {
        let bytes = Array(program.utf8)
        for end in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 100)) {
            expectAnswer(SourceText(name: "begun", text: String(decoding: bytes[..<end], as: UTF8.self)))
        }
    }

    private func expectAnswer(_ source: SourceText) {
        let result = Parser.parse(source, words: .init(verbs: ["where", "take"], allowsLeadingPipe: true))
        for mistake in result.diagnostics {
            let span = mistake.place?.span ?? Span(0..<0)
            #expect(span.start >= 0 && span.end <= source.utf8.count, "\(source.text.debugDescription)")
            #expect(!mistake.message.isEmpty)
        }
        #expect(result.diagnostics.count <= 100)
        let isRight = Parser.parse(source, words: .init(allowsLeadingPipe: true)).diagnostics.isEmpty
        let formatted = ProgramFormatter.format(source, allowsLeadingPipe: true)
        #expect((formatted != nil) == isRight, "\(source.text.debugDescription)")
        guard let formatted else { return }
        let again = ProgramFormatter.format(SourceText(name: "again", text: formatted), allowsLeadingPipe: true)
        #expect(again == formatted, "\(source.text.debugDescription)")
    }
}

/// Long and deep texts take time and stack in proportion to their length: a square would not end here.
@Suite struct SyntaxSizeTests {
    #if DEBUG
        private static let length = 5_000
        private static let lines = 2_000
    #else
        private static let length = 100_000
        private static let lines = 50_000
    #endif

    @Test(arguments: [
        "(", "[", "{", "f(", "x[", "\"${", "not ", "-", "if a then ", "a | f ", "(\"${a}\" + ", "((] ", "{a: [",
    ]) func deepNestingIsAnsweredSoon(_ opening: String) {
        let text = String(repeating: opening, count: Self.length / opening.utf8.count)
        let result = Parser.parse(SourceText(name: "deep", text: text))
        #expect(!result.diagnostics.isEmpty || opening == "a | f ")
        #expect(result.diagnostics.count <= 100)
    }

    @Test(arguments: [
        "1, ", "a b ", "a, ", "| take 5 ", "x = ", "let x ", "@ ", "@ a b, ", ") ", "(] ", "\"a\" ", "'it''s' ", "for ",
        "select a ", "for x ", "x => ", "=> ", ".a = 1 | ", "&& ", "? ", "“", "// ", "lambda ", "f(x) { ", "[x for ",
        "..", "x.y(",
    ]) func longLinesAreAnsweredSoon(_ piece: String) {
        let body = String(repeating: piece, count: Self.length / piece.utf8.count)
        for text in [body, "[\(body)]", "f(\(body)", "let x = {\(body)}", "\"${\(body)}\""] {
            let result = Parser.parse(SourceText(name: "long", text: text), words: .init(verbs: ["take", "b"]))
            #expect(result.diagnostics.count <= 100)
        }
    }

    @Test(arguments: [
        "\n", "# comment\n", "a\n", "a\n\n# b\n", "| take 5\n", ";", "a;", "let x = [\n", "\"open\n", "f(\"open\n",
        "def f(x):\n",
        "for x in y:\n  z\n", "let = 1\n", "x = 1\n", "\"\"\"a\"\"\"\n", "\"\"\"\n",
    ]) func manyLinesAreAnsweredSoon(_ line: String) {
        let body = String(repeating: line, count: Self.length / line.utf8.count)
        for text in [body, "a" + body + "| b", "[\(body)"] {
            let source = SourceText(name: "long", text: text)
            #expect(Parser.parse(source).diagnostics.count <= 100)
            _ = ProgramFormatter.format(source)
        }
    }

    @Test func aProgramOfManyLinesIsReadAndFormatted() {
        let line = "let rows = load \"data.csv\" | where .a == 1\n"
        let text = String(repeating: line, count: Self.lines)
        let source = SourceText(name: "long", text: text)
        let result = Parser.parse(source)
        #expect(result.program.statements.count == Self.lines)
        #expect(ProgramFormatter.format(source)?.utf8.count == text.utf8.count - 1)
    }

    @Test func aRecordAndAListOfManyElementsAreReadAndFormatted() {
        let fields = (0..<Self.lines).map { "field\($0): \($0)" }.joined(separator: ",")
        let numbers = (0..<Self.lines).map(String.init).joined(separator: ",")
        for text in ["{\(fields)}", "[\(numbers)]", "f(\(fields))", "x | f \(numbers)"] {
            let formatted = ProgramFormatter.format(SourceText(name: "long", text: text))
            #expect(formatted?.split(separator: "\n").allSatisfy { $0.count <= 100 } == true)
        }
    }
}
