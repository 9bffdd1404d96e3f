internal import Distillation
internal import OpenAIWire
internal import OrderedCollections
internal import PipelineRuntime
internal import Tables

/// Graders in saved state: the expression, or OpenAI's JSON with the models that judge.
extension Grader {
    func encoded(with encoder: inout ValueEncoder) throws -> Value {
        var state: Record = ["name": name.map { .string($0) } ?? .null]
        if let audit { state["audit"] = audit.state }
        if let wire { state["json"] = wire.json }
        switch kind {
        case .expression(let closure): state["expression"] = try closure.encoded(with: &encoder)
        case .stringCheck, .textSimilarity: break
        case .judge(let judge): state["asked"] = try judge.asked.encoded(with: &encoder)
        case .multi(let parts, let formula):
            state["formula"] = .string(formula.text)
            state["parts"] = .list(
                try parts.map { ["name": .string($0.name), "grader": try encoder.encode(.domain($0.grader))] })
        case .pairwise(let judge, let asked):
            state["criteria"] = .string(judge.criteria)
            state["context"] = judge.context.map { .string($0.text) } ?? .null
            state["asked"] = try asked.encoded(with: &encoder)
        }
        return .record(state)
    }

    static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        let wire = state[field: "json"].isNull ? nil : try GraderWire(state[field: "json"])
        return .domain(
            Grader(
                name: state[field: "name"].text, kind: try kind(state, wire, codec: codec, blobs: blobs), wire: wire,
                audit: AuditReport(state: state[field: "audit"])))
    }

    private static func kind(
        _ state: Value, _ wire: GraderWire?, codec: ValueCodec, blobs: any BlobStoring
    ) throws -> Kind {
        if !state[field: "expression"].isNull {
            return .expression(try RowClosure(state[field: "expression"], codec: codec, blobs: blobs))
        }
        if let formula = state[field: "formula"].text {
            let parts = try (state[field: "parts"].list ?? []).map { part -> Part in
                guard let name = part[field: "name"].text,
                    let grader = try codec.decode(part[field: "grader"], blobs: blobs).domain(Grader.self)
                else { throw StateError("a multi grader without its graders") }
                return Part(name: name, grader: grader)
            }
            return .multi(parts, try Formula(formula, names: parts.map(\.name)))
        }
        func asked() throws -> AskedModel { try AskedModel(state[field: "asked"], codec: codec, blobs: blobs) }
        if let criteria = state[field: "criteria"].text {
            return .pairwise(
                PairwiseJudge(
                    criteria: criteria, context: try state[field: "context"].text.map { try Template($0) }),
                try asked())
        }
        switch wire?.kind {
        case .stringCheck?, .textSimilarity?:
            guard let wire, let kind = try Kind(text: wire) else { break }
            return kind
        case .scoreModel(let request, let range, let threshold)?:
            return .judge(
                AskedJudge(
                    judge: try Judge(request, form: .score(range), passThreshold: threshold), asked: try asked()))
        case .labelModel(let request, let labels, let passing)?:
            return .judge(
                AskedJudge(judge: try Judge(request, form: .label(labels, passing: passing)), asked: try asked()))
        case .multi?, nil: break
        }
        throw StateError("a grader of a kind that this version does not know")
    }
}

extension Grader.AskedModel {
    func encoded(with encoder: inout ValueEncoder) throws -> Value {
        [
            "model": try encoder.encode(.domain(model)), "temperature": .double(sampling.temperature),
            "top_p": .double(sampling.topP), "max_tokens": .integer(sampling.maxTokens),
            "seed": .integer(sampling.seed), "samples": .integer(samples),
        ]
    }

    init(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws {
        guard let model = try codec.decode(state[field: "model"], blobs: blobs).domain(Model.self) else {
            throw StateError("a judge without its model")
        }
        self.init(
            model: model,
            sampling: Sampling(
                temperature: state[field: "temperature"].double ?? 0, topP: state[field: "top_p"].double ?? 1,
                maxTokens: state[field: "max_tokens"].integer ?? 512, seed: state[field: "seed"].integer ?? 0),
            samples: max(1, state[field: "samples"].integer ?? 1))
    }
}

extension Grader.Kind {
    /// A grader that compares texts and asks nobody; nil for the others.
    init?(text wire: GraderWire) throws {
        switch wire.kind {
        case .stringCheck(let input, let reference, let operation):
            guard let operation = StringCheck.Operation(rawValue: operation) else { return nil }
            self = .stringCheck(
                StringCheck(
                    name: wire.name ?? wire.type, input: try Template(input), reference: try Template(reference),
                    operation: operation))
        case .textSimilarity(let input, let reference, let metric, let threshold):
            guard let metric = TextSimilarity.Metric(name: metric) else { return nil }
            self = .textSimilarity(
                TextSimilarity(
                    input: try Template(input), reference: try Template(reference), metric: metric,
                    passThreshold: threshold))
        case .scoreModel, .labelModel, .multi: return nil
        }
    }
}

extension Judge {
    /// What OpenAI's JSON asks of a model.
    init(_ request: GraderWire.ModelRequest, form: Form, passThreshold: Double? = nil) throws(TemplateError) {
        var messages: [Message] = []
        for message in request.messages {
            messages.append(Message(role: message.role, content: try Template(message.content)))
        }
        self.init(form: form, messages: messages, passThreshold: passThreshold)
    }
}
