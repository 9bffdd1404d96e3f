import Distillation
import Foundation
import OrderedCollections
import PipelineRuntime
import PipelineSyntax
import SeededRandom
import Tables
import Testing
import Verbs

/// Whatever is typed, checking and running answer: with a value or a mistake whose place lies in the text, in bounded
/// time and memory, never with a trap.
///
/// `DISTNB_FUZZ=n` makes n rounds of each instead of one.
@Suite struct ProgramFuzzTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["DISTNB_FUZZ"].flatMap(Int.init).map { max(1, $0) } ?? 1

    /// Programs whose tokens are mixed: the examples of all verbs, and the programs of the tests.
    private static let programs: [String] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Programs")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        let statements = files.flatMap { file in
            ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n")
                .filter { !$0.hasPrefix("#") && !$0.isEmpty }.map(String.init)
        }
        return StandardLanguage.builtins.all.map(\.example) + statements
    }()

    private static let rows: DataSet = {
        let records = (1...9).map { number -> Record in
            var row: Record = ["intent": number % 2 == 0 ? "x" : "y", "items": [.integer(number), "b"]]
            row["prompt"] = .string("order \(number)?")
            row["text"] = .string("a \(number)")
            row["n"] = number % 3 == 0 ? .null : .integer(number)
            row["score"] = .double(Double(number) / 4)
            row["at"] = .string("2026-11-0\(number)")
            row["record"] = ["k": .integer(number)]
            row["odd"] = number == 5 ? .error(RowError("late")) : .bool(number % 2 == 1)
            return row
        }
        return DataSet(rows: records)
    }()

    @Test(arguments: 0..<4) func everyMixtureOfProgramsIsAnswered(_ seed: Int) {
        for round in 0..<Self.rounds {
            var random = SeededRandom(seed: 1_000 * round + seed)
            for _ in 0..<400 { expectAnswer(mixture(&random)) }
        }
    }

    /// A program of which some tokens are exchanged, doubled, left out or taken from others.
    private func mixture(_ random: inout SeededRandom) -> String {
        func pieces() -> [String] {
            let text = Self.programs[random.below(Self.programs.count)]
            let source = SourceText(name: "p", text: text)
            return Lexer.tokens(of: source).tokens.map { source.text(of: $0.span) }.filter { !$0.isEmpty }
        }
        var tokens = pieces()
        for _ in 0...random.below(4) {
            guard !tokens.isEmpty else { break }
            let place = random.below(tokens.count)
            switch random.below(6) {
            case 0: tokens.remove(at: place)
            case 1: tokens.insert(tokens[random.below(tokens.count)], at: place)
            case 2:
                let others = pieces()
                guard !others.isEmpty else { continue }
                let start = random.below(others.count)
                tokens.insert(contentsOf: others[start..<min(others.count, start + 1 + random.below(6))], at: place)
            case 3: tokens.swapAt(place, random.below(tokens.count))
            case 4:
                let odd = [
                    "null", "-1", "9223372036854775807", "1e308", "\"\"", "[]", "{}", ".", "rows", ".n", "___", "0",
                    "model",
                ]
                tokens[place] = odd[random.below(odd.count)]
            default:
                let verbs = StandardLanguage.builtins.all
                tokens.insert(contentsOf: ["|", verbs[random.below(verbs.count)].name], at: place)
            }
        }
        return tokens.joined(separator: " ")
    }

    private func expectAnswer(_ program: String) {
        let started = Date().timeIntervalSince1970
        var bench = LanguageBench(
            files: ["data/questions.jsonl": "{\"prompt\": \"Where is it?\"}\n", "prompts/cora.md": "You are Cora."],
            bindings: ["rows": .domain(Self.rows), "more": .domain(Self.rows), "orders": .domain(Self.rows)])
        bench.now = { Date().timeIntervalSince1970 }
        bench.cancellation = Cancellation { Date().timeIntervalSince1970 > started + 2 }
        let outcome = bench.run(program)
        let length = program.utf8.count
        for mistake in outcome.mistakes {
            guard let place = mistake.place, place.source.text == program else { continue }
            #expect(place.span.start <= place.span.end && place.span.end <= length, "\(program)")
        }
        if let value = outcome.value { _ = LanguageBench.text(value).count }
        // Far more than the two seconds after which it is stopped, on a machine that has much else to do.
        #expect(Date().timeIntervalSince1970 - started < 60, "\(program)")
    }

    @Test(arguments: [
        // Each doubles a text or a list, sixty times over.
        "fn d(x) = x + x\nfn e(x) = d(d(d(d(x))))\nfn f(x) = e(e(e(e(x))))\nf(\"aaaaaaaaaaaaaaaa\") | f | f | f",
        "fn d(x) = \"${x}${x}\"\nfn e(x) = d(d(d(d(x))))\nfn f(x) = e(e(e(e(x))))\nf(\"aaaaaaaaaaaaaaaa\") | f | f | f",
        "fn d(x) = x + x\nfn e(x) = d(d(d(d(x))))\nfn f(x) = e(e(e(e(x))))\nf([1]) | f | f | f",
        "fn d(x) = replace(x, '', x)\nfn e(x) = d(d(d(d(x))))\ne(\"aaaaaaaaaaaaaaaa\") | e | e",
        "fn d(x) = join_text([x, x, x, x])\nfn e(x) = d(d(d(d(x))))\nfn f(x) = e(e(e(e(x))))\nf(\"aaaaaaaaaaaaaaaa\") | f | f",
        "1..2000000 | each (1..2000000)",
        "rows | derive l: .score * 4..3000000 | derive m: .l + .l | derive o: .m + .m",
        "1..9223372036854775807", "repeat(\"a\", 9000000000)",
    ])
    func whatGrowsWithoutBoundIsStopped(_ program: String) {
        var bench = LanguageBench(bindings: ["rows": .domain(Self.rows)])
        bench.now = { Date().timeIntervalSince1970 }
        bench.memoryLimit = MemoryLimit.residentBytes() + 1 << 30
        let before = MemoryLimit.residentBytes()
        let outcome = bench.run(program)
        #expect(!outcome.mistakes.isEmpty || outcome.value?.rowError != nil || outcome.value?.rows != nil, "\(program)")
        // One step may overshoot what is looked at between steps; tests beside this one need memory too.
        #expect(MemoryLimit.residentBytes() - before < 6 << 30)
    }
}
