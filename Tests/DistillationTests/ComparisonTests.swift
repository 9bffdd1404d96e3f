import OrderedCollections
import Tables
import Testing

@testable import Distillation

@Suite struct GapRecoveryTests {
    private func values(_ scores: [Int]) -> [Value] { scores.map { .integer($0) } }

    @Test func theShareIsTheDistanceCovered() throws {
        let gap = try #require(
            GapRecovery(
                untrained: values(Array(repeating: 0, count: 10)), trained: values([1, 1, 1, 1, 1, 1, 0, 0, 0, 0]),
                teacher: values([1, 1, 1, 1, 1, 1, 1, 1, 0, 0])))
        #expect(abs(gap.share - 0.75) < 1e-12)
        let interval = try #require(gap.interval)
        #expect(interval.low < 0.75 && interval.high > 0.75)
    }

    /// The delta method for a ratio of two means of the same rows gives nearly the same interval for many rows.
    @Test func theIntervalIsThatOfTheDeltaMethodForManyRows() throws {
        var random = RandomStream(seed: 5)
        let teacher = (0..<2_000).map { _ in random.unit() < 0.8 ? 1 : 0 }
        let trained = teacher.map { $0 == 1 ? (random.unit() < 0.85 ? 1 : 0) : (random.unit() < 0.2 ? 1 : 0) }
        let gap = try #require(
            GapRecovery(
                untrained: values(teacher.map { _ in 0 }), trained: values(trained), teacher: values(teacher)))
        let n = 2_000.0
        let (a, b) = (Double(trained.reduce(0, +)) / n, Double(teacher.reduce(0, +)) / n)
        let residuals = zip(trained, teacher).map { Double($0) - a / b * Double($1) }
        let error = (residuals.reduce(0) { $0 + $1 * $1 } / (n * n)).squareRoot() / b
        let interval = try #require(gap.interval)
        #expect(abs(gap.share - a / b) < 1e-12)
        #expect(abs(interval.low - (a / b - 1.96 * error)) < 0.004)
        #expect(abs(interval.high - (a / b + 1.96 * error)) < 0.004)
    }

    @Test func rowsThatFailedOnOneSideDoNotCount() throws {
        let error = Value.error(RowError("timeout"))
        let gap = try #require(
            GapRecovery(untrained: [0, 0, 0, 0], trained: [1, error, 0, 1], teacher: [1, 1, 1, .null]))
        #expect(gap.share == 0.5)
    }

    @Test func withoutAGapThereIsNothingToRecover() {
        #expect(GapRecovery(untrained: [1, 1], trained: [1, 1], teacher: [1, 1]) == nil)
        #expect(GapRecovery(untrained: [1, 1], trained: [1, 1], teacher: [0, 0]) == nil)
        #expect(GapRecovery(untrained: [], trained: [], teacher: []) == nil)
    }

    @Test func aTeacherThatIsHardlyBetterGivesNoInterval() throws {
        let untrained = values([0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
        let teacher = values([1, 0, 1, 0, 1, 0, 1, 0, 1, 1])
        let gap = try #require(GapRecovery(untrained: untrained, trained: teacher, teacher: teacher))
        #expect(gap.interval == nil)
    }
}

@Suite struct GapRolesTests {
    private func model(
        _ alias: String, layers: [Int]? = nil, system: String? = nil, trained: String? = nil,
        teachers: Set<String> = [], id: String, price: TokenPrice? = nil
    ) -> Model {
        Model(
            alias: alias, specification: ModelSpecification(id: "weights", layers: layers, price: price),
            identity: ModelIdentity(endpoint: "e", id: id), system: system, trainedWeights: trained,
            lineage: Lineage(teachers: teachers))
    }

    @Test func whoTaughtIsTheTeacher() throws {
        let roles = GapRoles([
            model("student", layers: [0], id: "s"), model("other", id: "o"),
            model("student", layers: [0], trained: "t", teachers: ["c"], id: "st"), model("teacher", id: "c"),
        ])
        let references = try #require(roles.references(of: 2))
        #expect(references.untrained == 0 && references.teacher == 3)
        #expect([0, 1, 3].allSatisfy { roles.references(of: $0) == nil })
    }

    @Test func aStudentOfGoldIsMeasuredAgainstTheOthersTeacher() throws {
        let roles = GapRoles([
            model("student", layers: [0], id: "s"), model("x", id: "x"),
            model("student", layers: [0], trained: "t", teachers: ["c"], id: "st"),
            model("student", layers: [0], trained: "g", id: "sg"), model("teacher", id: "c"),
        ])
        let references = try #require(roles.references(of: 3))
        #expect(references.untrained == 0 && references.teacher == 4)
    }

    @Test func theUntrainedSelfHasTheSamePromptAndMayHaveAnotherPrice() throws {
        let roles = GapRoles([
            model("student", layers: [0], system: "long", id: "s"),
            model("student", layers: [0], system: "short", id: "s", price: TokenPrice(input: 1, output: 1)),
            model("student", layers: [0], system: "short", trained: "t", teachers: ["c"], id: "st"),
            model("teacher", id: "c"),
        ])
        #expect(try #require(roles.references(of: 2)).untrained == 1)
    }

    @Test func whoTaughtNobodyIsNoTeacher() {
        let roles = GapRoles([
            model("student", layers: [0], id: "s"), model("student", layers: [0], trained: "g", id: "sg"),
            model("base", id: "b"),
        ])
        #expect(roles.references(of: 1) == nil)
    }

    @Test func withoutTheUntrainedOneThereIsNoGap() {
        let roles = GapRoles([
            model("student", layers: [0], trained: "t", teachers: ["c"], id: "st"), model("teacher", id: "c"),
        ])
        #expect(roles.references(of: 0) == nil)
    }
}

@Suite struct LatencyTests {
    @Test func percentilesAreTheNearestRank() throws {
        let summary = try #require(LatencySummary(seconds: (1...20).map(Double.init).reversed()))
        #expect(summary == LatencySummary(n: 20, median: 10, p95: 19))
        #expect(LatencySummary(seconds: [3]) == LatencySummary(n: 1, median: 3, p95: 3))
        #expect(LatencySummary(seconds: []) == nil)
    }

    @Test func tokensCostWhatTheTableSays() {
        let usage = Usage(promptTokens: 2_000_000, completionTokens: 500_000)
        #expect(TokenPrice(input: 0.15, output: 0.6).cost(of: usage) == 0.6)
    }
}
