internal import Distillation
internal import OpenAIWire
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let grader = Builtin(
        "grader", .steps,
        "Says what counts as right: a condition or score on rows, one of OpenAI's graders, or a judge between two answers.",
        [
            Parameter(
                "rule", .anything, evaluation: .row,
                "an expression on rows; a type (\"string_check\", \"text_similarity\", \"score_model\", \"label_model\", \"multi\", \"pairwise\"); or OpenAI's JSON, also a list of them"
            ),
            .option("name", .text, "the column for its grades; the first `let` name unless given"),
            .option(
                "input", Acceptance.text.or(.list, as: "text or a list of messages"),
                "what is checked, or what a judge is asked, with {{sample.output_text}} and {{item.column}}"),
            .option("reference", .text, "string_check, text_similarity: what it is held against"),
            .option(
                "operation", .oneOf(StringCheck.Operation.allCases.map(\.rawValue)), "string_check: eq unless given"),
            .option("metric", .oneOf(TextSimilarity.Metric.names), "text_similarity: how texts are compared"),
            .option("pass_threshold", .number(-.infinity ... .infinity), "from which score on an answer passes"),
            .option(
                "model", Acceptance.text.or(.domain(Model.self, "a model"), as: "a model or an alias of the kernel"),
                isAlias: true,
                "a judge: a model, or an alias of the kernel; for OpenAI's JSON it takes the place of the named one"
            ),
            .option("range", .list, "score_model: the lowest and the highest score, [0, 1] unless given"),
            .option("labels", .list, "label_model: what the judge chooses from"),
            .option("passing_labels", .list, "label_model: the labels that count 1; the others count 0"),
            .option("graders", .record, "multi: graders by name"),
            .option(
                "calculate_output", .text,
                "multi: a formula of their names, with + - * / ^ and min, max, abs, floor, ceil, exp, sqrt, log"),
            .option("criteria", .text, "pairwise: what makes an answer the better one, for `prefer`"),
            .option(
                "sampling_params", .record,
                "how a judge is asked: {temperature: 0, top_p: 1, seed: 7, max_completions_tokens: 512}"),
            .option(
                "samples", .whole(1...25),
                "how often a judge is asked about each row; the mean counts, or the label of most"),
        ], example: "grader .output_json.intent == .intent", takesTemplates: true,
        reaches: { call in
            // A rule on rows asks no model; OpenAI's JSON may, and `model:` does.
            if call.arguments.contains(where: { $0.label?.name == "model" }) { return true }
            guard let rule = call.arguments.first(where: { $0.label == nil })?.value else { return false }
            if case .text = rule.kind { return false }
            return !rule.readsRow
        },
        refuses: ["source": GraderForm.python],
        result: { call throws(Diagnostic) in try call.graderType() },
        run: { call in
            guard let rule = call.function("rule"), let closure = call.closure("rule") else { return .null }
            let name = call.value("name").text
            guard !rule.expression.readsRow else {
                return .domain(Grader(name: name, kind: .expression(closure)))
            }
            let value = try rule(.null)
            return try GraderBuilder(call).withFailures(of: value.text) { builder in
                if let word = value.text { return .domain(try builder.grader(word, name: name)) }
                guard value.record != nil || value.list != nil else {
                    throw WireError("a rule on rows such as .output == .answer, found \(value.kindName)")
                }
                switch try GraderWire.graders(in: value) {
                case .one(let wire): return .domain(try builder.grader(wire, name: name))
                case .several(let wires):
                    return .list(try wires.map { .domain(try builder.grader($0, name: $0.name ?? $0.type)) })
                }
            }
        })
}

/// Makes graders of a call's options, or of OpenAI's JSON; finds the models that judge.
struct GraderBuilder {
    private let call: Invocation

    init(_ call: Invocation) { self.call = call }

    /// A judge has to write its steps down: replies shorter than this would be cut.
    private static let fewestTokens = 512

    /// A grader of a type and its options.
    func grader(_ word: String, name: String?) throws -> Grader {
        guard let form = GraderForm.named(word) else {
            let (message, hint) = GraderForm.unknown(word)
            throw call.failure(.wrongType, at: "rule", message, hint: hint)
        }
        if let missing = form.required.first(where: { !call.has($0) }) {
            throw call.failure(.missingArgument, "Expected `\(missing):` for a \(word) grader.", hint: form.example)
        }
        switch word {
        case "multi": return try multi(name: name)
        case "pairwise":
            let context = try call.value("input").text.map { try Template($0) }
            return Grader(
                name: name,
                kind: .pairwise(
                    PairwiseJudge(criteria: call.value("criteria").text ?? "", context: context),
                    try asked("judge", try GraderSampling(call.value("sampling_params")))))
        default: break
        }
        var fields: Record = ["type": .string(word)]
        if let name { fields["name"] = .string(name) }
        for option in form.required + form.optional where call.has(option) && option != "samples" {
            let value = call.value(option)
            switch option {
            case "metric": fields["evaluation_metric"] = value
            case "model": fields["model"] = .string(value.domain(Model.self)?.specification.id ?? value.text ?? "")
            case "input" where word.hasSuffix("_model"):
                fields["input"] = value.text.map { [["role": "user", "content": .string($0)]] } ?? value
            default: fields[option] = value
            }
        }
        if word == "string_check", fields["operation"] == nil { fields["operation"] = "eq" }
        return try grader(GraderWire(.record(fields)), name: name)
    }

    /// A grader of OpenAI's JSON.
    func grader(_ wire: GraderWire, name: String?) throws -> Grader {
        let kind: Grader.Kind
        switch wire.kind {
        case .stringCheck, .textSimilarity:
            guard let text = try Grader.Kind(text: wire) else { throw WireError("a grader that can be run") }
            kind = text
        case .scoreModel(let request, let range, let threshold):
            kind = .judge(
                Grader.AskedJudge(
                    judge: try Judge(request, form: .score(range), passThreshold: threshold),
                    asked: try asked(request.model, request.sampling)))
        case .labelModel(let request, let labels, let passing):
            kind = .judge(
                Grader.AskedJudge(
                    judge: try Judge(request, form: .label(labels, passing: passing)),
                    asked: try asked(request.model, request.sampling)))
        case .multi(let parts, let formula):
            let graders = try parts.map { Grader.Part(name: $0.name, grader: try grader($0.grader, name: $0.name)) }
            kind = .multi(graders, try Formula(formula, names: parts.map(\.name)))
        }
        return Grader(name: name, kind: kind, wire: wire)
    }

    private func multi(name: String?) throws -> Grader {
        var parts: [Grader.Part] = []
        for (name, value) in call.value("graders").record ?? [:] {
            guard var grader = value.grader else {
                throw call.failure(
                    .wrongType, at: "graders", "Expected graders by name; `\(name)` is \(value.kindName).",
                    hint: "graders: {polite, same}")
            }
            switch grader.kind {
            case .multi, .pairwise:
                throw call.failure(
                    .wrongType, at: "graders",
                    "Expected graders that score a row by themselves; `\(name)` is \(grader.summary).",
                    hint: "graders: {polite, same}")
            default: break
            }
            grader.name = name
            parts.append(Grader.Part(name: name, grader: grader))
        }
        guard !parts.isEmpty else {
            throw call.failure(
                .wrongType, at: "graders", "Expected graders by name; there are none.", hint: "graders: {polite, same}")
        }
        let formula = try Formula(call.value("calculate_output").text ?? "", names: parts.map(\.name))
        return Grader(name: name, kind: .multi(parts, formula))
    }

    /// The model that judges: that of `model:`, else the kernel's of the name in the JSON, as alias or as id.
    private func asked(_ name: String, _ given: GraderSampling) throws -> Grader.AskedModel {
        if !given.others.isEmpty {
            call.note("grader: \(given.others.joined(separator: ", ")) in sampling_params is kept, but not sent.")
        }
        let samples = call.value("samples").integer ?? 1
        let sampling = Sampling(
            // Asked several times, a model that always takes the likeliest word would only repeat itself.
            temperature: given.temperature ?? (samples > 1 ? 1 : 0), topP: given.topP ?? 1,
            maxTokens: try given.maxTokens ?? max(Self.fewestTokens, call.lab.kernel.maxTokens),
            seed: given.seed ?? 0)
        return Grader.AskedModel(model: try model(name), sampling: sampling, samples: samples)
    }

    private func model(_ name: String) throws -> Model {
        if let model = call.value("model").domain(Model.self) { return model }
        let lab = try call.lab
        let name = call.value("model").text ?? name
        let alias = lab.kernel.models[name] == nil ? lab.kernel.models.first { $0.value.id == name }?.key : name
        guard let alias, let specification = lab.kernel.models[alias] else {
            if call.has("model") {
                throw lab.kernel.unknownModel(name, at: call.span("model"), in: call.context.source)
            }
            let aliases = lab.kernel.models.keys.sorted()
            let code = call.code("rule")
            throw call.failure(
                .unknownModel, at: "rule",
                "Expected a judge that the kernel \(lab.kernel.name) has: \(aliases.joined(separator: ", ")); the JSON "
                    + "names `\(name)`.",
                hint:
                    "grader \(code.count > 60 ? "json(…)" : code), model: \"\(aliases.last ?? "base")\"")
        }
        return try call.withProviderFailures {
            Model(
                alias: alias, specification: specification,
                identity: try lab.provider.identity(of: specification, trainedWeights: nil),
                lineage: try lab.provider.lineage(of: specification))
        }
    }

    /// Turns what templates, formulas and JSON do not allow into mistakes at the argument that has them.
    /// - Parameter word: the grader's type, where it is made of options.
    func withFailures(of word: String?, _ build: (GraderBuilder) throws -> Value) throws -> Value {
        do {
            return try build(self)
        } catch let error as WireError {
            let form = word.flatMap(GraderForm.named)
            let option = GraderForm.options.sorted().first { call.has($0) && error.expected.contains("`\($0)`") }
            throw call.failure(
                .wrongType, at: form == nil ? "rule" : option ?? "rule", error.description,
                hint: error.hint ?? form?.example ?? "grader .output == .answer")
        } catch let error as TemplateError {
            throw call.failure(
                .wrongType, at: call.has("input") ? "input" : "rule", error.description,
                hint: "\"{{sample.output_text}}\"")
        } catch let error as FormulaError {
            throw call.failure(
                .wrongType, at: call.has("calculate_output") ? "calculate_output" : "rule",
                "calculate_output: \(error.description)", hint: "\"0.5 * polite + same\"")
        }
    }
}
