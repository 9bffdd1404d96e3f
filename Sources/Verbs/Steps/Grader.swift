internal import Distillation
internal import OpenAIWire
internal import OrderedCollections
internal import PipelineRuntime
public import Tables

/// What counts as right: an expression on rows, one of OpenAI's graders, or a judge between two answers.
struct Grader: DomainValue {
    indirect enum Kind {
        case expression(RowClosure)
        case stringCheck(StringCheck)
        case textSimilarity(TextSimilarity)
        case judge(AskedJudge)
        /// Several graders by name, and a formula of their scores.
        case multi([Part], Formula)
        /// A judge between two answers: what `prefer` needs.
        case pairwise(PairwiseJudge, AskedModel)
    }

    /// A named grader of a `multi`.
    struct Part {
        let name: String
        let grader: Grader
    }

    /// A model that judges, and how it is asked.
    struct AskedModel {
        let model: Model
        let sampling: Sampling
        /// How often it is asked about each row.
        let samples: Int
    }

    /// A judge with the model that plays it.
    struct AskedJudge {
        let judge: Judge
        let asked: AskedModel
    }

    static let tag = "grader"
    var name: String?
    let kind: Kind
    /// OpenAI's JSON, where it came from there or can be written so.
    let wire: GraderWire?
    /// What came out when it was held against gold.
    var audit: AuditReport?

    init(name: String?, kind: Kind, wire: GraderWire? = nil, audit: AuditReport? = nil) {
        self.name = name
        self.kind = kind
        self.wire = wire
        self.audit = audit
    }

    /// The column that grades go to.
    var column: String { name ?? "grade" }

    /// From which score on an answer passes, where that was said.
    var passThreshold: Double? {
        switch kind {
        case .textSimilarity(let similarity): similarity.passThreshold
        case .judge(let judge): judge.judge.passThreshold
        default: nil
        }
    }

    /// The ends of its scale, where it has one. A cosine may lie a little below 0, which says no more than 0 does.
    var range: ClosedRange<Double>? {
        switch kind {
        case .judge(let judge): if case .score(let range) = judge.judge.form { range } else { nil }
        case .textSimilarity: 0...1
        default: nil
        }
    }

    /// Why its grades decide nothing: the audit that it failed, as part of a sentence. Nil where nothing speaks against it.
    var distrust: String? {
        guard let audit, !audit.passes else { return nil }
        return "`\(column)` did not pass its audit (\(audit.shortVerdict))"
    }

    /// The judges in it.
    var askedModels: [AskedModel] {
        switch kind {
        case .expression, .stringCheck, .textSimilarity: []
        case .judge(let judge): [judge.asked]
        case .pairwise(_, let asked): [asked]
        case .multi(let parts, _): parts.flatMap(\.grader.askedModels)
        }
    }

    var kindName: String { "a grader" }
    var memberNames: [String] { ["audit", "json", "name"] }

    var summary: String {
        let line =
            switch kind {
            case .expression(let closure): "grader \(closure.code)"
            case .stringCheck(let check):
                "grader string_check: \(check.input.text) \(check.operation.rawValue) \(check.reference.text)"
            case .textSimilarity(let similarity):
                "grader text_similarity: \(similarity.metric.name) of \(similarity.input.text) and "
                    + similarity.reference.text
            case .judge(let judge):
                switch judge.judge.form {
                case .score(let range):
                    "grader score_model: \(judge.asked.model.displayName) scores from "
                        + "\(Number.double(range.lowerBound).grouped) to \(Number.double(range.upperBound).grouped)"
                case .label(let labels, let passing):
                    "grader label_model: \(judge.asked.model.displayName) says \(labels.joined(separator: ", ")); "
                        + "\(passing.joined(separator: ", ")) \(passing.count == 1 ? "passes" : "pass")"
                }
            case .multi(let parts, let formula):
                "grader multi: \(formula.text) of \(parts.map(\.name).joined(separator: ", "))"
            case .pairwise(let judge, let asked):
                "grader pairwise: \(asked.model.displayName) prefers by: \(judge.criteria)"
            }
        let audited = audit.map { " · audit \($0.passes ? "passed" : "failed")" } ?? ""
        return (line.count > 160 ? line.prefix(157) + "…" : line) + audited
    }

    func member(_ name: String) -> Value? {
        switch name {
        case "name": .string(column)
        case "json": json
        case "audit": audit.map { .domain(AuditedGrader(grader: self, report: $0)) } ?? .null
        default: nil
        }
    }

    func named(_ name: String) -> any DomainValue {
        guard self.name == nil else { return self }
        var copy = self
        copy.name = name
        return copy
    }

    /// OpenAI's JSON under the grader's name; what was read comes back as it was. An error where OpenAI has no such
    /// grader.
    var json: Value {
        if let wire { return wire.name == nil ? wire.json(name: column) : wire.json }
        guard case .multi(let parts, let formula) = kind else {
            return .error(
                RowError("OpenAI has no grader for \(isPairwise ? "two answers" : "an expression of this language")"))
        }
        var graders: Record = [:]
        for part in parts {
            let json = part.grader.json
            if json.rowError != nil { return json }
            graders[part.name] = json
        }
        return [
            "type": "multi", "name": .string(column), "graders": .record(graders),
            "calculate_output": .string(formula.text),
        ]
    }

    private var isPairwise: Bool { if case .pairwise = kind { true } else { false } }
}

/// What says whether a value could ask a model, for those who must not.
extension StandardLanguage {
    /// Whether grading with the value asks a model.
    public static func asksModel(_ value: Value) -> Bool {
        if let grader = value.grader { return grader.asksModel }
        return value.list?.contains(where: asksModel) ?? false
    }
}

extension Grader {
    /// Whether grading asks a model, for judgements or for embeddings.
    var asksModel: Bool {
        switch kind {
        case .textSimilarity(let similarity): similarity.metric == .cosine
        case .multi(let parts, _): parts.contains { $0.grader.asksModel }
        default: !askedModels.isEmpty
        }
    }

    /// The columns that its templates need.
    var templateColumns: [String] {
        switch kind {
        case .expression, .pairwise: []
        case .stringCheck(let check): check.input.itemColumns + check.reference.itemColumns
        case .textSimilarity(let similarity): similarity.input.itemColumns + similarity.reference.itemColumns
        case .judge(let judge): judge.judge.itemColumns
        case .multi(let parts, _): parts.flatMap(\.grader.templateColumns)
        }
    }

    /// Whether it looks at what a model answered. One that does not gives every model the same grade.
    func readsAnswer(_ builtins: BuiltinTable) -> Bool {
        switch kind {
        case .expression(let closure): closure.expression.readsAnswer(builtins)
        case .stringCheck(let check): check.input.readsSample || check.reference.readsSample
        case .textSimilarity(let similarity): similarity.input.readsSample || similarity.reference.readsSample
        case .judge(let judge): judge.judge.messages.contains { $0.content.readsSample }
        case .multi(let parts, _): parts.contains { $0.grader.readsAnswer(builtins) }
        case .pairwise: true
        }
    }
}

extension Value {
    /// The grader, where this is one, audited or not.
    var grader: Grader? { domain(Grader.self) ?? domain(AuditedGrader.self)?.grader }

    /// The graders, where this is one or a list of them.
    var graders: [Grader] { grader.map { [$0] } ?? (list ?? []).compactMap(\.grader) }
}

extension Acceptance {
    /// A grader, audited or not.
    static let grader = Acceptance.domain(Grader.self, "a grader").or(
        .domain(AuditedGrader.self, "an audited one"), as: "a grader")

    /// One or several.
    static let graders = grader.or(.list(of: Grader.self, "a list of graders"))
}
