import Distillation
import Testing

@testable import LanguageModel

/// A batch is cut into passes that bound the memory.
@Suite struct PackedRowsTests {
    /// A row whose last token is trained on, of tokens that no other row begins with.
    private func row(_ index: Int, count: Int) -> TrainingExample {
        TrainingExample(
            tokens: (0..<count).map { Int32(1_000 * index + $0) }, trained: (0..<count).map { $0 == count - 1 })
    }

    @Test(arguments: 0..<200) func partsKeepTheRowsAndTheLimit(_ seed: Int) {
        var random = RandomStream(seed: UInt64(seed))
        let lengths = (0..<Int.random(in: 1...40, using: &random)).map { _ in Int.random(in: 2...90, using: &random) }
        let rows = lengths.enumerated().map { row($0 + 1, count: $1) }
        let limit = Int.random(in: 20...400, using: &random)
        let parts = PackedRows.parts(rows, tokens: limit)
        #expect(parts.flatMap { $0.targets.map(\.token) } == rows.map { $0.tokens[$0.tokens.count - 1] })
        #expect(parts.allSatisfy { $0.tokens.count <= limit || $0.segments.count == 1 })
    }

    @Test func partsAreAboutEqual() {
        // 33 × 39 tokens do not fit; two passes of about half are better than a full one and a rest.
        let parts = PackedRows.parts((0..<33).map { row($0, count: 40) }, tokens: 1_200)
        #expect(parts.map(\.segments.count) == [17, 16])
    }
}
