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

    @Test func aModelThatIsNoJudgeIsCountedAsOne() throws {
        guard hasWeights() else { return }
        let folder = try Folder(["q.jsonl": Self.questions])
        try folder.notebook(
            "judge.distnb",
            [
                "let answers = load \"q.jsonl\" | take 4 | generate (model \"student\"), max_tokens: 8",
                "let polite = grader \"score_model\", model: \"base\", range: [1, 5], "
                    + "sampling_params: {max_completions_tokens: 48}, input: \"How polite is this? {{sample.output_text}}\"",
                "let judged = answers | grade polite\njudged | scores",
                // The judge's replies are in the store under the grader's name.
                "let said = completions where: {grader: \"polite\"}\ncheck len(said) >= 1",
            ])
        let result = try Binary.run(["run", "judge.distnb"], in: folder.path)
        #expect(result.code == 0, "\(result.errors)")
        // However bad a judge it is, each row is either judged or counted among those that were not.
        let text = result.output + result.errors
        let line = try #require(text.split(separator: "\n").first { $0.contains(" of 4 judged") }, "\(text)")
        #expect(line.contains(" 4 of 4 judged.") || line.contains(" of 4 judged; "), "\(line)")
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
        #expect(result.output.contains("tuned  6         0  1.000"), "\(result.output)")
        // Nothing comes from a cache of ours: 4 epochs of 3 batches, and a pass for each token of the longest replies.
        #expect(result.errors.contains(" forward passes, 12 optimizer steps;"), "\(result.errors)")
        let passes = result.errors.split(separator: "computed here: ").last?.split(separator: " ").first ?? ""
        #expect((Int(passes.replacingOccurrences(of: ",", with: "")) ?? 0) > 64, "\(result.errors)")
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
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let survived = rows(folder)
        #expect(survived.count >= 3)
        let result = try Binary.run(["run", "a.distnb"], in: folder.path)
        #expect(result.code == 0, "\(result.errors)")
        #expect(count(folder) == 24)
        // What was there is untouched, time of arrival included: nothing was asked for again.
        #expect(rows(folder).prefix(survived.count) == survived[...])
    }

    /// Five kills while it generates, five while it trains: the store and the checkpoint only grow, the last run computes
    /// what is left and no more, and the student is the one of a run that nobody disturbed.
    @Test func aRunKilledAtTenMomentsDoesNothingTwice() throws {
        guard hasWeights() else { return }
        let cells = [
            "let q = load \"q.jsonl\"\nlet m = model \"base\"",
            "let a = q | generate m, max_tokens: 12, samples: 4, temperature: 1\nlen(a)",
            "let t = q | finetune (model \"student\"), target: \"OK ${.prompt}\", epochs: 12, batch_size: 2, rank: 8\nlen(t.losses)",
        ]
        let folder = try Folder(["q.jsonl": Self.questions])
        try folder.notebook("a.distnb", cells)
        for _ in 0..<5 {
            let before = rows(folder)
            let size = storeSize(folder)
            try kill(folder) { storeSize(folder) > size }
            #expect(rows(folder).prefix(before.count) == before[...], "what is there stays untouched")
        }
        for _ in 0..<5 {
            let before = stepsKept(folder)
            try kill(folder) { stepsKept(folder) > before }
            #expect(stepsKept(folder) > before)
        }
        let (answers, steps) = (rows(folder), stepsKept(folder))
        #expect(answers.count == 96)
        let left = 144 - steps
        let result = try Binary.run(["run", "a.distnb"], in: folder.path)
        #expect(result.code == 0, "\(result.errors)")
        #expect(rows(folder) == answers)
        #expect(left == 0 || result.output.contains("finetune went on from its checkpoint, after step \(steps)."))
        let computed = left == 0 ? "1 cell ran;" : "computed here: \(left) optimizer step\(left == 1 ? "" : "s");"
        #expect(result.errors.contains(computed), "\(result.errors)")
        #expect(stepsKept(folder) == 0, "the checkpoint goes once its result is safe")

        let other = try Folder(["q.jsonl": Self.questions])
        try other.notebook("a.distnb", [cells[0], cells[2]])
        #expect(try Binary.run(["run", "a.distnb"], in: other.path).errors.contains("144 optimizer steps"))
        #expect(weights(other) != [] && weights(other) == weights(folder))
    }

    /// Bytes of the store and its journal, which says that something arrived without opening it.
    private func storeSize(_ folder: Folder) -> Int {
        ["", "-wal"].reduce(0) { sum, suffix in
            let path = folder.path + "/.distnb/completions.sqlite" + suffix
            return sum + ((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0)
        }
    }

    /// Kills a run as soon as something holds.
    private func kill(_ folder: Folder, when holds: () -> Bool) throws {
        let process = try Binary.start(["run", "a.distnb"], in: folder.path)
        while process.isRunning, !holds() {}
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Steps in the checkpoint; 0 where there is none.
    private func stepsKept(_ folder: Folder) -> Int {
        let path = folder.path + "/.distnb/checkpoints/a.distnb"
        guard
            let name = try? FileManager.default.contentsOfDirectory(atPath: path).first(where: {
                $0.hasSuffix(".safetensors")
            }),
            let file = FileHandle(forReadingAtPath: "\(path)/\(name)"), let start = try? file.read(upToCount: 8),
            start.count == 8
        else { return 0 }
        let length = start.enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        let header = (try? file.read(upToCount: length)) ?? Data()
        return String(decoding: header, as: UTF8.self).components(separatedBy: "totalSteps").count - 1
    }

    /// The names of large blobs: what training made.
    private func weights(_ folder: Folder) -> [String] {
        let path = folder.path + "/.distnb/blobs"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter {
            (FileManager.default.contents(atPath: "\(path)/\($0)")?.prefix(400)).map {
                String(decoding: $0, as: UTF8.self).contains("lora_A")
            } ?? false
        }
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
