import Testing

@testable import PipelineSyntax

/// Parses a text that must be right.
private func parse(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> Program {
    let result = Parser.parse(SourceText(name: "cell 1", text: text))
    #expect(result.diagnostics.map(\.message) == [], sourceLocation: sourceLocation)
    return result.program
}

/// The first statement's expression.
private func expression(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> Expression.Kind? {
    guard case .expression(let expression)? = parse(text, sourceLocation: sourceLocation).statements.first else {
        return nil
    }
    return expression.kind
}

private func mistakes(_ text: String) -> [DiagnosticCode] {
    Parser.parse(SourceText(name: "cell 1", text: text)).diagnostics.map(\.code)
}

@Suite struct ParserTests {
    @Test func theSampleParses() {
        #expect(parse(SamplePrograms.sample).statements.count == 10)
    }

    @Test(arguments: SamplePrograms.twelve) func eachOfTheTwelveProgramsParses(_ program: String) {
        #expect(!parse(program).statements.isEmpty)
    }

    @Test func aPipeMakesTheLeftSideTheFirstArgument() {
        guard case .pipeline(let head, let stages)? = expression("rows | take 5 | show") else {
            Issue.record("no pipeline")
            return
        }
        #expect(head.kind == .name("rows"))
        #expect(stages.map(\.name) == ["take", "show"])
        #expect(stages[0].arguments.map(\.value.kind) == [.integer(5)])
    }

    @Test func minusBetweenNamesSubtractsAndMinusBeforeAValueNegates() {
        guard case .binary(.subtract, _, _)? = expression("a - b"), case .binary(.subtract, _, _)? = expression("a -b")
        else {
            Issue.record("a - b is no subtraction")
            return
        }
        guard case .negate? = expression("-b") else {
            Issue.record("-b is no negation")
            return
        }
    }

    @Test func aNameFollowedByAValueHeadsACommand() {
        guard case .call(let call)? = expression("load \"a.csv\", format: \"csv\"") else {
            Issue.record("no call")
            return
        }
        #expect(call.arguments.map { $0.label?.name } == [nil, "format"])
        guard case .call(let bracketed)? = expression("ask [a, b], \"hi\"") else {
            Issue.record("no call with a list")
            return
        }
        #expect(bracketed.arguments.count == 2)
    }

    @Test func aBracketRightAfterANameIndexes() {
        guard case .index? = expression("a[0]") else {
            Issue.record("a[0] is no index")
            return
        }
    }

    @Test func binaryOperatorsBindAsTheGrammarSays() {
        guard case .binary(.or, let left, _)? = expression("1 + 2 * 3 == 7 and not a or b"),
            case .binary(.and, let comparison, let negation) = left.kind, case .not = negation.kind,
            case .binary(.equal, let sum, _) = comparison.kind, case .binary(.add, _, let product) = sum.kind,
            case .binary(.multiply, _, _) = product.kind
        else {
            Issue.record("the tree has another shape")
            return
        }
    }

    @Test(arguments: [
        "let x = 1\n  | text", "let x =\n 1", "f(1,\n 2)", "1 +\n 2", "if a\n then b\n else c", "a\n ?? b",
        "a\n # note\n\n and b",
    ])
    func aLineGoesOnWhereTheRulesSay(_ text: String) {
        #expect(parse(text).statements.count == 1)
    }

    @Test func linesThatDoNotGoOnAreStatementsOfTheirOwn() {
        #expect(parse("let a = 1\nlet b = 2; a\n\n# nothing\n").statements.count == 3)
    }

    @Test func blockTextIsDedented() {
        guard case .text(let parts)? = expression("\"\"\"\n    one\n      two ${a}\n    \"\"\"") else {
            Issue.record("no text")
            return
        }
        guard case .literal(let text, _) = parts[0] else { return }
        #expect(text == "one\n  two ")
    }

    @Test func plainDollarsAndBracesAreText() {
        guard case .text(let parts)? = expression(#""costs $5 {really}""#), case .literal(let text, _) = parts[0] else {
            return
        }
        #expect(text == "costs $5 {really}")
    }

    @Test func rawTextKeepsBackslashes() {
        guard case .text(let parts)? = expression(#"'\s+'"#), case .literal(let text, _) = parts[0] else { return }
        #expect(text == #"\s+"#)
    }

    @Test(arguments: ["a |", "let x =", "f(", "[1, 2", "\"\"\"abc", "a +", "if a then", "rows\n | where ("])
    func textThatMoreLinesMayCompleteIsIncomplete(_ text: String) {
        #expect(Parser.parse(SourceText(name: "input", text: text)).isIncomplete)
    }

    @Test(arguments: ["a = 1", "\"abc", "a b c", "f(]", ")", "x | where .a = 1", "for x in y"])
    func textThatNoLineCanMendIsNotIncomplete(_ text: String) {
        let result = Parser.parse(SourceText(name: "input", text: text), words: .init(verbs: ["where"]))
        #expect(!result.diagnostics.isEmpty)
        #expect(!result.isIncomplete)
    }

    @Test func severalMistakesAreReportedAtOnce() {
        #expect(mistakes("let = 1\nlet b = 2\nc |\n") == [.unexpectedToken, .unexpectedToken])
    }

    @Test(arguments: [
        (".5", DiagnosticCode.badNumber), ("5.", .badNumber), ("1x", .badNumber), ("99999999999999999999", .badNumber),
    ])
    func numbersAreWrittenOneWay(_ text: String, _ code: DiagnosticCode) {
        #expect(mistakes(text) == [code])
    }

    @Test func numbersMayHaveUnderscoresAndExponents() {
        #expect(expression("1_000") == .integer(1_000))
        #expect(expression("5e-4") == .double(5e-4))
        #expect(expression("1..3").map { if case .binary(.range, _, _) = $0 { true } else { false } } == true)
    }

    @Test func deepNestingIsAMistakeNotACrash() {
        for (open, close) in [
            ("(", ")"), ("[", "]"), ("not ", ""), ("-", ""), ("if a then b else ", "c"), ("\"${", "}\""),
        ] {
            let text = String(repeating: open, count: 20_000) + "1" + String(repeating: close, count: 20_000)
            #expect(mistakes(text).contains(.nestedTooDeeply), "\(open)")
        }
        #expect(mistakes(String(repeating: "1+", count: 20_000) + "1") == [.nestedTooDeeply])
        #expect(mistakes("x" + String(repeating: ".a", count: 20_000)) == [.nestedTooDeeply])
    }

    @Test func theReplTakesTheLastValueForALeadingPipe() {
        let result = Parser.parse(SourceText(name: "input", text: "| take 5"), words: .init(allowsLeadingPipe: true))
        #expect(result.diagnostics.isEmpty)
    }
}
