internal import Distillation
internal import Foundation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// The arguments of `finetune` that say what the student learns from.
enum FineTuneMethod {
    static let parameters: [Parameter] = [
        .option(
            "method", .oneOf(TrainingMethod.names),
            "what is learnt: the replies' text, the teacher's probabilities of their tokens (soft), or those of replies that the student gives itself (on_policy); \"sft\" unless given"
        ),
        .option(
            "teacher", .domain(Model.self, "a model"),
            "whose probabilities are learnt, by soft and on_policy; it reads the rows under its own system prompt"),
        .option(
            "temperature", .number(0.01...100),
            "softens both distributions, and on_policy the student's sampling; 2 for soft and 1 for on_policy unless given"
        ),
        .option(
            "kd_ratio", .number(0...1),
            "soft: the share of the divergence from the teacher in the loss, the rest is cross-entropy; 0.5 unless given"
        ),
        .option(
            "top_k", .whole(1...1_000_000),
            "soft: how many of the teacher's likeliest tokens are kept at a position, the others as one; 64 unless given"
        ),
        .option(
            "lambda", .number(0...1),
            "on_policy: the probability that a batch's replies are the student's own; 0.5 unless given"),
        .option(
            "beta", .number(0...1),
            "on_policy: 0 is the divergence of the student from the teacher, 1 the reverse; 0.5 unless given"),
        .option(
            "max_new_tokens", .whole(1...100_000),
            "on_policy: the longest reply of the student's own, in tokens; the kernel's limit unless given"),
    ]

    /// Which methods take an option.
    private static let takers: OrderedDictionary<String, [String]> = [
        "teacher": ["soft", "on_policy"], "temperature": ["soft", "on_policy"], "kd_ratio": ["soft"],
        "top_k": ["soft"], "lambda": ["on_policy"], "beta": ["on_policy"], "max_new_tokens": ["on_policy"],
    ]

    /// A mistake in what stands together.
    struct Mistake {
        let code: DiagnosticCode
        /// The argument, or nil for the verb.
        let parameter: String?
        let message: String
        let hint: String
    }

    /// Options that the method has no use for, and a teacher that it lacks.
    /// - Parameter has: whether an argument was given.
    static func mistake(method: String, _ has: (String) -> Bool) -> Mistake? {
        for (option, methods) in takers where has(option) && !methods.contains(method) {
            let names = methods.map { "\"\($0)\"" }.joined(separator: " or ")
            return Mistake(
                code: .incompatibleModels, parameter: option,
                message: "Expected no `\(option)`; only `method: \(names)` uses it.",
                hint: "method: \"\(methods[0])\", or leave out \(option)")
        }
        guard method == "sft" || has("teacher") else {
            return Mistake(
                code: .missingArgument, parameter: nil,
                message: "Expected `teacher:`; `method: \"\(method)\"` learns a teacher's probabilities.",
                hint: "finetune student, method: \"\(method)\", teacher: cora")
        }
        return nil
    }

    /// What is known before the cell runs.
    static func check(_ call: CheckedCall) throws(Diagnostic) {
        guard let method = call.has("method") ? call.literalText("method") : "sft" else { return }
        guard TrainingMethod.names.contains(method), let mistake = mistake(method: method, call.has) else { return }
        throw call.mistake(mistake.code, at: mistake.parameter, mistake.message, hint: mistake.hint)
    }

    /// The method with its options.
    static func method(_ call: Invocation) throws -> TrainingMethod {
        let name = call.value("method").text ?? "sft"
        if let mistake = mistake(method: name, { !call.value($0).isNull }) {
            throw call.failure(
                mistake.code, at: mistake.parameter ?? "method", mistake.message, hint: mistake.hint)
        }
        switch name {
        case "soft":
            var options = SoftLabelOptions()
            if let temperature = call.value("temperature").double { options.temperature = temperature }
            if let ratio = call.value("kd_ratio").double { options.ratio = ratio }
            if let topK = call.value("top_k").integer { options.topK = topK }
            return .soft(options)
        case "on_policy":
            var options = OnPolicyOptions(maxTokens: try call.lab.kernel.maxTokens)
            if let temperature = call.value("temperature").double { options.temperature = temperature }
            if let lambda = call.value("lambda").double { options.lambda = lambda }
            if let beta = call.value("beta").double { options.beta = beta }
            if let tokens = call.value("max_new_tokens").integer { options.maxTokens = tokens }
            return .onPolicy(options)
        default: return .sft
        }
    }

    /// The model that teaches, where one was given.
    static func teacher(_ call: Invocation) -> Model? { call.value("teacher").domain(Model.self) }

    /// The options by the names that the language gives them.
    static func record(_ method: TrainingMethod, teacher: Model?) -> Record {
        var record: Record = ["method": .string(method.name)]
        if let teacher { record["teacher"] = .string(teacher.identity.id) }
        switch method {
        case .sft: break
        case .soft(let soft):
            record["temperature"] = .double(soft.temperature)
            record["kd_ratio"] = .double(soft.ratio)
            record["top_k"] = .integer(soft.topK)
        case .onPolicy(let own):
            record["temperature"] = .double(own.temperature)
            record["lambda"] = .double(own.lambda)
            record["beta"] = .double(own.beta)
            record["max_new_tokens"] = .integer(own.maxTokens)
        }
        return record
    }

    /// Where the lab keeps teachers' probabilities; `run --fresh` computes them anew.
    static func softLabels(_ lab: Lab) -> any SoftLabelStoring {
        lab.ignoresStore ? FreshSoftLabels(store: lab.softLabels) : lab.softLabels
    }

    private struct FreshSoftLabels: SoftLabelStoring {
        let store: any SoftLabelStoring
        func parts(of group: String) -> [Data] { [] }
        func add(_ part: Data, to group: String) throws { try store.add(part, to: group) }
    }

    // MARK: What people see

    /// The parts of a loss, for the line of progress: " (cross-entropy 0.91, kl 1.52)"; empty where there is but one.
    static func detail(_ parts: LossParts?) -> String {
        guard let parts else { return "" }
        let divergence = Number.fixed(parts.divergence, decimals: 3)
        if let crossEntropy = parts.crossEntropy {
            return " (cross-entropy \(Number.fixed(crossEntropy, decimals: 3)), kl \(divergence))"
        }
        return parts.isOnPolicy ? " (own replies)" : " (given replies)"
    }

    /// The columns of `losses` beside the loss itself.
    static func columns(_ step: TrainingStep, _ method: TrainingMethod) -> Record {
        func loss(_ value: Double?) -> Value { value.map { .double($0) } ?? .null }
        switch method {
        case .sft: return [:]
        case .soft:
            return [
                "cross_entropy": loss(step.parts?.crossEntropy), "kl": loss(step.parts?.divergence),
                "validation_cross_entropy": loss(step.validationParts?.crossEntropy),
                "validation_kl": loss(step.validationParts?.divergence),
            ]
        case .onPolicy: return ["on_policy": step.parts.map { .bool($0.isOnPolicy) } ?? .null]
        }
    }

    /// What came of the parts, in a sentence; nil where the loss has but one.
    static func summary(_ steps: [TrainingStep], _ method: TrainingMethod) -> String? {
        let parts = steps.compactMap(\.parts)
        guard let first = parts.first else { return nil }
        let tail = parts.suffix(8)
        func mean(_ losses: [Double]) -> String {
            Number.fixed(losses.reduce(0, +) / Double(max(1, losses.count)), decimals: 3)
        }
        switch method {
        case .sft: return nil
        case .soft(let soft):
            let square = soft.temperature == 1 ? "kl" : "T²·kl"
            // 1 - 0.7 is 0.30000000000000004 in binary; nobody gave so many digits.
            let rest = ((1 - soft.ratio) * 1e6).rounded() / 1e6
            return "cross-entropy \(Number.fixed(first.crossEntropy ?? 0, decimals: 3)) → "
                + "\(mean(tail.compactMap(\.crossEntropy))), \(square) to the teacher "
                + "\(Number.fixed(first.divergence, decimals: 3)) → \(mean(tail.map(\.divergence))); "
                + "the loss is \(Value.double(rest).plainText) of the one "
                + "and \(Value.double(soft.ratio).plainText) of the other."
        case .onPolicy(let own):
            let share = parts.count { $0.isOnPolicy }
            return
                "\(share) of \(parts.count) batches had the student's own replies (lambda \(Value.double(own.lambda).plainText)); "
                + "the loss is the divergence from the teacher, beta \(Value.double(own.beta).plainText)."
        }
    }

    /// What the teacher's probabilities take, in a sentence.
    static func summary(_ progress: SoftLabelProgress, teacher: String) -> String {
        let kilobytes = Number.fixed((Double(progress.bytes) / 1e3).rounded(.up), decimals: 0)
        let size = progress.bytes < 1_000_000 ? "\(kilobytes) kB" : MemorySize.text(progress.bytes)
        let stored = progress.stored == 0 ? "" : ", \(progress.stored) of them from before"
        return "probabilities of \(teacher) for \(progress.total) rows: \(size) in .distnb/soft-labels\(stored)."
    }
}
