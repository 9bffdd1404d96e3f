import Foundation
import Testing

/// With the real weights: generation, training, and a process that is killed.
@Suite(.serialized) struct RealModelTests {
    private static let questions =
        (1...24).map { "{\"prompt\":\"Say the number \($0).\",\"answer\":\"\($0)\"}" }.joined(separator: "\n") + "\n"

    private func hasWeights() -> Bool {
        if !Binary.hasWeights { print("SKIPPED: no weights in \(Binary.home)/weights; make weights fetches them") }
        return Binary.hasWeights
    }

    @Test func theModelAnswers() throws {
        guard hasWeights() else { return }
        let folder = try Folder()
        let result = try Binary.run(
            [], in: folder.path, input: "ask (model \"base\"), \"What is the capital of France?\"\n")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("The capital of France is Paris."))
    }

    @Test func aStudentLearnsAndIsComparedAndTheSecondRunDoesNothing() throws {
        guard hasWeights() else { return }
        let folder = try Folder(["q.jsonl": Self.questions])
        try folder.notebook(
            "lab.distnb",
            [
                "let q = load \"q.jsonl\" | split {train: 0.75, test: 0.25}, seed: 1",
                "let s = model \"student\", system: \"Be brief.\"",
                "let tuned = q.train | finetune s, target: \"OK\", epochs: 4, learning_rate: 2e-3",
                "let ok = grader .output == \"OK\"",
                "compare [s, tuned], on: q.test, with: ok",
            ])
        let result = try Binary.run(["run", "lab.distnb"], in: folder.path)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("tuned  ok      6         0  1.000"), "\(result.output)")
        #expect(
            try Binary.run(["run", "lab.distnb"], in: folder.path).output
                == "Nothing to run: all 5 cells are current.\n")
    }

    @Test func aKilledRunGoesOnWhereItWas() throws {
        guard hasWeights() else { return }
        let folder = try Folder(["q.jsonl": Self.questions])
        try folder.notebook(
            "a.distnb", ["let q = load \"q.jsonl\"", "let a = q | generate (model \"base\"), max_tokens: 24\nlen(a)"])
        let process = try Binary.start(["run", "a.distnb"], in: folder.path)
        while process.isRunning, count(folder) < 3 {}
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let survived = rows(folder)
        #expect(survived.count >= 3)
        let result = try Binary.run(["run", "a.distnb"], in: folder.path)
        #expect(result.code == 0, "\(result.errors)")
        #expect(count(folder) == 24)
        // What was there is untouched, time of arrival included: nothing was asked for again.
        #expect(rows(folder).prefix(survived.count) == survived[...])
    }

    private func count(_ folder: Folder) -> Int { rows(folder).count }

    private func rows(_ folder: Folder) -> [String] {
        let store = folder.path + "/.distnb/completions.sqlite"
        guard FileManager.default.fileExists(atPath: store) else { return [] }
        let script =
            "import sqlite3,sys\nfor r in sqlite3.connect('file:\(store)?mode=ro',uri=True).execute('select key,created_at from completions order by rowid'): print(r)"
        return system(["python3", "-c", script])?.output.split(separator: "\n").map(String.init) ?? []
    }
}
