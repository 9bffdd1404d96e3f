import Foundation
import Tables
import Testing

@testable import Distillation

/// That intervals hold the truth as often as they say, and that tests raise false alarms no oftener: by going through
/// all outcomes where these can be counted, else by simulation with fixed seeds.
///
/// `DISTNB_SETS=20000` simulates so many sets (`make soak`); without it 1,000, with wider bounds.
@Suite struct CoverageTests {
    private static let sets =
        ProcessInfo.processInfo.environment["DISTNB_SETS"].flatMap { Int($0) }.map { max(200, $0) } ?? 1_000

    /// How far a share near 5 % that is counted over the sets may be off by chance: four standard errors.
    private static let chance = 4 * (0.05 * 0.95 / Double(sets)).squareRoot()

    private static func logChoices(_ n: Int, _ k: Int) -> Double {
        let (all, chosen): (Double, Double) = (lgamma(Double(n) + 1), lgamma(Double(k) + 1))
        return all - chosen - lgamma(Double(n - k) + 1)
    }

    /// The probability of k among n.
    private static func binomial(_ k: Int, _ n: Int, _ p: Double) -> Double {
        let logarithm = logChoices(n, k) + Double(k) * log(p) + Double(n - k) * log(1 - p)
        return exp(logarithm)
    }

    @Test func wilsonsIntervalCoversTheTruthBetween92And98TimesIn100() throws {
        var least = 1.0
        var most = 0.0
        for n in Array(50...120) + [150, 200, 300, 500, 1_000] {
            let intervals = (0...n).map { Wilson.interval(successes: $0, n: n) }
            for step in stride(from: 100, through: 900, by: 7) {
                let p = Double(step) / 1_000
                var covered = 0.0
                for (k, interval) in intervals.enumerated() {
                    guard let interval, interval.low <= p, p <= interval.high else { continue }
                    covered += Self.binomial(k, n, p)
                }
                least = min(least, covered)
                most = max(most, covered)
            }
        }
        #expect(least >= 0.92 && most <= 0.98, "\(least) … \(most)")
    }

    @Test func tangosIntervalCoversTheTruthBetween92And98TimesIn100() throws {
        for n in [50, 80, 120] {
            var intervals: [[ConfidenceInterval]] = []
            for wins in 0...n {
                intervals.append(
                    try (0...(n - wins)).map { try #require(Tango.interval(wins: wins, losses: $0, n: n)) })
            }
            for (win, loss) in [(0.05, 0.05), (0.1, 0.05), (0.02, 0.1), (0.2, 0.2), (0.3, 0.1), (0.1, 0.4)] {
                var covered = 0.0
                for wins in 0...n {
                    for losses in 0...(n - wins) {
                        let interval = intervals[wins][losses]
                        guard interval.low <= win - loss, win - loss <= interval.high else { continue }
                        covered +=
                            Self.binomial(wins, n, win) * Self.binomial(losses, n - wins, loss / (1 - win))
                    }
                }
                #expect(covered >= 0.92 && covered <= 0.98, "n \(n), \(win) and \(loss): \(covered)")
            }
        }
    }

    /// For every number of rows that tell the models apart; so also for every mixture of such numbers.
    @Test func mcNemarsTestRaisesAtMostFiveFalseAlarmsIn100() {
        for n in 1...300 {
            var alarms = 0.0
            for wins in 0...n where McNemar.p(wins: wins, losses: n - wins) <= 0.05 {
                alarms += Self.binomial(wins, n, 0.5)
            }
            #expect(alarms <= 0.05, "\(n) rows: \(alarms)")
        }
    }

    /// Grades as graders give them, with their probabilities in 100.
    private static let distributions: [(name: String, values: [Double], weights: [Double])] = [
        ("a judge from 1 to 10", (1...10).map(Double.init), [1, 1, 2, 3, 5, 8, 15, 25, 25, 15]),
        ("nearly all right", [0, 0.25, 0.5, 0.75, 1], [2, 2, 3, 3, 90]),
        ("differences, most of them none", [-1, -0.5, 0, 0.5, 1], [3, 5, 80, 8, 4]),
        ("skewed", [0, 1, 2, 4, 8, 16], [40, 30, 15, 9, 4, 2]),
    ]

    private static func sample(_ index: Int, _ n: Int, from distribution: Int, seed: UInt64) -> [Double] {
        let (_, values, weights) = distributions[distribution]
        var random = RandomStream(seed: seed &+ UInt64(distribution), index: UInt64(index))
        return (0..<n).map { _ in
            var place = Double(random.next() >> 11) * 0x1p-53 * 100
            for (value, weight) in zip(values, weights) {
                place -= weight
                if place < 0 { return value }
            }
            return values.last ?? 0
        }
    }

    /// Counts on all processors for how many sets a condition holds.
    private static func count(_ holds: @escaping @Sendable (Int) -> Bool) async -> Int {
        let parts = 8
        return await withTaskGroup(of: Int.self) { group in
            for part in 0..<parts {
                group.addTask { stride(from: part, to: Self.sets, by: parts).count(where: holds) }
            }
            return await group.reduce(0, +)
        }
    }

    @Test(arguments: 0..<4)
    func theBootstrapCoversTheMeanBetween93And97TimesIn100(distribution: Int) async {
        let (name, values, weights) = Self.distributions[distribution]
        let mean = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / 100
        let covered = await Self.count { set in
            let sample = Self.sample(set, 200, from: distribution, seed: 11)
            guard let interval = Bootstrap.interval(ofMean: sample, seed: UInt64(set)) else { return false }
            return interval.low <= mean && mean <= interval.high
        }
        let share = Double(covered) / Double(Self.sets)
        let slack = Self.sets >= 20_000 ? 0 : Self.chance - 0.02
        #expect(share >= 0.93 - max(0, slack) && share <= 0.97 + max(0, slack), "\(name): \(share)")
    }

    @Test func randomSignsRaiseAboutFiveFalseAlarmsIn100() async {
        let alarms = await Self.count { set in
            // Of two models with the same grades, in different rows.
            let a = Self.sample(set, 100, from: 0, seed: 21)
            let b = Self.sample(set, 100, from: 0, seed: 22)
            return SignFlips.p(zip(a, b).map { $0 - $1 }, seed: UInt64(set)) <= 0.05
        }
        #expect(abs(Double(alarms) / Double(Self.sets) - 0.05) <= Self.chance, "\(alarms) of \(Self.sets)")
    }

    /// Four models against one reference, with differences that hang together; one of them is truly better, and any
    /// other that is called different is a false alarm.
    @Test(arguments: [false, true])
    func holmsCorrectionKeepsTheLevelOverAllDifferences(oneIsBetter: Bool) async {
        let alarms = await Self.count { set in
            var random = RandomStream(seed: 31, index: UInt64(set))
            var wins = [0, 0, 0, 0]
            var losses = wins
            for _ in 0..<150 {
                let hard = random.unit() < 0.4
                let reference = random.unit() < (hard ? 0.4 : 0.9)
                for model in 0..<4 {
                    let bonus: Float = oneIsBetter && model == 0 ? 0.3 : 0
                    let isRight = random.unit() < (hard ? 0.4 + bonus : 0.9)
                    if isRight && !reference { wins[model] += 1 }
                    if !isRight && reference { losses[model] += 1 }
                }
            }
            let adjusted = Holm.adjusted((0..<4).map { McNemar.p(wins: wins[$0], losses: losses[$0]) })
            return adjusted.dropFirst(oneIsBetter ? 1 : 0).contains { ($0 ?? 1) <= 0.05 }
        }
        #expect(Double(alarms) / Double(Self.sets) <= 0.05 + Self.chance / 2, "\(alarms) of \(Self.sets)")
    }
}
