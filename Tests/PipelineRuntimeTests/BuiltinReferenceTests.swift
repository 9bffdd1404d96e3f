import OrderedCollections
import PipelineRuntime
import PipelineSyntax
import Tables
import Testing

@testable import Verbs

/// What examples find bound above them, and the files that they name.
private enum Fixtures {
    static let files = [
        "data/questions.jsonl": "{\"prompt\": \"Where is it?\"}\n", "prompts/cora.md": "You are Cora.",
        "graders/openai.json": "{}",
    ]

    /// Named values, made by the language itself from two rows.
    static let program = """
        let questions = {train: (rows | take 2), validation: (rows | skip 2 | take 2), test: (rows | skip 4)}
        let cora = model "teacher"
        let student = model "student"
        let correct = grader .output_json.intent == .intent
        let before = questions.test | generate student | grade correct
        let after = questions.test | generate cora | grade correct
        let a = questions.test | generate student
        let b = questions.test | generate cora
        let lessons = questions.train | generate cora
        let tuned = lessons | finetune student, validation: questions.validation
        let graded = after
        let polite = grader "score_model", model: "teacher", range: [1, 5], input: "Rate: {{sample.output_text}}"
        let better = grader "pairwise", model: "teacher", criteria: "more helpful"
        let gold = before | derive human: .n
        let result = compare [student, cora], on: questions.test, with: correct, latency: 0
        """

    static let rows = DataSet(
        rows: (1...6).map { number in
            [
                "prompt": .string(number % 2 == 0 ? "Please cancel order \(number)" : "Where is order \(number)?"),
                "text": .string("Order \(number), please"), "question": .string("What about order \(number)?"),
                "intent": .string(number % 2 == 0 ? "cancel" : "track"), "n": .integer(number),
                "order": .integer(number),
                "items": ["paint", "brush"],
            ]
        })

    static let customers = DataSet(rows: [["order": 1, "customer": "Ann"], ["order": 2, "customer": "Bo"]])
}

@Suite struct BuiltinReferenceTests {
    private static let bench: LanguageBench = {
        var bench = LanguageBench(
            files: Fixtures.files,
            bindings: [
                "rows": .domain(Fixtures.rows), "more": .domain(Fixtures.rows), "orders": .domain(Fixtures.customers),
            ])
        bench.bindings.merge(bench.run(Fixtures.program).exports) { _, new in new }
        return bench
    }()

    @Test func theFixturesAreMadeWithoutAMistake() {
        var bench = Self.bench
        bench.bindings = bench.bindings.filter { ["rows", "more", "orders"].contains($0.key) }
        #expect(bench.run(Fixtures.program).mistakes.map(\.message) == [])
    }

    @Test(arguments: StandardLanguage.builtins.all.map(\.name)) func everyExampleRuns(_ name: String) throws {
        let builtin = try #require(StandardLanguage.builtins[name])
        // A grader's rule is an expression on rows: as a statement of its own it needs no fixture.
        let outcome = Self.bench.run(builtin.example)
        #expect(outcome.mistakes.map(\.message) == [], "\(builtin.example)")
        if builtin.isFunction, let error = outcome.value?.rowError { Issue.record("\(builtin.example): \(error)") }
    }

    @Test func everyBuiltinSaysWhatItDoesInASentenceAndWhatEachParameterIs() {
        for builtin in StandardLanguage.builtins.all {
            #expect(builtin.summary.hasSuffix("."), "\(builtin.name)")
            for parameter in builtin.parameters {
                #expect(!parameter.summary.isEmpty, "\(builtin.name), \(parameter.name)")
                #expect(!parameter.summary.hasSuffix("."), "\(builtin.name), \(parameter.name): no full stop")
            }
        }
    }

    @Test func noNameStandsTwiceInTheTable() {
        let names = StandardLanguage.builtins.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func aBuiltinsReferenceIsItsRowInWords() throws {
        let split = try #require(StandardLanguage.builtins["split"])
        #expect(
            BuiltinReference.markdown(split) == """
                `rows | split parts, [by: …], [seed: …]`

                Divides rows into named parts at random, the same way for the same seed.

                - `rows` (rows) – the rows
                - `parts` (a record such as {name: value}) – a share for each part: {train: 0.8, test: 0.2}
                - `by:` (an expression on each row or element; may be left out) – keeps the shares of each value alike in all parts: `.intent`
                - `seed:` (a whole number; may be left out) – chooses the parts; 0 unless given

                ```distnb
                rows | split {train: 0.8, test: 0.2}, by: .intent, seed: 7
                ```

                """)
        let derive = try #require(StandardLanguage.builtins["derive"])
        #expect(BuiltinReference.markdown(derive).contains("- `name: expression` – a new column of that name"))
    }

    @Test func theWholeReferenceHasAChapterForEachGroupAndAnEntryForEachBuiltin() {
        let reference = BuiltinReference.markdown(StandardLanguage.builtins)
        for builtin in StandardLanguage.builtins.all { #expect(reference.contains("\n### \(builtin.name)\n")) }
        #expect(reference.hasPrefix("## Data\n"))
        #expect(reference.contains("\n## Aggregates\n"))
    }
}
