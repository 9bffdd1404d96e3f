import Testing

@testable import Notebook

@Suite struct OutputComparisonTests {
    private let comparison = OutputComparison(tolerance: 0.01)

    @Test(arguments: [
        ("score 0.500", "score 0.504"), ("1000.0", "1009.0"), ("1,000.0 rows", "1,005.0 rows"), ("$2.00", "$2.01"),
        ("81.2%", "81.3%"), ("(0.681 to 0.72)", "(0.682 to 0.719)"), ("loss=0.41,", "loss=0.4099,"), ("-0.5", "-0.501"),
        ("1e-5", "1.005e-5"),
    ]) func numbersWithinTheToleranceAreTheSame(_ one: String, _ other: String) {
        #expect(comparison.areEqual(one, other))
        #expect(comparison.areEqual(other, one))
    }

    @Test(arguments: [
        ("score 0.500", "score 0.520"), ("1000", "1020"), ("1,000 rows", "1,200 rows"), ("$2.00", "$2.10"),
        ("(0.681 to 0.72)", "(0.681 to 0.79)"), ("loss=0.41,", "loss=0.51,"), ("-0.5", "0.5"), ("v1", "v2"),
        ("1000", "1001"), ("order 10441000001", "order 10441000002"), ("1e-7", "9e-7"),
    ]) func numbersFurtherApartAreNot(_ one: String, _ other: String) {
        #expect(!comparison.areEqual(one, other))
        #expect(!comparison.areEqual(other, one))
    }

    @Test(arguments: [
        ("done in 1.2 s", "done in 9.9 s"), ("took 12 s", "took 1:07 min"), ("2:03 h", "4 ms"),
        ("6 rows, 0.4 s, fine", "6 rows, 35 s, fine"), ("(3 s)", "(4 s)"),
        ("524 steps at 450 tokens/s; fine", "524 steps at 417 tokens/s; fine"),
        ("tuned  98 MB  ≈$0.012  812 tok/s", "tuned  98 MB  ≈$0.0131  790 tok/s"), ("≈4,213 calls", "≈987 calls"),
        ("It pays for itself after about 4,200 calls.", "It pays for itself after about 980 calls."),
    ]) func timesAreIgnored(_ one: String, _ other: String) {
        #expect(comparison.areEqual(one, other))
    }

    @Test func timesCountWhereNoModelSaysThem() {
        let strict = OutputComparison(tolerance: 0.01, ignoresTimes: false)
        #expect(!strict.areEqual("the delivery took 3.2 s", "the delivery took 99.9 s"))
        #expect(strict.areEqual("the delivery took 3.2 s", "the  delivery took 3.2 s"))
    }

    @Test func howManyTimesThereAreIsNot() {
        #expect(!comparison.areEqual("1 s 2 s", "1 s"))
    }

    @Test(arguments: [
        ("a ███▓ 5", "a ██ 5"), ("▕████    ▏ x", "▕█ ▏ x"), ("├──┤", "──"), ("⣿⡇ y", "⣿ y"), ("a\n\n───\nb", "a\nb"),
        ("a   b", "a b"), ("a\n\nb\n", "a\nb"),
    ]) func barsRulesAndBlanksAreIgnored(_ one: String, _ other: String) {
        #expect(comparison.areEqual(one, other))
    }

    @Test(arguments: [
        ("yes", "no"), ("a b", "a"), ("a\nb", "a b"), ("a", ""), ("Grüße", "Grusse"), ("5 s", "5 cats"),
        ("1.2", "1.2 x"), ("≈4,213 calls", "never"), ("about 140 more rows", "about 150 more rows"),
    ]) func wordsAndLinesAreNot(_ one: String, _ other: String) {
        #expect(!comparison.areEqual(one, other))
    }

    @Test func withoutToleranceNumbersMustBeTheSame() {
        let exact = OutputComparison(tolerance: 0)
        #expect(exact.areEqual("0.50", "0.5"))
        #expect(!exact.areEqual("0.5", "0.5000001"))
    }

    @Test(arguments: UInt64(0)..<20) func everyTextEqualsItself(_ seed: UInt64) {
        for text in HostileTexts(seed: seed).prefix(30) { #expect(comparison.areEqual(text, text)) }
    }
}
