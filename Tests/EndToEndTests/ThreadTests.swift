import Foundation
import Testing

/// With the real weights: what is computed does not depend on the number of threads, nor on the processor's tiles beyond
/// rounding.
@Suite struct ThreadTests {
    private static let questions =
        (1...12).map { "{\"prompt\":\"Say the number \($0).\",\"answer\":\"\($0)\"}" }.joined(separator: "\n") + "\n"

    /// The answers and the losses that a small notebook gives.
    private func compute(_ environment: [String: String]) throws -> (answers: [String], losses: [Double]) {
        let folder = try Folder(["q.jsonl": Self.questions])
        try folder.notebook(
            "lab.distnb",
            [
                """
                let q = load "q.jsonl"
                let s = model "student", system: "Be brief."
                let answers = q | generate (model "base"), max_tokens: 12
                let tuned = q | finetune s, target: .answer, epochs: 2, rank: 4, batch_size: 4
                answers | select .output | save "out/answers.jsonl"
                tuned.losses | select .train | save "out/losses.jsonl"
                """
            ])
        let result = try Binary.run(["run", "lab.distnb"], in: folder.path, environment: environment)
        #expect(result.code == 0, "\(result.errors)\n\(result.output)")
        func rows(_ name: String) -> [[String: Any]] {
            let bytes = FileManager.default.contents(atPath: "\(folder.path)/out/\(name)") ?? Data()
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap {
                (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
            }
        }
        return (
            rows("answers.jsonl").compactMap { $0["output"] as? String },
            rows("losses.jsonl").compactMap { $0["train"] as? Double }
        )
    }

    @Test func answersAndLossesAreTheSameForEveryNumberOfThreads() throws {
        guard Binary.hasWeights else {
            print("SKIPPED: no weights in \(Binary.home)/weights; make weights fetches them")
            return
        }
        let one = try compute(["DISTNB_THREADS": "1"])
        let two = try compute(["DISTNB_THREADS": "2"])
        let again = try compute(["DISTNB_THREADS": "2"])
        let plain = try compute(["DISTNB_THREADS": "2", "DISTNB_PLAIN": "1"])
        #expect(one.answers.count == 12 && one.losses.count == 6)
        #expect(one.answers == two.answers)
        #expect(zip(one.losses, two.losses).allSatisfy { abs($0 - $1) < 1e-5 }, "\(one.losses) \(two.losses)")
        // On one machine and number of threads: to the bit.
        #expect(two.answers == again.answers && two.losses == again.losses)
        #expect(zip(plain.losses, two.losses).allSatisfy { abs($0 - $1) < 1e-3 }, "\(plain.losses) \(two.losses)")
        #expect(plain.answers == two.answers)
    }
}
