import OrderedCollections
import PipelineRuntime
import PipelineSyntax
import Tables
import Testing

@testable import Verbs

/// A host without models.
private final class NoHost: LanguageHost {
    let isInterrupted = false
}

/// Runs a program; the value of its last statement, or the code of its mistake.
private func evaluate(_ code: String) -> (value: Value?, mistake: String?, notes: [String]) {
    let source = SourceText(name: "cell 1", text: code)
    let parsed = Parser.parse(source, words: StandardLanguage.builtins.words())
    if let first = parsed.diagnostics.first { return (nil, first.code.rawValue, []) }
    let notes = Notes()
    let context = EvaluationContext(source: source, builtins: StandardLanguage.builtins, host: NoHost(), notes: notes)
    let rows = DataSet(rows: [
        ["a": 1, "b": "x", "c": nil], ["a": 2, "b": "y", "c": 5], ["a": 3, "b": "x", "c": .error(RowError("late"))],
    ])
    do {
        let outcome = try Evaluator(context: context).run(parsed.program, bindings: ["rows": .domain(rows)])
        return (outcome.value, nil, notes.list)
    } catch let diagnostic as Diagnostic {
        return (nil, diagnostic.code.rawValue, notes.list)
    } catch {
        return (nil, "\(error)", notes.list)
    }
}

@Suite struct EvaluationTests {
    /// Programs with what they give, or the code of their mistake, after `# expect:`.
    @Test(arguments: [
        "1 + 2 * 3   # expect: 7", "7 / 2   # expect: 3.5", "7 % 4   # expect: 3", "2 - -1   # expect: 3",
        "9223372036854775807 + 1   # expect: E0307", "1 / 0 is error   # expect: true", "null + 1   # expect: null",
        "null == null   # expect: true", "null != 1   # expect: true", "null < 1   # expect: null",
        "null and false   # expect: false",
        "null or true   # expect: true", "null and true   # expect: null", "not null   # expect: null",
        "null ?? 5   # expect: 5",
        "number(\"x\") ?? 5 is error   # expect: true", "number(\"x\") is error   # expect: true",
        "number(\" 42 \")   # expect: 42",
        "1 == 1.0   # expect: true", "1.5 in 1..2   # expect: true", "2 in [1, 2]   # expect: true",
        "5 not in [1]   # expect: true",
        "\"el\" in \"hello\"   # expect: true", "[1, 2, 3][-1]   # expect: 3", "[1][5]   # expect: null",
        "{a: {b: 2}}.a.b   # expect: 2", "{a: 1}.b   # expect: null", "1..4   # expect: [1, 2, 3, 4]",
        "\"a\" + \"b\"   # expect: \"ab\"",
        "\"x${1 + 1}y\"   # expect: \"x2y\"", "\"x${null}\"   # expect: null",
        "if 1 < 2 then \"a\" else \"b\"   # expect: \"a\"",
        "[1, 2, 3] | each . * 2   # expect: [2, 4, 6]", "fn f(x, n: 2) = x * n\n3 | f   # expect: 6",
        "fn f(x, n: 2) = x * n\nf(3, n: 5)   # expect: 15",
        "let a = 1\nlet a = a + 1\na   # expect: 2", "let n = 1\nfn g(x) = x + n\nlet n = 10\ng(1)   # expect: 2",
        "len((rows | where .a > 1))   # expect: 2", "len((rows | where .c > 1))   # expect: 1",
        "rows.a   # expect: [1, 2, 3]",
        "rows[0].b   # expect: \"x\"", "(rows | sort desc(.a)).a   # expect: [3, 2, 1]",
        "(rows | sort .c).a   # expect: [2, 3, 1]",
        "(rows | group .b, n: count(), s: sum(.a)).s   # expect: [4, 2]", "mean([1, 2, null])   # expect: 1.5",
        "mean([])   # expect: null",
        "count([1, null, 2])   # expect: 2", "(rows | rename z: .a).z   # expect: [1, 2, 3]",
        "keys((rows | drop .c))   # expect: [\"a\", \"b\"]",
        "keys((rows | select .b, .a))   # expect: [\"b\", \"a\"]", "(rows | take 2 | skip 1).a   # expect: [2]",
        "(rows | derive d: .a + 1 | take 1).d   # expect: [2]",
        "len((rows | split {x: 0.5, y: 0.5}).x) + len((rows | split {x: 0.5, y: 0.5}).y)   # expect: 3",
        "replace(\"a  b\", '\\s+', \" \")   # expect: \"a b\"",
        "extract(\"order 10441\", '\\d+')   # expect: \"10441\"",
        "last_number(\"so 1,200 in all\")   # expect: 1200", "words(\" to be \")   # expect: [\"to\", \"be\"]",
        "round(2.345, 1)   # expect: 2.3",
        "json('{\"a\": [1]}').a[0]   # expect: 1", "json(\"nope\") is error   # expect: true",
        "trim(null)   # expect: null",
        "join_text([1, 2], \"-\")   # expect: \"1-2\"", "lower(\"ÄB\")   # expect: \"äb\"",
        "[1, 2] | sum   # expect: 3",
        "(rows | distinct .b).a   # expect: [1, 2]", "\"a\" < \"b\"   # expect: true",
        "-9223372036854775807 - 1   # expect: -9223372036854775808",
        "rows | where .b   # expect: E0303", "rows.zzz   # expect: E0211", "1 + [2]   # expect: E0303",
        "let x = 5\nx(1)   # expect: E0201",
        "rows | derive b: 1   # expect: E0210", "abs(-3)   # expect: 3", "sqrt(-1) is error   # expect: true",
        "floor(2.7)   # expect: 2",
        "(rows | each .a) | max   # expect: 3", "each([1], {v: .})[0].v   # expect: 1",
        "median([3, 1, 2])   # expect: 2.0",
    ]) func programsGiveWhatTheyExpect(_ program: String) throws {
        let parts = program.split(separator: "   # expect: ", maxSplits: 1)
        let (value, mistake, _) = evaluate(String(parts[0]))
        let expected = String(parts[1])
        if expected.hasPrefix("E0") {
            #expect(mistake == expected)
        } else {
            #expect(mistake == nil)
            #expect(value.map { JSON.text($0, .line) } == expected)
        }
    }

    @Test func whereSaysHowManyNullsAndErrorsItLeftOut() {
        let notes = evaluate("rows | where .c > 1").notes
        #expect(
            notes == [
                "where: 1 rows left out because the condition was null.",
                "where: 1 rows left out because the condition was an error: late.",
            ])
    }

    @Test func aRowsFaultIsAnErrorValueAndCounted() {
        let (value, mistake, notes) = evaluate("(rows | derive d: .b + 1).d[0] is error")
        #expect(mistake == nil)
        #expect(value?.bool == true)
        #expect(notes.first?.hasPrefix("derive: .d is an error in 3 of 3 rows") == true)
    }

    @Test func samplingAndSplittingAreTheSameForTheSameSeed() {
        #expect(evaluate("(rows | shuffle seed: 3).a").value == evaluate("(rows | shuffle seed: 3).a").value)
        #expect(evaluate("(rows | sample 2, seed: 3).a").value == evaluate("(rows | sample 2, seed: 3).a").value)
    }

    @Test func endlessNestingOfCallsIsAMistake() {
        let deep = (0..<100).reduce("1") { text, _ in "abs(\(text))" }
        #expect(evaluate(deep).mistake == "E0109")
    }
}

@Suite struct CriticsFindings {
    /// Programs that once went wrong.
    @Test(arguments: [
        ("fn half(v) = v / 2\n(rows | derive h: half(.b)).h[0] is error", "true"),
        ("(rows | derive h: trim(.a)).h[0] is error", "true"),
        ("len(split_text(\"a\\r\\nb\", \"\\n\"))", "2"), ("\"\\n\" in \"a\\r\\nb\"", "true"), ("upper(null)", "null"),
        ("round(1e300, 12)", "1e+300"), ("round(9007199254740993)", "9007199254740993"),
        ("count([true, \"x\", null])", "2"), ("mean([true, false])", "0.5"),
    ]) func nowGiveWhatTheyShould(_ program: String, _ expected: String) {
        let (value, mistake, _) = evaluate(program)
        #expect(mistake == nil)
        #expect(value.map { JSON.text($0, .line) } == expected)
    }

    @Test(arguments: [
        ("-9223372036854775807..9223372036854775807", "E0304"), ("1e400", "E0106"),
        ("rows | group .b, b: count()", "E0210"), ("rows | rename x: .a, y: .a", "E0306"),
        ("sum([\"a\"])", "E0303"),
    ]) func nowAreMistakes(_ program: String, _ code: String) {
        #expect(evaluate(program).mistake == code)
    }
}
