import Foundation
import Testing

/// With the real weights: students of a teacher's probabilities, and of fewer layers.
@Suite struct LearningFromATeacherTests {
    private static let questions =
        (1...12).map { "{\"prompt\":\"Say the number \($0).\",\"answer\":\"\($0)\"}" }.joined(separator: "\n") + "\n"

    @Test func aTeacherIsAskedOnceAndTheStudentLearnsBothWays() throws {
        guard Binary.hasWeights else {
            print("SKIPPED: no weights in \(Binary.home)/weights; make weights fetches them")
            return
        }
        let folder = try Folder(["q.jsonl": Self.questions])
        try folder.notebook(
            "lab.distnb",
            [
                """
                let q = load "q.jsonl"
                let s = model "student", system: "Be brief."
                let cora = model "base", system: "You are Cora."
                """,
                "let soft = q | finetune s, target: .answer, method: \"soft\", teacher: cora, epochs: 2, rank: 4\nsoft.losses",
                "let more = q | finetune s, target: .answer, method: \"soft\", teacher: cora, kd_ratio: 0.9, epochs: 1, rank: 4",
                "let own = q | finetune s, target: .answer, method: \"on_policy\", teacher: cora, lambda: 1, max_new_tokens: 5, epochs: 1, rank: 4",
                "let small = q | take 4 | prune (model \"base\"), to: 12\nsmall.layers | where .kept | len",
                "ask small, \"Hello\", max_tokens: 2",
            ])
        let result = try Binary.run(["run", "lab.distnb"], in: folder.path)
        #expect(result.code == 0, "\(result.errors)\n\(result.output)")
        #expect(result.output.contains("probabilities of cora for 12 rows: "), "\(result.output)")
        #expect(result.output.contains(" kB in .distnb/soft-labels, 12 of them from before."), "\(result.output)")
        #expect(result.output.contains("kl to the teacher"), "\(result.output)")
        #expect(
            result.output.contains("2 of 2 batches had the student's own replies (lambda 1)"), "\(result.output)")
        #expect(result.output.contains("\n12\n"), "\(result.output)")
        #expect(
            try Binary.run(["run", "lab.distnb"], in: folder.path).output
                == "Nothing to run: all 6 cells are current.\n")
    }

    /// What a teacher was trained on goes with its replies, also into the next session and with the packed notebook.
    @Test func lessonsOfAnEarlierSessionAreLearntFrom() throws {
        guard Binary.hasWeights else {
            print("SKIPPED: no weights in \(Binary.home)/weights; make weights fetches them")
            return
        }
        let folder = try Folder(["q.jsonl": Self.questions])
        try folder.notebook(
            "lab.distnb",
            [
                "let lessons = load \"q.jsonl\" | take 4 | generate (model \"teacher\"), max_tokens: 3"
            ])
        #expect(try Binary.run(["run", "lab.distnb"], in: folder.path).code == 0)
        let tuned = "let tuned = lessons | finetune (model \"student\"), epochs: 1, rank: 2"
        _ = try Binary.run(["cell", "add", "lab.distnb", "-s", tuned], in: folder.path)
        let second = try Binary.run(["run", "lab.distnb"], in: folder.path)
        #expect(second.code == 0, "\(second.output)\(second.errors)")
        #expect(second.output.contains("rows seen"), "\(second.output)")

        _ = try Binary.run(["pack", "lab.distnb"], in: folder.path)
        let elsewhere = try Folder(["q.jsonl": Self.questions, "lab.distnb": try folder.read("lab.distnb")])
        _ = try Binary.run(["cell", "add", "lab.distnb", "-s", tuned + ", seed: 2"], in: elsewhere.path)
        let third = try Binary.run(["run", "lab.distnb"], in: elsewhere.path)
        #expect(third.code == 0, "\(third.output)\(third.errors)")
        #expect(third.errors.contains("1 of 3 cells to run."), "\(third.errors)")
    }
}
