import Foundation
import Tables
import Testing

@testable import Distillation

/// What rapidfuzz, sacrebleu, nltk and rouge-score say (`Tests/References/metrics_reference.py`).
struct MetricFixture {
    struct Case {
        let text: String
        let reference: String
        let scores: [String: Double]
    }

    let cases: [Case]
    let stems: [(word: String, stem: String)]
    let tokens: [(text: String, tokens: [String])]

    init() throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/metrics", withExtension: "json"))
        let fixture = try JSON.parse(String(decoding: Data(contentsOf: url), as: UTF8.self))
        cases = try #require(fixture[field: "cases"].list).map { row in
            let scores = try #require(row[field: "scores"].record)
            return Case(
                text: Self.spread(row[field: "text"]), reference: Self.spread(row[field: "reference"]),
                scores: Dictionary(uniqueKeysWithValues: scores.map { ($0.key, $0.value.double ?? .nan) }))
        }
        stems = try #require(fixture[field: "stems"].record).map { ($0.key, $0.value.text ?? "?") }
        tokens = try #require(fixture[field: "tokens"].list).map { row -> (text: String, tokens: [String]) in
            let tokens: [Value] = row[field: "tokens"].list ?? []
            return (row[field: "text"].text ?? "?", tokens.map { $0.text ?? "?" })
        }
    }

    /// A text, or runs of [part, times].
    private static func spread(_ value: Value) -> String {
        guard let runs = value.list else { return value.text ?? "?" }
        return runs.map { run in
            String(repeating: run.list?.first?.text ?? "?", count: run.list?.last?.integer ?? 0)
        }.joined()
    }
}

@Suite struct TextMetricTests {
    @Test(arguments: TextMetric.allCases) func everyMetricAgreesWithItsReference(metric: TextMetric) throws {
        let fixture = try MetricFixture()
        #expect(fixture.cases.count >= 150)
        for row in fixture.cases {
            let expected = try #require(row.scores[metric.rawValue])
            let score = metric.score(row.text, reference: row.reference)
            #expect(
                abs(score - expected) <= 1e-9,
                "\(metric.rawValue) of \(row.text.prefix(60).debugDescription), \(row.reference.prefix(60).debugDescription)"
            )
        }
    }

    @Test func stemsAreThoseOfNLTK() throws {
        let stems = try MetricFixture().stems
        #expect(stems.count > 500)
        for (word, stem) in stems {
            let found = PorterStemmer.stem(Array(word.unicodeScalars))
            #expect(found == Array(stem.unicodeScalars), "\(word)")
        }
    }

    @Test func tokensAreThoseOfMteval13a() throws {
        let tokens = try MetricFixture().tokens
        #expect(tokens.count > 100)
        for (text, expected) in tokens {
            let found = WordCutting.mteval13a(text)
            #expect(found == expected.map { Array($0.unicodeScalars) }, "\(text.debugDescription)")
        }
    }

    @Test(arguments: TextMetric.allCases) func scoresStayBetweenZeroAndOne(metric: TextMetric) throws {
        for row in try MetricFixture().cases {
            #expect((0...1).contains(metric.score(row.text, reference: row.reference)))
        }
    }

    @Test(arguments: TextMetric.allCases) func aTextIsLikeItselfAsFarAsItHasWords(metric: TextMetric) {
        let text = "The quick brown fox jumps over the lazy dog"
        // METEOR takes a little off for a single run of matches too: 1 − 0.5 · (1 / 9)³.
        let expected = metric == .meteor ? 1 - 0.5 / 729 : 1
        #expect(abs(metric.score(text, reference: text) - expected) < 1e-12)
    }

    @Test func longTextsTakeMemoryThatGrowsWithTheirLength() {
        // A table of 50,000 × 50,000 lengths would be 20 GB.
        let words = (0..<50_000).map { "w\($0 % 20_001)" }
        let text = words.joined(separator: " ")
        let reference = words.reversed().joined(separator: " ")
        let score = TextMetric.rougeL.score(text, reference: reference)
        #expect(score > 0 && score < 0.001)
    }

    @Test func longTextsCanBeStopped() {
        struct Stop: Error {}
        let text = String(repeating: "ab", count: 200_000)
        #expect(throws: Stop.self) {
            try TextMetric.fuzzyMatch.score(text, reference: "x" + text + "y") { throw Stop() }
        }
    }

    @Test func rougeSaysWhereItSeesNoWords() {
        #expect(TextMetric.rougeL.blindness(to: "東京は日本の首都です") != nil)
        #expect(TextMetric.rougeL.blindness(to: "東京 Tokyo") == nil)
        #expect(TextMetric.rougeL.blindness(to: " ") == nil)
        #expect(TextMetric.gleu.blindness(to: "東京は日本の首都です") == nil)
    }
}
