import OrderedCollections
import Tables
import Testing

@testable import Distillation

/// Has no blob.
private struct NoBlobs: BlobStoring {
    func put(_ bytes: [UInt8]) throws -> String { SHA256Name.of(bytes) }
    func get(_ name: String) throws -> [UInt8] { throw BlobError.missing(name) }
    func contains(_ name: String) -> Bool { false }
}

@Suite struct SavedComparisonTests {
    private let codec: ValueCodec = {
        var codec = ValueCodec()
        codec.register(Model.tag, Model.decode)
        codec.register(Comparison.tag, Comparison.decode)
        return codec
    }()

    private func comparison(reports: [ComparisonReport] = [], models: [Model] = []) -> Comparison {
        let grades: [Value] = [1, 0, 1]
        return Comparison(
            entries: [Comparison.Entry(model: "a", grader: "right", summary: ScoreSummary(scores: grades))],
            expenses: [
                Comparison.Expense(model: "a", calls: 3, usage: Usage(), fresh: nil)
            ], rows: DataSet(rows: grades.map { ["a": ["right": $0]] }), reports: reports, models: models)
    }

    private func decoded(_ state: Value) throws -> Comparison {
        try #require(try codec.decode(state, blobs: NoBlobs()).domain(Comparison.self))
    }

    /// Version 0.3 saved the table and the rows alone.
    @Test func whatOlderVersionsSavedStillOpens() throws {
        var encoder = ValueEncoder(blobs: NoBlobs())
        var state = try #require(try encoder.encode(.domain(comparison())).record)
        var value = try #require(state["value"]?.record)
        value["expenses"] = nil
        value["reports"] = nil
        value["models"] = nil
        state["value"] = .record(value)
        let old = try decoded(.record(state))
        #expect(old.entries == comparison().entries && old.reports.isEmpty && old.models.isEmpty)
        #expect(old.member("verdict")?.text == "" && old.member("differences")?.rows?.count == 0)
        #expect(!old.presentation.isEmpty)
        #expect(old.grades(of: "a", by: "right") == [1, 0, 1])
    }

    @Test func aModelWhoseWeightsAreGoneIsMissedOnlyByWhoWantsIt() throws {
        func model(_ name: String, trained: String?) -> Model {
            Model(
                name: name, alias: name, specification: ModelSpecification(id: name),
                identity: ModelIdentity(endpoint: "e", id: name), trainedWeights: trained)
        }
        let report = ComparisonReport(
            .init(grader: "right", models: ["a"], grades: [[1, 0, 1]]), reference: nil, candidate: nil)
        let whole = comparison(
            reports: [report], models: [model("a", trained: nil), model("b", trained: SHA256Name.of("weights"))])
        var encoder = ValueEncoder(blobs: NoBlobs())
        let back = try decoded(try encoder.encode(.domain(whole)))
        #expect(back.models.map(\.displayName) == ["a"] && back.reports == [report])
    }
}
