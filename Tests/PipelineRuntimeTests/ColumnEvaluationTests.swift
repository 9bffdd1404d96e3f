import OrderedCollections
import PipelineSyntax
import SeededRandom
import Tables
import Testing
import Verbs

@testable import PipelineRuntime

/// What is computed for whole columns is what is computed row by row: the one is only quicker.
@Suite struct ColumnEvaluationTests {
    private final class NobodyInterrupts: LanguageHost { var isInterrupted: Bool { false } }

    private static let names = Parser.parse(
        SourceText(
            name: "names",
            text: "fn half(v) = v / 2\nfn twice(v, by: 2) = if v is null then 0 else v * by\nlet k = 7")
    ).program

    private static func rows(_ random: inout SeededRandom) -> DataSet {
        func some(_ values: [Value]) -> Column {
            Column((0..<40).map { _ in values.randomElement(using: &random) ?? .null })
        }
        let columns: OrderedDictionary<String, Column> = [
            "i": some([1, 2, -3, 0, 40]), "j": some([5, 0, .null, 7]),
            "huge": some([.integer(.max), 1, .integer(.min)]),
            "f": some([0.5, -1.25, 3.0, 0.0]), "g": some([1e308, .null, 2.5]), "m": some([1, 0.5, 2, .null]),
            "t": some(["a", "b", "é", "", "10", "two words"]), "u": some(["a", .null, "e\u{301}", "Zeta"]),
            "b": some([true, false]), "c": some([true, false, .null]), "n": Column(nulls: 40),
            "x": some([1, "a", true, .null, [1, 2], ["k": 1], .error(RowError("bad"))]),
            "r": some([["k": 1, "w": "q"], ["k": "s"], .null]), "l": some([[1, 2, 3], [], ["a"], .null]),
        ]
        return DataSet(columns: columns, count: 40)
    }

    private static let leaves = [
        ".i", ".j", ".huge", ".f", ".g", ".m", ".t", ".u", ".b", ".c", ".n", ".x", ".r", ".l", ".absent", ".r.k",
        ".l[0]",
        "1", "0", "2.5", "\"a\"", "\"é\"", "true", "null", "[1, \"a\"]", "number(.t)", "k", "half(.f)", "twice(.i)",
    ]

    private static func expression(_ random: inout SeededRandom, _ depth: Int) -> String {
        func next() -> String { expression(&random, depth - 1) }
        guard depth > 0, Int.random(in: 0..<6, using: &random) > 0 else {
            return leaves.randomElement(using: &random) ?? "1"
        }
        switch Int.random(in: 0..<15, using: &random) {
        case 0...3:
            let sign = ["+", "-", "*", "/", "%"].randomElement(using: &random) ?? "+"
            return "(\(next()) \(sign) \(next()))"
        case 4...6:
            let sign = ["==", "!=", "<", "<=", ">", ">="].randomElement(using: &random) ?? "=="
            return "(\(next()) \(sign) \(next()))"
        case 7: return "(\(next()) \(Bool.random(using: &random) ? "and" : "or") \(next()))"
        case 8: return "(not \(next()))"
        case 9: return "(\(next()) ?? \(next()))"
        case 10: return "(if \(next()) then \(next()) else \(next()))"
        case 11:
            return
                "(\(next()) is \(["null", "not null", "error", "text", "number"].randomElement(using: &random) ?? "null"))"
        case 12:
            return
                "(\(next()) in \(["1..3", "[1, \"a\", null]", ".l", "\"abc\"", ".i..(.j)"].randomElement(using: &random) ?? "1..3"))"
        case 13:
            let function = ["len", "upper", "trim", "round", "abs", "words", "half", "twice", "text"].randomElement(
                using: &random)
            return Bool.random(using: &random)
                ? "\(function ?? "len")(\(next()))" : "(\(next()) | \(function ?? "len"))"
        default: return "\"<${\(next())}|${\(next())}>\""
        }
    }

    /// What is the same for every row may be computed once; whose dots are whose decides.
    @Test(arguments: [
        ("count((rows | where .n > 1))", false), ("sum(.items)", true), (".a", true), ("where(.items, . > 1)", true),
        ("rows | where .n > k | each .id", false), ("rows | take .n", true), ("rows | each (.x + 1)", false),
        ("(.items | each .)", true), ("mean(rows.n)", false), ("f(.a)", true), ("f(k)", false), ("[1, .]", true),
        ("rows | split {a: .n}, by: .g", true), ("rows | split {a: 1}, by: .g, seed: .n", true),
        ("rows | derive d: .n | group .g, m: mean(.d)", false), ("rows | sort desc(.n) | take 3", false),
        ("where(rows, .n > 1)", false), ("if k then .a else 1", true),
    ])
    func whetherARowMattersIsToldFromTheText(_ code: String, _ isExpected: Bool) throws {
        let parsed = Parser.parse(SourceText(name: "test", text: "let it = \(code)"))
        guard case .binding(let binding)? = parsed.program.statements.first else {
            throw RowError("no program: \(code)")
        }
        #expect(RowDependence.isFound(in: binding.value, { StandardLanguage.builtins[$0] }) == isExpected, "\(code)")
    }

    @Test(arguments: 0..<24) func columnsAreWhatRowsAre(_ seed: Int) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<120 {
            let rows = Self.rows(&random)
            let code = Self.expression(&random, 4)
            let source = SourceText(name: "test", text: "rows | derive it: \(code)")
            let parsed = Parser.parse(source)
            #expect(parsed.diagnostics.isEmpty, "\(code)")
            let context = EvaluationContext(
                source: source, builtins: StandardLanguage.builtins, host: NobodyInterrupts(), notes: Notes())
            let evaluator = Evaluator(context: context)
            var bindings: Bindings = [:]
            for (name, value) in try evaluator.run(Self.names, bindings: [:]).exports { bindings[name] = value }
            guard case .expression(let pipeline)? = parsed.program.statements.last,
                case .pipeline(_, let stages) = pipeline.kind,
                let expression = stages.first?.arguments.first?.value
            else { throw RowError("the test's program is another") }
            let function = RowFunction(expression, evaluator, Frame(bindings: bindings))
            let byRow: [Value]
            do {
                byRow = try rows.indices.map { try function(rows, $0) }
            } catch {
                #expect(throws: Diagnostic.self, "\(code)") { try function.column(over: rows) }
                continue
            }
            let column = try function.column(over: rows)
            for row in rows.indices {
                let (quick, slow) = (column[row], byRow[row])
                let isSame = quick == slow || (quick.double?.isNaN == true && slow.double?.isNaN == true)
                #expect(isSame && quick.kindName == slow.kindName, "\(code) in row \(row): \(quick), not \(slow)")
                if !isSame { return }
            }
        }
    }
}
