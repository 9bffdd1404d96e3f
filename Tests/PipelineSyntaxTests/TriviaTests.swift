import Testing

@testable import PipelineSyntax

@Suite struct TriviaTests {
    @Test(arguments: SamplePrograms.all) func tokensAndTriviaCoverEveryByteOfAProgram(_ program: String) {
        expectFullCover(SourceText(name: "cell 1", text: program))
    }

    @Test(arguments: 0..<8) func tokensAndTriviaCoverEveryByteOfASpoiltProgram(_ seed: Int) {
        var mutations = ProgramMutations(seed: seed)
        for _ in 0..<300 { expectFullCover(mutations.next()) }
    }

    @Test(arguments: 0..<4) func tokensAndTriviaCoverEveryByteOfNoise(_ seed: Int) {
        var mutations = ProgramMutations(seed: seed)
        for _ in 0..<300 { expectFullCover(mutations.noise(length: 40 + seed * 100)) }
    }

    @Test(arguments: [
        "", "\n\n", "# only", "\"\"\"\n  a\n  ${b # c\n}\n  \"\"\"", "\"\"\"   \n\"\"\"", "\"\\", "\"a${", "x)", "“a”",
        "\"\\q\" ; ;", "a\r\n# b\r\n\r\n| c",
    ]) func tokensAndTriviaCoverOddTexts(_ text: String) {
        expectFullCover(SourceText(name: "cell 1", text: text))
    }

    @Test func commentsAreKeptWithTheirPlace() {
        let source = SourceText(
            name: "cell 1", text: "# one\nlet a = [1, # two\n  2]\n\n  | take 1 # three \"x\"\n\"# no\"")
        let comments = Lexer.tokens(of: source).trivia.filter { $0.kind == .comment }
        #expect(comments.map { source.text(of: $0.span) } == ["# one", "# two", "# three \"x\""])
    }

    private func expectFullCover(_ source: SourceText) {
        let lexed = Lexer.tokens(of: source)
        var places = lexed.tokens.map(\.span) + lexed.trivia.map(\.span)
        places.sort { ($0.start, $0.end) < ($1.start, $1.end) }
        var covered = 0
        for place in places {
            guard place.start == covered else {
                Issue.record(
                    "bytes \(covered)..<\(place.start) of \(source.text.debugDescription) are in nothing, or twice")
                return
            }
            covered = place.end
        }
        #expect(covered == source.utf8.count, "\(source.text.debugDescription)")
    }
}
