internal import Distillation
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// A training with what people see of it: what it takes, how far it is, what came of it.
final class SupervisedFineTuning {
    private let call: Invocation
    private let lab: Lab
    private let job: FineTuneJob
    /// Examples of the job that were too long.
    private(set) var leftOut: Set<Int> = []
    private var preparation: TrainingPreparation?
    private var best: (step: Int, loss: Double)?
    private var validationLoss: Double?
    private var saidThatCheckpointsFail = false
    private var computed = 0
    private var softLabels: SoftLabelProgress?
    /// Seconds that the steps took which were computed in this run.
    private var measured = 0.0
    /// Whether a service trains, which tells how far it is and not of each step.
    private var isElsewhere = false

    init(_ call: Invocation, _ lab: Lab, _ job: FineTuneJob) {
        self.call = call
        self.lab = lab
        self.job = job
    }

    func run() throws -> FineTuneResult {
        try call.withProviderFailures {
            let key = try lab.provider.checkpointKey(of: job)
            if lab.ignoresStore { lab.checkpoints.remove(key) }
            let supervision = TrainingSupervision(
                checkpoints: lab.checkpoints, softLabels: FineTuneMethod.softLabels(lab),
                cancellation: lab.cancellation, prepared: prepared, report: report,
                watched: watched, keepsUnfinished: keepsUnfinished, checkpointFailed: checkpointFailed,
                softLabelsProgress: softLabelsProgress, stage: stage, tell: { [call] in call.note("finetune: \($0)") },
                offer: lab.offer)
            let started = lab.now()
            let result = try lab.provider.fineTune(job, supervision: supervision)
            measured = max(0, lab.now() - started)
            if let softLabels {
                call.note(FineTuneMethod.summary(softLabels, teacher: job.teacher?.model.displayName ?? ""))
            }
            if result.steps.last.map({ $0.step == $0.totalSteps || result.stoppedEarly }) ?? true {
                lab.checkpoints.finish(key)
            }
            if computed == 0, !result.steps.isEmpty {
                call.note("finetune was done before this run was stopped; its checkpoint was complete.")
            }
            for line in TrainingSummary(result, preparation).lines { call.note(line) }
            if let parts = FineTuneMethod.summary(result.steps, job.options.method) { call.note(parts) }
            return result
        }
    }

    /// Seconds of the whole training: where it went on from a checkpoint, the steps of before are taken to have been as
    /// fast as those of this run.
    /// - Returns: nil where nothing was computed in this run.
    func seconds(of result: FineTuneResult) -> Double? {
        if let receipt = result.receipt { return receipt.seconds }
        return computed > 0 ? measured / Double(computed) * Double(max(computed, result.steps.count)) : nil
    }

    /// Tokens that were trained on, prompts included, once for each epoch as far as it came.
    /// - Returns: nil where the provider does not say how long the rows are.
    func trainedTokens(_ result: FineTuneResult) -> Int? {
        if let receipt = result.receipt { return receipt.tokens }
        guard let tokens = preparation?.tokens, let last = result.steps.last, last.totalSteps > 0 else { return nil }
        let share = Double(last.step) / Double(last.totalSteps)
        let all = (Double(tokens) * Double(job.options.epochs) * share).rounded()
        return all < 1e15 ? Int(all) : nil
    }

    /// Says what the training takes and leaves out; refuses it where its memory is not there.
    private func prepared(_ preparation: TrainingPreparation) throws {
        self.preparation = preparation
        leftOut = Set(preparation.leftOut.rows)
        let limit = preparation.limit
        for (left, total, kind) in [
            (preparation.leftOut, preparation.rows, ""),
            (preparation.validationLeftOut, preparation.validationRows, "validation "),
        ] where !left.rows.isEmpty {
            let count = left.rows.count
            call.note(
                "finetune: \(count) of \(count + total) \(kind)rows \(count == 1 ? "is" : "are") longer than \(limit) tokens, "
                    + "by up to \(left.longest - limit), and \(count == 1 ? "was" : "were") left out; none was cut.")
        }
        let memory = preparation.memory
        let parts = memory.parts.sorted { $0.bytes > $1.bytes }.prefix(5)
            .filter { $0.bytes > memory.total / 100 }.map { "\($0.name) \(MemorySize.text($0.bytes))" }
        let needs = "about \(MemorySize.text(memory.total)) of memory: \(parts.joined(separator: ", "))"
        if let left = lab.memory.headroom, memory.additional > left {
            throw call.failure(
                .outOfMemory,
                "Expected memory for the training; it needs \(needs). \(MemorySize.text(left)) are left of what it may take.",
                hint: Self.advice(job.options))
        }
        call.note("finetune needs \(needs).")
    }

    /// What makes a training smaller.
    private static func advice(_ options: FineTuneOptions) -> String {
        if options.update == .full { return "update: \"lora\" trains a small part of the weights" }
        if options.batchSize > 1 {
            return "batch_size: \(max(1, options.batchSize / 2)), accumulate: 2 is the same step in parts"
        }
        return "shorter rows (max_tokens:), a smaller rank, or a model with fewer layers"
    }

    private func report(_ step: TrainingStep) {
        if computed == 0, step.step > 1, !isElsewhere {
            call.note("finetune went on from its checkpoint, after step \(step.step - 1).")
        }
        computed += 1
        validationLoss = step.validationLoss ?? validationLoss
        if let loss = step.validationLoss, best.map({ loss < $0.loss }) ?? true { best = (step.step, loss) }
        var details = ["loss \(Number.fixed(step.loss, decimals: 3))\(FineTuneMethod.detail(step.parts))"]
        if let loss = validationLoss {
            let isBest = best.map { $0.loss == loss } ?? true
            let better = isBest ? "" : " (best \(Number.fixed(best?.loss ?? loss, decimals: 3)) at \(best?.step ?? 0))"
            details.append("validation \(Number.fixed(loss, decimals: 3))\(better)")
        }
        if step.tokensPerSecond > 0 { details.append("\(Number.fixed(step.tokensPerSecond, decimals: 0)) tokens/s") }
        lab.progress.report(
            Progress(
                "finetune \(job.base.displayName)", done: step.step, total: step.totalSteps, unit: "steps",
                detail: details.joined(separator: ", ")))
    }

    private func stage(_ words: String) {
        isElsewhere = true
        lab.progress.report(
            Progress("finetune \(job.base.displayName)", done: computed, total: 0, unit: "steps", detail: words))
    }

    private func softLabelsProgress(_ found: SoftLabelProgress) {
        softLabels = found
        lab.progress.report(
            Progress(
                "teacher \(job.teacher?.model.displayName ?? "")", done: found.done, total: found.total, unit: "rows",
                detail: found.stored > 0 ? "\(found.stored) from before" : ""))
    }

    private func watched(_ answers: [WatchedAnswer]) {
        for answer in answers {
            let words = answer.answer.split(whereSeparator: \.isNewline).joined(separator: " ")
            call.note(
                "step \(answer.step) · \(answer.prompt.prefix(40))\(answer.prompt.count > 40 ? "…" : "") → "
                    + "\(words.prefix(80))\(words.count > 80 || answer.isCut ? "…" : "")")
        }
    }

    private func keepsUnfinished(_ step: TrainingStep) -> Bool {
        lab.offer(
            "Stopped after step \(step.step) of \(step.totalSteps), loss \(Number.fixed(step.loss, decimals: 3)). "
                + "Use the half-trained model and run on? (No: the next run trains on from here.)")
    }

    private func checkpointFailed(_ error: any Error) {
        if !saidThatCheckpointsFail {
            let reason = (error as? FileError)?.detail ?? "the checkpoint could not be written"
            call.note("finetune goes on, but what is trained from now on a kill would cost: \(reason)")
        }
        saidThatCheckpointsFail = true
    }
}

/// What came of a training, in sentences.
struct TrainingSummary {
    let lines: [String]

    init(_ result: FineTuneResult, _ preparation: TrainingPreparation?) {
        guard let first = result.steps.first, let last = result.steps.last else {
            lines = []
            return
        }
        func text(_ loss: Double) -> String { Number.fixed(loss, decimals: 3) }
        func mean(_ losses: [Double]) -> Double { losses.reduce(0, +) / Double(max(1, losses.count)) }
        var byEpoch: [String] = []
        for epoch in 1...max(1, last.epoch) {
            let losses = result.steps.filter { $0.epoch == epoch }.map(\.loss)
            if !losses.isEmpty { byEpoch.append(text(mean(losses))) }
        }
        let tail = result.steps.suffix(8).map(\.loss)
        let steps = result.steps.count == 1 ? "1 step" : "\(result.steps.count) steps"
        let speed =
            last.tokensPerSecond > 0
            ? " at \(Number.fixed(last.tokensPerSecond, decimals: 0)) tokens/s, prompts included" : ""
        var lines = [
            "loss \(text(first.loss)) → \(text(mean(tail))) in \(steps)\(speed); "
                + "by epoch \(byEpoch.joined(separator: ", "))."
        ]
        let measured = result.steps.compactMap { step in step.validationLoss.map { (step: step.step, loss: $0) } }
        if let latest = measured.last, let best = measured.min(by: { $0.loss < $1.loss }) {
            let rows = preparation.map { " over \($0.validationRows) rows" } ?? ""
            let least = best.step < latest.step ? "; the least was \(text(best.loss)) after step \(best.step)" : ""
            lines.append("validation loss \(text(latest.loss))\(rows)\(least).")
        }
        if result.stoppedEarly, let kept = result.keptStep {
            lines.append(
                "Stopped early after step \(last.step) of \(last.totalSteps): the validation loss got no better. "
                    + "The weights of step \(kept) are kept.")
        } else if let kept = result.keptStep, kept < last.step {
            lines.append("The weights of step \(kept), where the validation loss was least, are kept.")
        }
        if last.step < last.totalSteps, !result.stoppedEarly {
            lines.append(
                "You stopped the training after step \(last.step) of \(last.totalSteps); "
                    + "running the cell again (run --all) goes on from there.")
        }
        self.lines = lines
    }
}
