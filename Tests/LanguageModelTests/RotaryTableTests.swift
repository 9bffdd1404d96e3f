import Foundation
import Testing

@testable import LanguageModel

@Suite struct RotaryTableTests {
    /// Positions in any order, beyond what the table holds at first.
    @Test func anglesArePositionTimesFrequency() {
        let embedding = RotaryEmbedding(base: 1000, scaling: .linear(factor: 2))
        let table = RotaryTable(embedding, headWidth: 4)
        let frequencies = embedding.frequencies(headWidth: 4)
        for position: Int32 in [3, 5000, 1023, 1024, 100_000, 0] {
            // Two rows of one head each.
            var x: [Float] = [1, 1, 0, 0, 1, 1, 0, 0]
            table.rotate(&x, positions: [7, position], rows: 2, stride: 4, heads: 1)
            for (row, at) in [(0, 7), (1, position)] {
                for i in 0..<2 {
                    let angle = Float(at) * frequencies[i]
                    #expect(x[4 * row + i] == cosf(angle) && x[4 * row + 2 + i] == sinf(angle), "\(position)")
                }
            }
        }
    }
}
