import Distillation
import OrderedCollections
import PipelineSyntax
import Tables
import Testing

@testable import Notebook

/// What is told, or refused, of rows that are too few or too much alike.
@Suite struct HeldOutTests {
    private static func question(_ number: Int) -> String {
        let things = ["hammer", "ladder", "bucket", "garden hose", "kitchen sink", "white paint"]
        return
            "{\"prompt\":\"Where is the \(things[number % 6]) that I ordered under the number \(1_000 + number * 37)?\",\"answer\":\"yes\"}\n"
    }

    private static let train = (0..<40).map(question).joined()
    /// The first two are of the training rows but for their full stop or a digit.
    private static let test =
        "{\"prompt\":\"where is the hammer that I ordered under the number 1000 ?\",\"answer\":\"yes\"}\n"
        + "{\"prompt\":\"Where is the ladder that I ordered under the number 1037\",\"answer\":\"yes\"}\n"
        + (0..<40).map {
            "{\"prompt\":\"Tell me \($0 * 7) things about tiles and \($0 * 13) about doors\",\"answer\":\"yes\"}\n"
        }.joined()
    private static let start = [
        "let train = load \"train.jsonl\"\nlet test = load \"test.jsonl\"\nlet s = model \"student\"\nlet t = model \"teacher\"",
        "let right = grader .output == .answer\nlet lessons = train | generate t\nlet held = test | generate t",
    ]

    private func log(_ cell: String, leastTrainingRows: Int? = nil) throws -> Listener {
        let scratch = try Scratch(
            cells: Self.start + [cell], files: ["train.jsonl": Self.train, "test.jsonl": Self.test])
        let listener = Listener()
        _ = try scratch.session(leastTrainingRows: leastTrainingRows).run(observer: listener)
        return listener
    }

    @Test func validationRowsThatAreNearlyTrainedOnAreTold() throws {
        let listener = try log("let tuned = lessons | finetune s, validation: held")
        let told = listener.log.filter { $0.contains("nearly the same") }
        #expect(listener.messages == [])
        #expect(told.count == 1, "\(listener.log)")
        #expect(
            told.first?.hasPrefix("finetune: 2 of 42 validation rows are nearly the same as rows that are trained on: ")
                == true)
        #expect(told.first?.contains("`dedupe .prompt, similarity: 0.9` before the split") == true)
    }

    @Test func testRowsThatAreNearlyTrainedOnAreTold() throws {
        let listener = try log(
            "let tuned = lessons | finetune s\ncompare [s, tuned], on: test, with: right, latency: 0")
        #expect(listener.messages == [])
        #expect(
            listener.log.contains {
                $0.hasPrefix("compare: 2 of 42 rows are nearly the same as rows that `tuned` was trained on: ")
            }, "\(listener.log)")
    }

    @Test func theSimilarityIsTheUsersAndSoIsSilence() throws {
        let silent = try log("let tuned = lessons | finetune s, validation: held, leaks: \"ignore\"")
        #expect(silent.messages == [] && !silent.log.contains { $0.contains("nearly") })
        let strict = try log("let tuned = lessons | finetune s, validation: held, leaks: 1")
        #expect(!strict.log.contains { $0.contains("nearly") })
        let loose = try log("let tuned = lessons | finetune s, validation: held, leaks: 0.5")
        #expect(loose.log.contains { $0.contains("2 of 42 validation rows") })
        #expect(
            try log("let tuned = lessons | finetune s, validation: held, leaks: 2").mistakes.map(\.code) == [
                .outOfRange
            ]
        )
    }

    @Test func fewRowsAreTold() throws {
        let few = try log(
            "let tuned = lessons | take 9 | finetune s\ncompare [s, tuned], on: (test | skip 2 | take 12), with: right, latency: 0"
        )
        #expect(few.messages == [])
        #expect(few.log.contains { $0.hasPrefix("finetune: 9 rows teach little. OpenAI takes files of 10 and more") })
        #expect(
            few.log.contains {
                $0.hasPrefix("compare: 12 rows tell little: the 95 % interval of a share is up to ±25 points wide.")
            }, "\(few.log)")
        let enough = try log(
            "let tuned = lessons | finetune s\ncompare [s, tuned], on: (test | skip 2), with: right, latency: 0")
        #expect(!enough.log.contains { $0.contains("little") }, "\(enough.log)")
    }

    @Test func aKernelsLeastNumberOfRowsIsDemanded() throws {
        let refused = try log("let tuned = lessons | take 9 | finetune s", leastTrainingRows: 10)
        #expect(refused.mistakes.map(\.code) == [.tooFewRows])
        #expect(
            refused.mistakes.first?.message
                == "Expected at least 10 rows to learn from, as the kernel scripted demands; there are 9.")
        let taken = try log("let tuned = lessons | take 10 | finetune s", leastTrainingRows: 10)
        #expect(taken.messages == [])
    }
}
