internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import Tables

/// What `audit` gives: the report, and the grader that remembers it. It stands wherever a grader may.
struct AuditedGrader: DomainValue {
    static let tag = "audit"

    /// The grader with the report.
    let grader: Grader
    let report: AuditReport

    init(grader: Grader, report: AuditReport) {
        var grader = grader
        grader.audit = report
        self.grader = grader
        self.report = report
    }

    var kindName: String { "an audit" }
    var summary: String { report.verdict }
    var presentation: [PresentationBlock] { report.presentation }

    var memberNames: [String] {
        ["confusion", "failures", "grader", "n", "passes", "table", "verdict"] + report.measures.map(\.name)
    }

    func member(_ name: String) -> Value? {
        switch name {
        case "confusion": report.confusionTable.map { .domain($0) } ?? .null
        case "failures": .integer(report.failures)
        case "grader": .domain(grader)
        case "n": .integer(report.n)
        case "passes": .bool(report.passes)
        case "table": .domain(report.table)
        case "verdict": .string(report.verdict)
        case let measure where Self.measures.contains(measure): report[measure]?.value.map { .double($0) } ?? .null
        default: nil
        }
    }

    private static let measures = ["accuracy", "kappa", "mae", "spearman", "pass_accuracy", "pass_kappa"]

    static let type = StaticType.domain(
        StaticType.DomainType(
            tag: tag, kindName: "an audit",
            members: [
                "confusion": .any, "failures": .number, "grader": Grader.type(), "n": .number, "passes": .bool,
                "table": .rows(nil), "verdict": .text, "accuracy": .any, "kappa": .any, "mae": .any, "spearman": .any,
                "pass_accuracy": .any, "pass_kappa": .any,
            ]))

    func encoded(with encoder: inout ValueEncoder) throws -> Value {
        ["grader": try encoder.encode(.domain(grader)), "report": report.state]
    }

    static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        guard let grader = try codec.decode(state[field: "grader"], blobs: blobs).domain(Grader.self),
            let report = AuditReport(state: state[field: "report"])
        else { throw StateError("an audit without its grader or report") }
        return .domain(AuditedGrader(grader: grader, report: report))
    }
}
