import OrderedCollections
import PipelineRuntime
import PipelineSyntax
import Rendering
import Testing

@testable import Verbs

/// What the twelve mistakes' programs find bound above them.
private let names: [String: StaticType] = {
    let questions: Columns = ["prompt": .text, "intent": .text, "answer": .text]
    let graded: Columns = [
        "prompt": .text, "intent": .text, "output": .text, "output_json": .any, "sample": .any, "correct": .number,
    ]
    return [
        "questions": .record(["train": .rows(questions), "validation": .rows(questions), "test": .rows(questions)]),
        "student": .model, "lessons": .rows(graded),
        "quiz": .rows(["answerKey": .text, "id": .text, "question": .any, "prompt": .text]),
        "bank": .rows(["text": .text, "category": .text]),
    ]
}()

/// The rendered mistakes of a program in a cell.
private func mistakes(_ code: String, cell: Int = 1, names: [String: StaticType] = names) -> [String] {
    let source = SourceText(name: "cell \(cell)", text: code)
    let parsed = Parser.parse(source, words: StandardLanguage.builtins.words())
    let checked = Checker.check(parsed.program, names: names, builtins: StandardLanguage.builtins)
    let all = parsed.diagnostics.isEmpty ? checked.diagnostics : parsed.diagnostics
    return all.map { DiagnosticText.render($0) }
}

@Suite struct CheckerTests {
    @Test(arguments: TwelveMistakes.checked) func eachOfTheTwelveMistakesIsToldWordForWord(
        _ mistake: TwelveMistakes.Mistake
    ) {
        let cell = mistake.message.firstMatch(of: /cell (\d+)/).flatMap { Int($0.1) } ?? 1
        #expect(mistakes(mistake.code, cell: cell) == [mistake.message])
    }

    @Test(arguments: [
        "bank | take 5", "bank | group .category, n: count(), length: mean(len(words(.text)))",
        "questions.test | generate student | where .output_json.intent == .intent",
        "fn f(x, n: 2) = x * n\nf(3) + f(3, n: 4)",
        "[1, 2] | each {a: ., b: . * 2} | each .a", "lessons | grade (grader .output == .intent)",
        "let g = grader \"string_check\", input: \"{{sample.output_text}}\", reference: \"{{item.intent}}\"",
        "bank | derive text: trim(.text)", "\"a ${1 + 2} b\"", "bank | sort desc(len(.text)), .category",
        "lessons | finetune student, target: .intent, epochs: 2",
        "lessons | plot x: .intent, y: .correct",
        "plot lessons, x: .prompt, y: [.correct, .output_json], mark: \"bars\"",
        "[{rows: 50, score: 0.4}] | plot x: .rows, y: .score",
        "plot lessons, x: .correct, kind: \"histogram\", bins: 10",
        "plot lessons, x: .intent, y: .output_json.intent, kind: \"confusion\"",
        "lessons | plot x: len(.prompt), y: .correct * 100, label: .intent",
    ]) func rightProgramsHaveNoMistakes(_ code: String) {
        #expect(mistakes(code) == [])
    }

    @Test(arguments: [
        ("bank | take", "E0301"), ("bank | take 5, 6", "E0302"), ("bank | take -1", "E0304"),
        ("bank | take \"5\"", "E0303"),
        ("bank | tkae 5", "E0201"), ("bnak | take 5", "E0202"), ("bank | sample 5, sed: 1", "E0203"),
        ("mean(.x)", "E0206"),
        ("bank | derive category: 1", "E0210"), ("student.nam", "E0211"), ("bank.txt", "E0204"),
        ("bank | group .category, t: .text", "E0206"), ("bank | where .text", "E0303"), ("bank | where ___", "E0209"),
        ("questions.test | finetune student", "E0204"), ("bank | where .text == 5", "E0303"), ("bank(5)", "E0208"),
        ("lessons | plot x: .intent, y: [.correct, .crrect]", "E0204"), ("lessons | plot x: .intent, y: []", "E0303"),
        ("lessons | plot x: .intent, y: [1]", "E0303"), ("lessons | plot x: [.intent], y: .correct", "E0303"),
        ("lessons | plot x: .intent", "E0301"), ("lessons | plot x: .intent, y: .output", "E0303"),
        ("lessons | plot x: .intent, y: .correct, mark: \"pie\"", "E0304"),
        ("lessons | plot x: .intent, y: .correct, kind: \"scater\"", "E0304"),
        ("lessons | plot x: .intent, kind: \"histogram\"", "E0303"),
        ("lessons | plot x: .correct, y: .correct, kind: \"histogram\"", "E0203"),
        ("lessons | plot x: .intent, y: .correct, kind: \"bars\", mark: \"bars\"", "E0203"),
        ("lessons | plot x: .intent, kind: \"confusion\"", "E0301"),
        ("lessons | plot x: .intent, y: .correct, bins: 5", "E0203"),
        ("bank | derive a: 1, a: 2", "E0306"), ("1 + \"a\"", "E0303"), ("compare [student, student]", "E0301"),
    ]) func wrongProgramsAreFoundBeforeTheyRun(_ code: String, _ expected: String) {
        #expect(mistakes(code).first?.prefix(5) == Substring(expected), "\(mistakes(code))")
    }

    @Test func everyBuiltinHasAnExampleThatParses() {
        for builtin in StandardLanguage.builtins.all {
            let parsed = Parser.parse(
                SourceText(name: builtin.name, text: builtin.example), words: .init(allowsLeadingPipe: true))
            #expect(parsed.diagnostics.isEmpty, "\(builtin.name): \(builtin.example)")
            #expect(!builtin.summary.isEmpty && builtin.summary.hasSuffix("."), "\(builtin.name)")
        }
    }

    @Test func everyCodeHasASummaryAndIsUnique() {
        let codes = DiagnosticCode.allCases
        #expect(Set(codes.map(\.rawValue)).count == codes.count)
        for code in codes { #expect(code.summary.hasSuffix("."), "\(code.rawValue)") }
    }
}
