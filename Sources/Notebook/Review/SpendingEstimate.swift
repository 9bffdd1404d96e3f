internal import Distillation
internal import Rendering
internal import Tables

/// What a cell would take of models, as far as that can be known before.
public struct SpendingEstimate: Sendable {
    /// Completions that would be computed or paid for.
    public let requests: Int
    /// Completions that the store answers.
    public let stored: Int
    /// Tokens in and out of the requests.
    public let tokens: Int
    /// Whether the tokens are the most that it can be: the replies of a model in it are not known, and count with the
    /// longest that they may be.
    public let isBound: Bool
    /// Whether prompts' tokens are guessed from their bytes, because only a server can count them.
    public let isApproximate: Bool
    /// US dollars, with what a service takes for training; nil where the kernel names no price for a model in it.
    public let cost: Double?
    /// Whether some of it is done at a host, whose pace nobody here knows.
    public let isAway: Bool
    /// Rows of all trainings, and their tokens in all epochs.
    public let training: (rows: Int, tokens: Int)?
    /// Seconds; nil where nothing is known of them.
    public let seconds: Double?
    /// Why nothing is known, in a sentence.
    public let problem: String?

    init(_ cell: Rehearsal.Cell, kernel: KernelProfile, earlier: CellState?, trial: Trial?) {
        let asked = cell.asked
        requests = asked.requests
        stored = cell.stored
        tokens = asked.usage.values.reduce(0) { $0 + $1.usage.promptTokens + $1.usage.completionTokens }
        isBound = asked.isBound
        isApproximate = asked.isApproximate
        let requestCost = asked.usage.values.reduce(0 as Double?) { sum, entry in
            sum.flatMap { sum in kernel.price(of: entry.model).map { sum + $0.cost(of: entry.usage) } }
        }
        cost = asked.trainings.reduce(requestCost) { sum, training in
            sum.flatMap { sum in kernel.cost(of: training.job, tokens: training.tokens).map { sum + $0 } }
        }
        isAway =
            asked.usage.values.contains { kernel.host(of: $0.model.specification) != nil }
            || asked.trainings.contains { kernel.host(of: $0.job.base.specification) != nil }
        training =
            asked.trainings.isEmpty
            ? nil
            : asked.trainings.reduce((0, 0)) {
                ($0.0 + $1.job.examples.count, $0.1 + $1.tokens * max(1, $1.job.options.epochs))
            }
        problem = cell.problem
        let ran = earlier.flatMap { $0.status == .ok ? $0 : nil }
        if asked.requests == 0, asked.trainings.isEmpty, cell.problem == nil {
            seconds = cell.seconds
        } else if cell.problem == nil, let known = trial?.seconds(of: cell) {
            seconds = known
        } else if let ran, ran.usage.requests > 0, asked.trainings.isEmpty {
            seconds = ran.seconds * Double(asked.requests) / Double(ran.usage.requests)
        } else {
            seconds = ran?.seconds
        }
    }

    /// The tokens for people: `12,345`, `≤ 12,345`, `~12,345`.
    var tokensText: String {
        (isBound ? "≤ " : isApproximate ? "~" : "") + Number.integer(Int64(tokens)).grouped
    }

    var costText: String? { cost.map { (isBound && $0 > 0 ? "≤ " : "") + Budget.dollars($0) } }
}
