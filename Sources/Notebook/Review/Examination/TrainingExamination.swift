internal import Distillation
internal import Tables
internal import Verbs

/// Looks at what a model is about to be trained on: the exact text, what of it is learnt, what is too long.
struct TrainingExamination {
    private let job: FineTuneJob
    private let provider: any ModelProvider

    /// Rows whose tokens are counted; the others are as long, on the whole.
    private static let limit = 2_000

    init(_ job: FineTuneJob, provider: any ModelProvider) {
        self.job = job
        self.provider = provider
    }

    /// The first row as the model reads it; nil where only a server knows its template.
    var firstRow: [TokenRun]? {
        get throws {
            try job.examples.first.flatMap { try provider.reading(of: $0, for: job.base.specification) }
        }
    }

    /// What there is to say of the rows.
    func findings() -> [Finding] {
        let count = job.examples.count
        let steps = job.options.steps(rows: count)
        var findings = [
            Finding(
                .good,
                "\(grouped(count)) rows to learn from, \(grouped(job.validation.count)) to measure on, "
                    + "\(job.options.epochs) epoch\(job.options.epochs == 1 ? "" : "s"), \(grouped(steps)) steps")
        ]
        let replies = job.examples.map { $0.last?.content ?? "" }
        let empty = replies.count { $0.allSatisfy(\.isWhitespace) }
        if empty > 0 {
            findings.append(
                Finding(
                    .warning, "\(grouped(empty)) of them have an empty reply: the model learns to say nothing",
                    hint: "lessons | where trim(.output) != \"\""))
        }
        let held = Set(job.validation.map { RowHash(messages: $0) })
        let same = job.examples.count { held.contains(RowHash(messages: $0)) }
        if same > 0 {
            findings.append(
                Finding(
                    .problem, "\(grouped(same)) of them are validation rows as well; finetune refuses that",
                    hint: "split the rows first: split {train: 0.9, validation: 0.1}"))
        }
        findings += lengths()
        return findings
    }

    private func lengths() -> [Finding] {
        do {
            let specification = job.base.specification
            guard let context = try provider.contextLength(of: specification) else {
                return [Finding(.good, "how long they are only the server knows")]
            }
            let limit = min(job.options.maxTokens ?? context, context)
            var lengths: [Int] = []
            for example in job.examples.prefix(Self.limit) {
                guard let runs = try provider.reading(of: example, for: specification) else { return [] }
                lengths.append(runs.reduce(0) { $0 + $1.count })
            }
            lengths.sort()
            guard let longest = lengths.last else { return [] }
            let median = lengths[lengths.count / 2]
            let cut = lengths.count { $0 > limit }
            let text =
                "\(grouped(median)) tokens in the median, \(grouped(longest)) at most; the limit is \(grouped(limit))"
            guard cut > 0 else { return [Finding(.good, text)] }
            return [
                Finding(
                    .warning,
                    "\(text): \(grouped(cut)) of \(grouped(lengths.count)) rows are longer and would be left out whole",
                    hint: job.options.maxTokens == nil
                        ? "shorter prompts, or a model that reads more" : "a larger max_tokens:")
            ]
        } catch {
            return [Finding(.problem, "they cannot be rendered: \(error)", hint: nil)]
        }
    }

    private func grouped(_ number: Int) -> String { Number.integer(Int64(number)).grouped }
}
