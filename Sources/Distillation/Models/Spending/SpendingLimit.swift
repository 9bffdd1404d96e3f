internal import Synchronization
internal import Tables

/// Stops a run before it spends more than it may.
///
/// Dollars and tokens are never exceeded: requests are handed to the provider only as far as the most that they can
/// take, their prompts and the longest replies that they allow, still fits into what is left. What is in flight is so
/// paid for beforehand, whatever a server's concurrency. Only requests that are really sent count, never what comes
/// from the store, nor training on this machine. Time is looked at while it passes: what is in flight when it is over
/// is given up, and what was answered by then is kept.
public final class SpendingLimit: Sendable {
    private struct State {
        var budgets: [Budget] = []
        var started = 0.0
        var requests = 0
        var tokens = 0.0
        var dollars = 0.0
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Double

    /// No limit before `start`.
    /// - Parameter now: seconds, by any clock that only goes forward.
    public init(now: @escaping @Sendable () -> Double) { self.now = now }

    /// Begins a run with these budgets; none for no limit.
    public func start(_ budgets: [Budget]) {
        let moment = now()
        state.withLock { $0 = State(budgets: budgets, started: moment) }
    }

    /// Whether the time of the run is over.
    public var isTimeOver: Bool { overTime != nil }

    private var overTime: Budget? {
        let (budgets, started) = state.withLock { ($0.budgets, $0.started) }
        guard let limit = budgets.filter({ $0.unit == .seconds }).min(by: { $0.amount < $1.amount }) else { return nil }
        return now() - started >= limit.amount ? limit : nil
    }

    /// Why the run stopped when its time is over.
    public var timeIsOver: BudgetSpent? {
        overTime.map {
            BudgetSpent(
                "The budget of \($0) for this run is over; what was answered is kept.",
                hint: "run again to go on where it stopped: --budget \(Self.more($0))")
        }
    }

    /// Whether requests must be measured before they are sent.
    var isCounting: Bool { state.withLock { $0.budgets.contains { $0.unit != .seconds } } }

    func count(_ usage: Usage, price: TokenPrice?) {
        state.withLock { state in
            state.requests += 1
            state.tokens += Double(usage.promptTokens) + Double(usage.completionTokens)
            state.dollars += price?.cost(of: usage) ?? 0
        }
    }

    /// How many of some requests may be sent together without the budget being exceeded; at least one.
    /// - Parameters:
    ///   - most: the most that each of them can take, in order.
    ///   - model: what messages call the model.
    /// - Throws: `BudgetSpent` where not even the first may be, or where dollars are counted and there is no price.
    func affordable(_ most: some Sequence<Usage>, price: TokenPrice?, model: String) throws(BudgetSpent) -> Int {
        let state = state.withLock { $0 }
        var allowed = Int.max
        for budget in state.budgets where budget.unit != .seconds {
            if budget.unit == .dollars, price == nil {
                throw BudgetSpent(
                    "The kernel names no price for \(model), so what it takes of \(budget) cannot be counted.",
                    hint: "give the budget in tokens, --budget 1_000_000tokens, or the price in kernel.json")
            }
            let left = budget.amount - (budget.unit == .dollars ? state.dollars : state.tokens)
            var (sum, fitting) = (0.0, 0)
            var first = 0.0
            for usage in most {
                let cost =
                    budget.unit == .dollars
                    ? price?.cost(of: usage) ?? 0 : Double(usage.promptTokens) + Double(usage.completionTokens)
                if fitting == 0 { first = cost }
                sum += cost
                // Sums of prices are not exact in binary; a millionth of a cent is nobody's loss.
                guard sum <= left + 1e-8 else { break }
                fitting += 1
            }
            guard fitting > 0 else { throw spent(budget, left: max(0, left), next: first, requests: state.requests) }
            allowed = min(allowed, fitting)
        }
        return allowed
    }

    private func spent(_ budget: Budget, left: Double, next: Double, requests: Int) -> BudgetSpent {
        let used = "\(budget.text(budget.amount - left)) for \(requests) request\(requests == 1 ? "" : "s")"
        let rest =
            left > 0
            ? "; of the rest, \(budget.text(left)), the next could take up to \(budget.text(next))" : ""
        return BudgetSpent(
            "The budget of \(budget) for this run is spent: \(used)\(rest). All answers are kept.",
            hint: "run again to go on where it stopped, none is paid twice: --budget \(Self.more(budget))")
    }

    /// A larger budget, as it is written.
    private static func more(_ budget: Budget) -> String {
        let amount = budget.amount * 2
        switch budget.unit {
        case .dollars: return Number.fixed(amount, decimals: amount == amount.rounded() ? 0 : amount < 0.01 ? 6 : 2)
        case .tokens: return "\(Int(min(amount, 1e15)))tokens"
        case .seconds: return amount < 120 ? "\(Int(amount.rounded(.up)))s" : "\(Int((amount / 60).rounded(.up)))min"
        }
    }

    /// What was spent of the budgets so far, in words; nil without a budget.
    public var summary: String? {
        let state = state.withLock { $0 }
        guard !state.budgets.isEmpty else { return nil }
        let elapsed = now() - state.started
        return state.budgets.map { budget in
            let used =
                switch budget.unit {
                case .dollars: state.dollars
                case .tokens: state.tokens
                case .seconds: elapsed
                }
            return "\(budget.text(used)) of \(budget)"
        }.joined(separator: ", ")
    }
}

/// A run has spent what it may: what happened, and how to go on.
public struct BudgetSpent: Error, Sendable, CustomStringConvertible {
    public let description: String
    public let hint: String

    public init(_ description: String, hint: String) {
        self.description = description
        self.hint = hint
    }
}
