import Foundation
import Testing

/// The metric `cosine` on the shipped embedding model, against sentence-transformers' figures.
@Suite struct CosineGraderTests {
    /// Texts with the cosines of all pairs, written by Tests/References/embedding_reference.py.
    private struct Reference: Decodable {
        struct Item: Decodable { let text: String }
        let texts: [Item]
        let cosines: [[Double]]
    }

    private func hasEncoder() -> Bool {
        let path = Binary.home + "/weights/all-MiniLM-L6-v2/model.safetensors"
        let isThere = FileManager.default.fileExists(atPath: path)
        if !isThere { print("SKIPPED: no embedding model at \(path); make minilm fetches it") }
        return isThere
    }

    @Test func aTextSimilarityGraderGivesTheReferencesCosines() throws {
        guard hasEncoder() else { return }
        let file = Binary.root + "/Tests/LanguageModelTests/Fixtures/embeddings.json"
        let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        var lines = ""
        var expected: [Double] = []
        for (row, cosines) in reference.cosines.enumerated() {
            for (column, cosine) in cosines.enumerated() where reference.texts[row].text != "" {
                guard reference.texts[column].text != "" else { continue }
                let fields = ["output": reference.texts[row].text, "answer": reference.texts[column].text]
                lines += String(decoding: try JSONEncoder().encode(fields), as: UTF8.self) + "\n"
                expected.append(cosine)
            }
        }
        let folder = try Folder(["pairs.jsonl": lines])
        let program = """
            let near = grader "text_similarity", metric: "cosine", input: "{{sample.output_text}}", reference: "{{item.answer}}"
            load "pairs.jsonl" | grade near | select .near | save "out/near.jsonl"

            """
        let result = try Binary.run([], in: folder.path, input: program)
        #expect(result.code == 0, "\(result.output)\(result.errors)")
        struct Grade: Decodable { let near: Double }
        let grades = try String(contentsOfFile: folder.path + "/out/near.jsonl", encoding: .utf8)
            .split(separator: "\n").map { try JSONDecoder().decode(Grade.self, from: Data($0.utf8)).near }
        #expect(grades.count == expected.count)
        #expect(grades.count > 50)
        let worst = zip(grades, expected).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-4, "\(worst)")
    }
}
