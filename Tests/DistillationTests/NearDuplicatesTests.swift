import Testing

@testable import Distillation

@Suite struct NearDuplicatesTests {
    private static let vocabulary = (0..<600).map { "w\(String($0 &* 7_919, radix: 36))" }

    /// Sentences, of which about half are slight changes of an earlier one.
    private static func texts(_ count: Int, seed: UInt64) -> [String] {
        var random = RandomStream(seed: seed)
        var texts: [[String]] = []
        while texts.count < count {
            if texts.count > 10, random.below(2) == 0 {
                var copy = texts[random.below(texts.count)]
                for _ in 0...random.below(3) { copy[random.below(copy.count)] = vocabulary[random.below(600)] }
                texts.append(copy)
            } else {
                texts.append((0..<(8 + random.below(20))).map { _ in vocabulary[random.below(600)] })
            }
        }
        return texts.map { $0.joined(separator: " ") }
    }

    /// The rows that stay where each text is held against all that stay.
    private static func kept(of texts: [String], similarity: Double) -> [Int] {
        var kept: [(row: Int, shingles: [UInt64])] = []
        for (row, text) in texts.enumerated() {
            let shingles = NearDuplicates.shingles(NearDuplicates.normalised(text))
            if !kept.contains(where: { NearDuplicates.jaccard(shingles, $0.shingles, atLeast: 0) >= similarity }) {
                kept.append((row, shingles))
            }
        }
        return kept.map(\.row)
    }

    @Test(arguments: [0.3, 0.5, 0.7, 0.8, 0.9, 0.95]) func theBandsFindWhatComparingAllPairsFinds(
        _ similarity: Double
    ) {
        for seed in 0..<3 {
            let texts = Self.texts(400, seed: UInt64(seed))
            var seen = NearDuplicates(similarity: similarity)
            let kept = texts.enumerated().filter { seen.add($0.element, number: $0.offset) == nil }.map(\.offset)
            #expect(kept == Self.kept(of: texts, similarity: similarity))
        }
    }

    @Test func whatIsReportedIsSimilarAndEarlier() throws {
        let texts = Self.texts(400, seed: 9)
        var seen = NearDuplicates(similarity: 0.7)
        for (row, text) in texts.enumerated() {
            guard let finding = seen.add(text, number: row) else { continue }
            #expect(finding.original < row && finding.similarity >= 0.7)
            let exact = NearDuplicates.similarity(text, texts[finding.original])
            #expect(exact == finding.similarity)
        }
    }

    @Test func atOneTextsAreEqualButForCaseBlanksAndForm() {
        var seen = NearDuplicates(similarity: 1)
        #expect(seen.add("Where is it?", number: 0) == nil)
        #expect(seen.add("  where\tIS it? ", number: 1) == .init(original: 0, similarity: 1))
        #expect(seen.add("Where is it", number: 2) == nil)
        #expect(seen.add("cafe\u{301}", number: 3) == nil)
        #expect(seen.add("CAFÉ", number: 4)?.original == 3)
    }

    @Test func shortAndEmptyTextsAreComparedToo() {
        var seen = NearDuplicates(similarity: 0.5)
        #expect(seen.add("", number: 0) == nil)
        #expect(seen.add("a", number: 1) == nil)
        #expect(seen.add(" ", number: 2)?.original == 0)
        #expect(seen.add("A", number: 3)?.original == 1)
    }

    @Test(arguments: 1...10) func aPairAtTheThresholdIsMissedOnceInTenThousandAtMost(_ tenths: Int) {
        let similarity = Double(tenths) / 10
        let shape = NearDuplicates.shape(similarity)
        var agreement = 1.0
        for _ in 0..<shape.rows { agreement *= similarity }
        var miss = 1.0
        for _ in 0..<shape.bands { miss *= 1 - agreement }
        #expect(miss <= 1.0001e-4 && shape.rows * shape.bands <= 160)
    }
}
