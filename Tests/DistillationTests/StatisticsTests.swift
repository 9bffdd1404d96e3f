import Foundation
import Tables
import Testing

@testable import Distillation

/// What scipy and statsmodels say (`Tests/References/statistics_reference.py`).
struct StatisticsFixture {
    let all: Value

    init() throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/statistics", withExtension: "json"))
        all = try JSON.parse(String(decoding: Data(contentsOf: url), as: UTF8.self))
    }

    /// A list of lists of numbers.
    func rows(_ name: String) throws -> [[Double]] { try Self.rows(all[field: name]) }

    static func rows(_ value: Value) throws -> [[Double]] { try #require(value.list).map(numbers) }

    static func numbers(_ value: Value) throws -> [Double] { try #require(value.list).map { try #require($0.double) } }
}

@Suite struct StatisticsTests {
    @Test func wilsonsIntervalIsThatOfStatsmodels() throws {
        for row in try StatisticsFixture().rows("wilson") {
            let interval = try #require(Wilson.interval(successes: Int(row[0]), n: Int(row[1])))
            #expect(abs(interval.low - row[2]) < 1e-12 && abs(interval.high - row[3]) < 1e-12, "\(row)")
        }
    }

    @Test func mcNemarsTestIsThatOfStatsmodels() throws {
        for row in try StatisticsFixture().rows("mcnemar") {
            let p = McNemar.p(wins: Int(row[0]), losses: Int(row[1]))
            #expect(abs(p - row[2]) <= 1e-9 * row[2], "\(row) \(p)")
            #expect(p == McNemar.p(wins: Int(row[1]), losses: Int(row[0])))
        }
    }

    @Test func holmsCorrectionIsThatOfStatsmodels() throws {
        for row in try #require(StatisticsFixture().all[field: "holm"].list) {
            let found = Holm.adjusted(try StatisticsFixture.numbers(row[field: "p"]))
            let expected = try StatisticsFixture.numbers(row[field: "adjusted"])
            #expect(zip(found, expected).allSatisfy { abs(($0 ?? .nan) - $1) < 1e-12 }, "\(found)")
        }
    }

    @Test func aTestThatCouldNotBeMadeIsNotCorrectedFor() {
        #expect(Holm.adjusted([0.04, nil, 0.01, .nan]) == [0.04, nil, 0.02, nil])
        #expect(Holm.adjusted([]) == [])
    }

    /// The reference searches the likelihood by numbers, to about ten digits.
    @Test func tangosIntervalIsThatOfTheLikelihood() throws {
        for row in try StatisticsFixture().rows("tango") {
            let (wins, losses, n) = (Int(row[0]), Int(row[1]), Int(row[2]))
            let interval = try #require(Tango.interval(wins: wins, losses: losses, n: n))
            #expect(abs(interval.low - row[3]) < 1e-6 && abs(interval.high - row[4]) < 1e-6, "\(row) \(interval)")
            let p = Tango.p(wins: wins, losses: losses, n: n, differenceUpTo: -0.05)
            #expect(abs(p - row[5]) < 1e-6, "\(row) \(p)")
        }
    }

    @Test func quantilesAreThoseOfScipy() throws {
        let fixture = try StatisticsFixture().all[field: "normal"]
        for row in try StatisticsFixture.rows(fixture[field: "cumulative"]) {
            #expect(abs(NormalDistribution.cumulative(row[0]) - row[1]) <= 1e-12 * row[1], "\(row)")
        }
        for row in try StatisticsFixture.rows(fixture[field: "quantile"]) {
            #expect(abs((NormalDistribution.quantile(row[0]) ?? .nan) - row[1]) < 1e-9, "\(row)")
        }
        for row in try StatisticsFixture.rows(fixture[field: "student"]) {
            #expect(abs(StudentsDistribution.twoSided95(degrees: Int(row[0])) - row[1]) < 2e-4, "\(row)")
        }
        #expect(NormalDistribution.quantile(0) == -.infinity && NormalDistribution.quantile(1) == .infinity)
        #expect(NormalDistribution.quantile(1.5) == nil && NormalDistribution.quantile(.nan) == nil)
    }

    /// The reference draws 200,000 resamples and this 2,000: the end of an interval lies within a tenth of the standard
    /// error, three times what the draw itself makes of it.
    @Test func theBootstrapIsThatOfScipy() throws {
        for row in try #require(StatisticsFixture().all[field: "bootstrap"].list) {
            let sample = try StatisticsFixture.numbers(row[field: "sample"])
            let interval = try #require(Bootstrap.interval(ofMean: sample))
            let error = try #require(row[field: "error"].double)
            let (low, high) = (try #require(row[field: "low"].double), try #require(row[field: "high"].double))
            #expect(abs(interval.low - low) < 0.2 * error && abs(interval.high - high) < 0.2 * error, "\(interval)")
            #expect(interval == Bootstrap.interval(ofMean: sample))
        }
    }

    @Test func aFewSignsAreAllTriedAsScipyDoes() throws {
        for row in try #require(StatisticsFixture().all[field: "permutation"].list) {
            let p = SignFlips.p(try StatisticsFixture.numbers(row[field: "differences"]))
            #expect(abs(p - (row[field: "p"].double ?? .nan)) < 1e-12)
        }
    }

    /// Of many signs a sample is tried; normal theory says nearly the same.
    @Test func manySignsAreSampled() {
        let differences = (0..<200).map { Double($0 % 7) - 2.6 }
        let spread = differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let expected = 2 * NormalDistribution.cumulative(-abs(differences.reduce(0, +)) / spread)
        #expect(abs(SignFlips.p(differences) - expected) < 0.006, "\(expected)")
        #expect(SignFlips.p(differences) == SignFlips.p(differences.map { -$0 } + [0, 0]))
    }

    @Test func theRowsAskedForGiveThePowerPromised() throws {
        for row in try StatisticsFixture().rows("power") {
            let rows = RowsNeeded.toSee(wins: Int(row[0]), losses: Int(row[1]), n: Int(row[2]))
            #expect(rows == Int(row[3]), "\(row)")
            #expect(row[4] >= 0.8 && row[4] < 0.87)
        }
    }

    @Test func moreTestsAndSmallerDifferencesNeedMoreRows() throws {
        let one = try #require(RowsNeeded.toSee(wins: 20, losses: 10, n: 100))
        let three = try #require(RowsNeeded.toSee(wins: 20, losses: 10, n: 100, tests: 3))
        let smaller = try #require(RowsNeeded.toSee(wins: 16, losses: 14, n: 100))
        #expect(one < three && three < smaller)
        #expect(RowsNeeded.toSee(wins: 5, losses: 5, n: 100) == nil)
        #expect(RowsNeeded.toSee(difference: 1e-9, spread: 1) == nil)
    }

    @Test func extremeInputsHaveAnAnswer() throws {
        #expect(Wilson.interval(successes: 0, n: 0) == nil)
        #expect(Wilson.interval(successes: 9, n: 3) == Wilson.interval(successes: 3, n: 3))
        #expect(McNemar.p(wins: .max, losses: .max) == 1 && McNemar.p(wins: 0, losses: 0) == 1)
        #expect(McNemar.p(wins: .max / 2, losses: 3) == 0 && McNemar.p(wins: -4, losses: 0) == 1)
        #expect(
            Tango.interval(wins: .max, losses: .max, n: 3) == nil && Tango.interval(wins: 0, losses: 0, n: 0) == nil)
        for (wins, losses, n) in [(0, 0, 1), (1, 0, 1), (0, 1, 1), (7, 0, 7), (0, 7, 7), (0, 0, 1_000_000)] {
            let interval = try #require(Tango.interval(wins: wins, losses: losses, n: n))
            let found = Double(wins - losses) / Double(n)
            #expect(interval.low <= found && found <= interval.high && interval.low >= -1 && interval.high <= 1)
            #expect(interval.low < interval.high)
        }
        for numbers in [[], [1], [2, 2, 2], [.nan, 1], [1e308, 1e308, -1e308]] as [[Double]] {
            #expect(Bootstrap.interval(ofMean: numbers) == nil)
        }
        #expect(SignFlips.p([]) == 1 && SignFlips.p([.nan, .infinity]) == 1 && SignFlips.p([3]) == 1)
        #expect(RowsNeeded.toSee(wins: 0, losses: 0, n: 0) == nil)
        #expect(RowsNeeded.toSee(difference: .nan, spread: 1) == nil)
        #expect(RowsNeeded.toSee(difference: 1, spread: .infinity) == nil)
    }
}

@Suite struct PairedDifferenceTests {
    private func grades(_ list: [Double]) -> [Value] { list.map { .double($0) } }

    @Test func rowsAreComparedWithThemselves() throws {
        let error = Value.error(RowError("timeout"))
        let difference = PairedDifference(of: [1, 1, 0, 1, error, 1], to: [0, true, 1, 0, 1, .null])
        #expect(difference.n == 4 && difference.unpaired == 2)
        #expect(difference.wins == 2 && difference.ties == 1 && difference.losses == 1)
        #expect(difference.mean == 0.25 && difference.test == .mcNemar)
        #expect(difference.p == McNemar.p(wins: 2, losses: 1))
        #expect(difference.interval == Tango.interval(wins: 2, losses: 1, n: 4))
    }

    @Test func scoresOtherThanZeroAndOneAreResampled() throws {
        let a = grades((0..<40).map { Double($0 % 5) + 0.4 })
        let b = grades((0..<40).map { Double($0 % 5) + ($0 % 3 == 0 ? 0.9 : 0) })
        let difference = PairedDifference(of: a, to: b, margin: 0.5)
        #expect(difference.test == .signFlips)
        let interval = try #require(difference.interval)
        #expect(interval.low < (difference.mean ?? 9) && interval.high > (difference.mean ?? -9))
        let worse = try #require(difference.pWorse(byMargin: 0.5))
        #expect(worse < 0.025 && interval.low > -0.5)
    }

    /// The one-sided test and the end of the interval are two sides of one thing.
    @Test(arguments: [0.02, 0.05, 0.08, 0.12])
    func asGoodWithinAMarginMeansThatTheIntervalEndsAboveIt(margin: Double) throws {
        for losses in 0..<30 {
            let a = Array(repeating: 0.0, count: losses) + Array(repeating: 1, count: 200 - losses)
            let b = Array(repeating: 1.0, count: 195) + Array(repeating: 0, count: 5)
            let difference = PairedDifference(of: grades(a), to: grades(b), margin: margin)
            let interval = try #require(difference.interval)
            #expect((try #require(difference.pWorse(byMargin: margin)) < 0.025) == (interval.low > -margin))
            // The same grades on a scale of their own go by the bootstrap.
            let scaled = PairedDifference(
                of: grades(a.map { 2 * $0 }), to: grades(b.map { 2 * $0 }), margin: 2 * margin)
            guard let ends = scaled.interval, let p = scaled.pWorse(byMargin: 2 * margin) else { continue }
            #expect((p < 0.025) == (ends.low > -2 * margin) || abs(ends.low + 2 * margin) < 0.02, "\(ends) \(p)")
        }
    }

    @Test func nothingAndEqualRowsHaveNoMoreThanThereIs() {
        let nothing = PairedDifference(of: [], to: [], margin: 0.05)
        #expect(nothing.n == 0 && nothing.mean == nil && nothing.interval == nil && nothing.p == nil)
        #expect(nothing.pWorse(byMargin: 0.05) == nil && nothing.rowsToSee() == nil)
        let failed = PairedDifference(of: [.null], to: [1])
        #expect(failed.n == 0 && failed.unpaired == 1)
        let equal = PairedDifference(of: grades([0.5, 0.7]), to: grades([0.5, 0.7]), margin: 0.05)
        #expect(equal.ties == 2 && equal.p == 1 && equal.interval == nil && equal.rowsToSee() == nil)
        #expect(equal.pWorse(byMargin: 0.05) == nil)
        let one = PairedDifference(of: grades([3]), to: grades([5]), margin: 1)
        #expect(one.mean == -2 && one.p == nil && one.interval == nil)
    }

    @Test func rowsToShowEqualityFollowFromTheMargin() throws {
        let close = PairedDifference(
            of: grades(Array(repeating: 1, count: 95) + Array(repeating: 0, count: 5)),
            to: grades(Array(repeating: 1, count: 93) + Array(repeating: 0, count: 2) + Array(repeating: 1, count: 5)),
            margin: 0.05)
        let rows = try #require(close.rowsToShow(margin: 0.05))
        #expect(rows > 100)
        #expect(try #require(close.rowsToShow(margin: 0.1)) < rows)
        #expect(close.rowsToShow(margin: 0.01) == nil)
    }
}
