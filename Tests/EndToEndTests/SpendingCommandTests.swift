import Foundation
import Testing

/// `plan`, `run --budget` and `doctor` of the built program.
@Suite struct SpendingCommandTests {
    private static let questions = (1...12).map {
        "{\"prompt\":\"Where is my order number \($0 * 731), please?\",\"intent\":\"\($0 % 2 == 0 ? "a" : "b")\"}\n"
    }.joined()
    private static let cells = [
        "let rows = load \"rows.jsonl\"", "let s = model \"student\"",
        "let done = rows | generate s, max_tokens: 4", "len(done)",
    ]

    private func folder(_ cells: [String] = cells) throws -> Folder {
        let folder = try Folder(["rows.jsonl": Self.questions])
        try folder.notebook("a.distnb", cells)
        return folder
    }

    @Test func aBudgetThatIsNoneIsAUsageMistake() throws {
        let folder = try folder()
        for budget in ["0", "five", "-1"] {
            let result = try Binary.run(["run", "a.distnb", "--budget=\(budget)"], in: folder.path)
            #expect(result.code == 2, "\(result.errors)")
            #expect(result.errors.contains("2_000_000tokens"), "\(result.errors)")
        }
    }

    @Test(.enabled(if: Binary.hasWeights)) func aRunStopsAtItsBudgetAndGoesOnWithMore() throws {
        let folder = try folder()
        let first = try Binary.run(["run", "a.distnb", "--budget", "150tokens"], in: folder.path)
        #expect(first.code == 1, "\(first.output)\(first.errors)")
        #expect(first.errors.contains("E0513"), "\(first.errors)")
        #expect(first.errors.contains("of 150 tokens."), "\(first.errors)")
        #expect(first.errors.contains("Cell 3 failed"), "\(first.errors)")
        let plan = try Binary.run(["plan", "a.distnb"], in: folder.path, environment: ["COLUMNS": "160"]).output
        let left = plan.firstMatch(of: /2 of 4 cells would run: (\d+) request/).flatMap { Int($0.output.1) }
        #expect((1...11).contains(try #require(left, "\(plan)")), "some were answered and are kept")
        let second = try Binary.run(["run", "a.distnb", "--budget", "2000tokens", "--budget", "1h"], in: folder.path)
        #expect(second.code == 0, "\(second.errors)")
        #expect(second.errors.contains("of 2000 tokens"), "\(second.errors)")
    }

    @Test(.enabled(if: Binary.hasWeights)) func planEstimatesCellsThatNeverRan() throws {
        let folder = try folder()
        let plan = try Binary.run(["plan", "a.distnb"], in: folder.path, environment: ["COLUMNS": "160"])
        #expect(plan.code == 0)
        #expect(plan.output.contains("4 of 4 cells would run: 12 requests, at most "), "\(plan.output)")
        #expect(plan.output.contains("The time of cell 3 is not known; --trial measures"), "\(plan.output)")
        let trial = try Binary.run(["plan", "a.distnb", "--trial"], in: folder.path, environment: ["COLUMNS": "160"])
        #expect(trial.output.contains("; about "), "\(trial.output)")
        #expect(!trial.output.contains("The time of"), "\(trial.output)")
    }

    @Test(.enabled(if: Binary.hasWeights)) func doctorFindsTheMachineReady() throws {
        let folder = try Folder()
        let result = try Binary.run(["doctor"], in: folder.path)
        #expect(result.code == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("kernel embedded"))
        #expect(result.output.contains("student: SmolLM2-135M-Instruct.Q4_1.gguf is here"), "\(result.output)")
    }

    @Test func doctorSaysHowToMendWhatIsMissing() throws {
        let folder = try Folder()
        let result = try Binary.run(["doctor"], in: folder.path, environment: ["DISTNB_HOME": folder.path + "/home"])
        #expect(result.code == 1)
        #expect(
            result.output.contains("✗ base: The weights SmolLM2-135M-Instruct.Q4_1.gguf are not in"), "\(result.output)"
        )
        #expect(result.output.contains("Hint: fetch them: distnb models add"), "\(result.output)")
    }

    @Test(.enabled(if: Binary.hasWeights)) func doctorLooksAtTheShippedLab() throws {
        let folder = try Folder()
        let notebooks = "\(folder.path)/notebooks"
        try FileManager.default.copyItem(atPath: "\(Binary.root)/notebooks", toPath: notebooks)
        // Replies that a run of the lab in this checkout left would take the place of made-up ones.
        try? FileManager.default.removeItem(atPath: "\(notebooks)/.distnb")
        let lab = "notebooks/lab-3.3-distillation.distnb"
        _ = try Binary.run(["clear", lab], in: folder.path)
        let before = try folder.read(lab)
        let result = try Binary.run(["doctor", lab, "--no-trial"], in: folder.path)
        #expect(result.code == 0, "\(result.output)\(result.errors)")
        for part in [
            "questions.train (cell 1)", "✓ 600 rows", "questions: parts", "finetune student (cell 6)",
            "text that is trained on: cell 6, finetune student, row 1 of 600", "<|im_start|>system",
            "You are Cora. Answer as JSON.",
            "<|im_start|>assistant\n  │ [[", "not run yet: cells 1, 2, 3, 4, 5, 6, 7, 8.",
        ] { #expect(result.output.contains(part), "\(part) is not in \(result.output)") }
        #expect(try folder.read(lab) == before, "nothing is written")
    }

    private static let noKeys = [
        "OPENAI_API_KEY": "", "DISTNB_API_KEY": "", "AZURE_OPENAI_ENDPOINT": "", "AZURE_OPENAI_API_KEY": "",
        "DISTNB_TEACHER": "", "DISTNB_JUDGE": "",
    ]

    @Test func doctorCallsNoServiceThatNobodyAskedFor() throws {
        let folder = try Folder()
        let output = try Binary.run(["doctor"], in: folder.path, environment: Self.noKeys).output
        #expect(output.contains("not set up: kernel azure: set AZURE_OPENAI_ENDPOINT"), "\(output)")
        #expect(output.contains("https://api.openai.com/v1 was not called: distnb doctor --kernel openai does"))
        #expect(output.contains("Its key comes from the variable OPENAI_API_KEY, which is not set"))
    }

    @Test func doctorSaysWhatAKernelThatIsAskedForLacks() throws {
        let folder = try Folder()
        let keyless = try Binary.run(["doctor", "--kernel", "openai"], in: folder.path, environment: Self.noKeys)
        #expect(keyless.code == 1)
        #expect(keyless.output.contains("the variable OPENAI_API_KEY is not set"), "\(keyless.output)")
        let alone = Self.noKeys.merging(["OPENAI_BASE_URL": "http://127.0.0.1:9/v1"]) { $1 }
        let offline = try Binary.run(["doctor", "--kernel", "compatible"], in: folder.path, environment: alone)
        #expect(offline.code == 1)
        #expect(offline.output.contains("127.0.0.1:9"), "\(offline.output)")
        #expect(offline.output.contains("done on this machine: stored completions, evals, graders, embeddings"))
    }

    @Test func inspectAndPlanSayWhereTheKeyComesFromAndNeverTheKey() throws {
        let folder = try folder()
        let key = "sk-" + String(repeating: "k1", count: 20)
        let environment = Self.noKeys.merging(["OPENAI_API_KEY": key, "COLUMNS": "160"]) { $1 }
        for command in ["inspect", "plan"] {
            let result = try Binary.run(
                [command, "a.distnb", "--kernel", "openai"], in: folder.path, environment: environment)
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.output.contains("https://api.openai.com/v1"), "\(result.output)")
            #expect(result.output.contains("Its key comes from the variable OPENAI_API_KEY, which is set."))
            #expect(!(result.output + result.errors).contains(key))
        }
    }
}
