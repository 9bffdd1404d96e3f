import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// What the lab's data promise (notebooks/data/README.md).
@Suite struct LabDataTests {
    private struct Row: Decodable {
        let question: String
        let intent: String
        let answer: String
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func rows(_ path: String) throws -> [Row] {
        try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Row.self, from: Data($0.utf8))
        }
    }

    private func lab() throws -> [Row] { try rows("notebooks/data/zava-questions.jsonl") }
    private func gold() throws -> [Row] { try rows("kernels/embedded/recipes/zava-gold.jsonl") }

    @Test func thereAreAThousandRowsAndSixHundredOfTheSameIntents() throws {
        let (lab, gold) = (try lab(), try gold())
        #expect(lab.count == 1_000 && gold.count == 600)
        let intents = Set(lab.map(\.intent))
        #expect((20...27).contains(intents.count))
        #expect(Set(gold.map(\.intent)) == intents)
        for intent in intents {
            #expect((40...50).contains(lab.count { $0.intent == intent }), "\(intent)")
            #expect((24...30).contains(gold.count { $0.intent == intent }), "\(intent)")
        }
        for row in lab + gold {
            #expect(!row.question.isEmpty && row.question.split(separator: " ").count <= 40, "\(row.question)")
            #expect(!row.answer.isEmpty && row.answer.split(separator: " ").count <= 16, "\(row.answer)")
        }
    }

    /// Within and between the files, so that no split can put two that are alike on both of its sides.
    @Test func noTwoQuestionsAreNearlyTheSame() throws {
        let questions = try (lab() + gold()).map(\.question)
        for (kind, limit, shingles) in [
            ("words", 0.6, questions.map(wordShingles)), ("characters", 0.7, questions.map(characterShingles)),
        ] {
            var seen: [String: [Int]] = [:]
            for (index, own) in shingles.enumerated() {
                var shared: [Int: Int] = [:]
                for shingle in own {
                    for other in seen[shingle] ?? [] { shared[other, default: 0] += 1 }
                    seen[shingle, default: []].append(index)
                }
                for (other, count) in shared {
                    let similarity = Double(count) / Double(own.count + shingles[other].count - count)
                    #expect(similarity < limit, "\(kind): \(questions[index]) | \(questions[other])")
                }
            }
        }
    }

    private func words(_ text: String) -> [Substring] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    }

    /// Runs of three words; a shorter question is one shingle.
    private func wordShingles(_ text: String) -> Set<String> {
        let words = words(text)
        return Set((0..<max(1, words.count - 2)).map { words[$0..<min(words.count, $0 + 3)].joined(separator: " ") })
    }

    /// Runs of five characters.
    private func characterShingles(_ text: String) -> Set<String> {
        let text = Array(words(text).joined(separator: " "))
        return Set((0..<max(1, text.count - 4)).map { String(text[$0..<min(text.count, $0 + 5)]) })
    }

    @Test(.needsWeights) func promptAndReplyAreShort() throws {
        let tokenizer = try RealModel.tokenizer
        let template = try ChatTemplate(try RealModel.file, tokenizer: tokenizer)
        // With the student's prompt: the teacher's lists all intents, and is read once for many rows.
        for rows in [try lab(), try gold()] {
            let tokens = try rows.reduce(0) { sum, row in
                sum
                    + (try template.example([
                        ChatMessage(role: "system", content: "You are Cora. Answer as JSON."),
                        ChatMessage(role: "user", content: row.question),
                        ChatMessage(
                            role: "assistant", content: "{\"intent\":\"\(row.intent)\",\"answer\":\"\(row.answer)\"}"),
                    ])).tokens.count
            }
            #expect(Double(tokens) / Double(rows.count) <= 64)
        }
    }
}
