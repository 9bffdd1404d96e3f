import OrderedCollections
import Tables
import Testing

@testable import Distillation

/// Grades of 0 and 1 on the same rows: the first model wins `wins` rows, loses `losses`, of `n`.
private func shares(wins: Int, losses: Int, n: Int) -> [[Value]] {
    let first = Array(repeating: 1, count: wins) + Array(repeating: 0, count: losses)
    let second = Array(repeating: 0, count: wins) + Array(repeating: 1, count: losses)
    let same = (0..<(n - wins - losses)).map { $0 % 10 == 0 ? 0 : 1 }
    return [first + same, second + same].map { $0.map { .integer($0) } }
}

private func model(_ name: String, id: String = "x", trained: String? = nil, teachers: Set<String> = []) -> Model {
    Model(
        name: name, alias: name, specification: ModelSpecification(id: id),
        identity: ModelIdentity(endpoint: "e", id: id), trainedWeights: trained, lineage: Lineage(teachers: teachers))
}

@Suite struct VerdictTests {
    private func verdict(
        _ grades: [[Value]], range: ClosedRange<Double>? = nil, margin: Double? = nil, distrust: String? = nil
    ) -> String {
        let models = grades.count == 2 ? ["tuned", "cora"] : ["student", "tuned", "cora"]
        let reference = ReferenceModel(among: models.map { model($0) })
        return ComparisonReport(
            .init(grader: "right", models: models, grades: grades, range: range, distrust: distrust),
            reference: reference, candidate: grades.count == 2 ? 0 : 1, margin: margin
        ).verdict
    }

    @Test func manyRowsWithFewDifferencesAreAsGood() {
        #expect(verdict(shares(wins: 6, losses: 8, n: 400)) == "By right: tuned is as good as cora within 5 points.")
    }

    @Test func aClearLossHasItsInterval() {
        #expect(
            verdict(shares(wins: 5, losses: 60, n: 300)) == "By right: tuned is worse than cora by 14 to 23 points.")
    }

    @Test func aClearGainHasItsInterval() {
        #expect(
            verdict(shares(wins: 40, losses: 10, n: 400)) == "By right: tuned is better than cora by 4.2 to 11 points.")
    }

    @Test func aLossThatIsSmallerThanTheMarginIsToldAsBoth() {
        #expect(
            verdict(shares(wins: 2, losses: 20, n: 1_000))
                == "By right: tuned is worse than cora, but by less than 5 points.")
    }

    @Test func fewRowsCannotTellAndSayHowManyAreNeeded() {
        #expect(
            verdict(shares(wins: 3, losses: 4, n: 60))
                == "By right: cannot tell whether tuned is as good as cora: about 790 more rows are needed.")
    }

    @Test func theMarginDecidesWhatIsAsGood() {
        let grades = shares(wins: 6, losses: 8, n: 100)
        #expect(verdict(grades, margin: 0.15) == "By right: tuned is as good as cora within 15 points.")
        #expect(verdict(grades, margin: 0.02).contains("cannot tell"))
    }

    @Test func scoresAreToldInTheirOwnUnit() {
        let cora = (0..<200).map { Value.double(Double($0 % 5) + 5) }
        let tuned = (0..<200).map { Value.double(Double($0 % 5) + 5 + ($0 % 4 == 0 ? -0.5 : 0)) }
        #expect(
            verdict([tuned, cora], range: 1...10)
                == "By right: tuned is worse than cora, but by less than 0.45.")
        // The ends of the scale are not known, so there is no usual margin.
        #expect(verdict([tuned, cora]) == "By right: tuned is worse than cora by 0.1 to 0.16.")
        #expect(
            verdict([cora, cora]) == "By right: tuned has the same grade as cora on all 200 rows.")
    }

    @Test func nothingIsSaidOfAGraderThatFailsOrIsNotTrusted() {
        var grades = shares(wins: 6, losses: 8, n: 400)
        grades[0].replaceSubrange(0..<50, with: Array(repeating: .error(RowError("timeout")), count: 50))
        #expect(
            verdict(grades) == "By right: no verdict, 50 of 400 rows of tuned have no grade, more than 10 %.")
        #expect(
            verdict(shares(wins: 6, losses: 8, n: 400), distrust: "the judge failed its audit (kappa 0.2)")
                == "By right: no verdict, the judge failed its audit (kappa 0.2).")
    }

    @Test func severalModelsShareOneSentenceAndTheCandidateLeads() {
        let pair = shares(wins: 6, losses: 8, n: 400)
        let student = pair[1].enumerated().map { $0.offset % 2 == 0 ? Value.integer(0) : $0.element }
        #expect(
            verdict([student] + pair)
                == "By right: tuned is as good as cora within 5 points; student is worse than cora by 35 to 44 points.")
    }

    @Test func nothingToCompareHasNoVerdict() {
        let report = ComparisonReport(
            .init(grader: "right", models: ["tuned"], grades: [[1, 0]]), reference: nil, candidate: nil)
        #expect(report.verdict == "By right: no verdict, there is no other model to compare with.")
        #expect(report.differences.isEmpty)
        let empty = ComparisonReport(
            .init(grader: "right", models: ["a", "b"], grades: [[], []]),
            reference: ReferenceModel(among: [model("a"), model("b")]), candidate: 0)
        #expect(empty.verdict == "By right: no row has a grade for both a and b.")
    }

    /// What no model changes cannot be told from what the sample hides.
    @Test func equalGradesOnFewRowsAreNotYetAsGood() {
        let verdict = verdict(shares(wins: 0, losses: 0, n: 30))
        #expect(verdict == "By right: cannot tell whether tuned is as good as cora: about 43 more rows are needed.")
        #expect(self.verdict(shares(wins: 0, losses: 0, n: 100)).contains("as good as cora within 5 points"))
    }
}

@Suite struct ComparisonReportTests {
    @Test func differencesAreCorrectedTogether() throws {
        let pair = shares(wins: 8, losses: 20, n: 200)
        let report = ComparisonReport(
            .init(grader: "right", models: ["a", "b", "c"], grades: [pair[0], pair[0], pair[1]]),
            reference: ReferenceModel(among: ["a", "b", "c"].map { model($0) }), candidate: 0)
        #expect(report.reference == "c" && report.reason == .last && report.margin == 0.05)
        let first = try #require(report.differences.first)
        let p = McNemar.p(wins: 8, losses: 20)
        #expect(first.p == p && first.adjustedP == min(1, 2 * p))
        #expect(first.wins == 8 && first.ties == 172 && first.losses == 20)
    }

    @Test func theReferenceIsWhoTaughtElseTheLast() {
        let teacher = model("cora", id: "big")
        let tuned = model("tuned", id: "small", trained: "w", teachers: ["big"])
        let student = model("student", id: "small")
        #expect(ReferenceModel(among: [teacher, tuned, student])?.index == 0)
        #expect(ReferenceModel(among: [teacher, tuned, student])?.candidate(among: [teacher, tuned, student]) == 1)
        #expect(ReferenceModel(among: [student, tuned])?.reason == .last)
        #expect(ReferenceModel(among: [student, teacher, tuned], named: 0)?.index == 0)
        let byAlias = Model(
            alias: "teacher", specification: ModelSpecification(id: "t"),
            identity: ModelIdentity(endpoint: "e", id: "t"))
        #expect(ReferenceModel(among: [byAlias, student, model("other")])?.index == 0)
        #expect(ReferenceModel(among: [student]) == nil)
    }

    @Test func slicesAreOrderedByWhatTheCandidateLoses() throws {
        let cora: [Value] = Array(repeating: 1, count: 40)
        let tuned = (0..<40).map { Value.integer($0 < 12 ? $0 % 2 : 1) }
        let key = SliceKey(
            name: "intent", values: (0..<40).map { $0 < 12 ? "refund" : $0 < 15 ? .null : "track" })
        let report = ComparisonReport(
            .init(grader: "right", models: ["tuned", "cora"], grades: [tuned, cora]),
            reference: ReferenceModel(among: [model("tuned"), model("cora")]), candidate: 0, by: key)
        let slices = try #require(report.slices).slices
        #expect(slices.map(\.value) == ["refund", "track", "(none)"])
        #expect(slices.map(\.rows) == [12, 25, 3] && slices.map(\.isSmall) == [false, false, true])
        #expect(slices[0].models[0].difference == -0.5 && slices[0].models[1].difference == nil)
    }

    @Test func whatIsSavedComesBack() throws {
        let pair = shares(wins: 8, losses: 20, n: 60)
        let scores = (0..<60).map { Value.double(Double($0 % 7) / 3) }
        for grades in [pair, [scores, scores.reversed()]] {
            let report = ComparisonReport(
                .init(grader: "right", models: ["a", "b"], grades: grades),
                reference: ReferenceModel(among: [model("a"), model("b")]), candidate: 0,
                by: SliceKey(name: "k", values: (0..<60).map { .integer($0 % 3) }))
            let state = try JSON.parse(JSON.text(report.state))
            #expect(try ComparisonReport(state: state) == report)
        }
        #expect(throws: StateError.self) { try ComparisonReport(state: ["grader": "right"]) }
    }
}

@Suite struct ChoiceTests {
    private func choice(_ grades: [String: [Double?]], range: ClosedRange<Double>? = nil) -> ComparisonReport.Grades {
        let names = grades.keys.sorted()
        return .init(
            grader: "judge", models: names,
            grades: names.map { name in (grades[name] ?? []).map { $0.map { .double($0) } ?? .null } }, range: range)
    }

    /// By hand: mean 6, p90 9 of grades 1…10 scaled to 0…10, nine of ten rows graded.
    @Test func theTeachersPointsAreTheLabsRule() throws {
        let grades: [Double?] = [2, 3, 4, 5, 6, 7, 8, 9, 10, nil]
        let choice = try #require(TeacherChoice(self.choice(["a": grades], range: 0...10)))
        let best = try #require(choice.candidates.first)
        #expect(abs(best.mean - 6) < 1e-12 && abs(best.p90 - 9.2) < 1e-12 && best.coverage == 0.9)
        #expect(abs(best.points - (0.5 * 6 + 0.3 * 9.2 + 0.2 * 9)) < 1e-12)
    }

    @Test func gradesOfZeroAndOneCountZeroAndTen() throws {
        let grades: [Double?] = Array(repeating: 1, count: 8) + [0, 0]
        let best = try #require(TeacherChoice(choice(["a": grades]))?.candidates.first)
        #expect(best.mean == 8 && best.p90 == 10)
    }

    @Test func candidatesThatTheRowsCannotTellApartAreSaidToBe() throws {
        let a: [Double?] = (0..<60).map { Double($0 % 10) + 1 }
        let b: [Double?] = (0..<60).map { Double(($0 + 3) % 10) + ($0 == 0 ? 2 : 1) }
        let c: [Double?] = a.map { $0.map { max(1, $0 - 5) } }
        let choice = try #require(TeacherChoice(choice(["a": a, "b": b, "c": c], range: 1...10)))
        #expect(choice.candidates.map(\.model) == ["b", "a", "c"])
        #expect(choice.distances.map(\.isCertain) == [false, true])
    }

    @Test func theStudentIsTheSmallestWithEnoughHighGrades() {
        func rows(_ high: Double, _ count: Int, _ low: Double) -> [Double?] {
            (0..<30).map { $0 < count ? high : low }
        }
        let grades = choice(["big": rows(9, 30, 0), "mid": rows(4, 10, 2), "tiny": rows(5, 9, 1)], range: 1...10)
        let sizes: [(Int?, Double?)] = [(900, 3), (300, 2), (100, 1)]
        let choice = StudentChoice(grades, sizes: sizes.map { (parameters: $0.0, cost: $0.1) })
        #expect(choice.highGrade == 4 && choice.size == .parameters && choice.chosen?.model == "mid")
        #expect(choice.candidates.map(\.model) == ["tiny", "mid", "big"])
        #expect(choice.candidates.map { $0.isClose(to: 10) } == [true, true, false])
        let byCost = StudentChoice(grades, sizes: sizes.map { (parameters: nil, cost: $0.1) }, leastHigh: 20)
        #expect(byCost.size == .cost && byCost.chosen?.model == "big")
        let unknown = StudentChoice(grades, sizes: [], highGrade: 9.5)
        #expect(unknown.size == .order && unknown.chosen == nil)
    }

    @Test func withoutGradesThereIsNoChoice() {
        #expect(TeacherChoice(choice(["a": [nil, nil]])) == nil)
        #expect(TeacherChoice(choice([:])) == nil)
        #expect(TeacherChoice(choice(["a": [3], "b": [3]]))?.distances.first?.isCertain == false)
        #expect(StudentChoice(choice(["a": []]), sizes: []).chosen == nil)
    }
}
