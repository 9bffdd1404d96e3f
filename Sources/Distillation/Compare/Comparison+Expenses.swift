internal import OrderedCollections
public import Tables

/// What models take, as people read it: a table of the calls, and one of what making the trained ones took.
extension Comparison {
    /// Both tables with what is to know about them, in order.
    public var expenseBlocks: [PresentationBlock] {
        var blocks: [PresentationBlock] = [.table(TablePresentation(callTable, limit: 100))]
        blocks += callRemarks.map(PresentationBlock.prose)
        if let makingTable {
            blocks += [.line(""), .table(TablePresentation(makingTable, limit: 100))]
            // A line each, never cut into several: `verify` knows figures that rest on measured times by their line.
            blocks += breakEvenSentences.map(PresentationBlock.line)
        }
        return blocks
    }

    /// When each trained model has paid for itself, a sentence each.
    public var breakEvenSentences: [String] {
        expenses.compactMap { expense in
            breakEven(of: expense)?.sentence(
                model: expense.model, teacher: expense.making?.teacher ?? "its teacher")
        }
    }

    // MARK: Calls

    private var callTable: DataSet {
        let isTimed = expenses.contains { $0.fresh != nil }
        return DataSet(
            rows: expenses.map { expense in
                var row: Record = [
                    "model": .string(expense.model),
                    "parameters": .string(expense.parameters.map(Self.millions) ?? "–"),
                    "memory": .string(expense.weightBytes.map(MemorySize.text) ?? "–"),
                    "tokens": .string(Self.tokens(expense)),
                    "1,000 calls": .string(Self.dollars(expense.costPerCall.map { $0 * 1_000 }, expense.machineHour)),
                ]
                if isTimed {
                    row["p50"] = .string(expense.latency.map { LatencySummary.text($0.median) } ?? "–")
                    row["p95"] = .string(expense.latency.map { LatencySummary.text($0.p95) } ?? "–")
                    // With its unit, so that `verify` knows it for a time.
                    row["speed"] = .string(
                        expense.fresh?.tokensPerSecond.map { "\(Number.fixed($0, decimals: $0 < 10 ? 1 : 0)) tok/s" }
                            ?? "–")
                }
                return row
            })
    }

    private static func tokens(_ expense: Expense) -> String {
        guard expense.calls > 0 else { return "–" }
        func mean(_ count: Int) -> String { Number.fixed(Double(count) / Double(expense.calls), decimals: 0) }
        return "\(mean(expense.usage.promptTokens)) + \(mean(expense.usage.completionTokens))"
    }

    /// Dollars, marked as approximate where they come from measured time; `–` where they are not known.
    private static func dollars(_ cost: Cost?, _ machineHour: Double?) -> String {
        guard let cost, let dollars = cost.dollars(machineHour: machineHour) else { return "–" }
        return (cost.seconds > 0 ? "≈" : "") + Dollars.text(dollars)
    }

    static func millions(_ count: Int) -> String {
        count < 100_000 ? "\(count)" : "\(Number.fixed(Double(count) / 1e6, decimals: 1)) M"
    }

    /// How the figures came about, and why some are missing.
    public var callRemarks: [String] {
        var lines = ["tokens: of a prompt + of its reply, on average."]
        let measured = expenses.compactMap(\.latency?.n)
        if let most = measured.max(), let least = measured.min() {
            let count = most == least ? "\(most)" : "\(least) to \(most)"
            lines.append(
                "p50, p95, speed: of \(count) fresh request\(most == 1 ? "" : "s") a model, one at a time; "
                    + "never of stored ones.")
        }
        if expenses.contains(where: { $0.tariff == .machine }) {
            if let hour = expenses.compactMap(\.machineHour).first {
                lines.append("≈: time of this machine, at \(Dollars.text(hour)) an hour.")
            } else {
                lines.append(
                    "No cost: an hour of this machine has no price. --machine-hour 0.40, or \(MachineHour.variable)=0.40, "
                        + "gives it one.")
            }
        }
        for (text, models) in pricedModels { lines.append("\(models.joined(separator: ", ")): \(text).") }
        let unpriced = expenses.filter { $0.tariff == .unknown }.map(\.model)
        if !unpriced.isEmpty { lines.append("No price is known for \(unpriced.joined(separator: ", ")).") }
        return lines
    }

    private var pricedModels: OrderedDictionary<String, [String]> {
        var found: OrderedDictionary<String, [String]> = [:]
        for expense in expenses {
            if case .tokens(let price) = expense.tariff { found[price.text, default: []].append(expense.model) }
        }
        return found
    }

    // MARK: Making

    private var makingTable: DataSet? {
        let made = expenses.filter { $0.making != nil }
        guard !made.isEmpty else { return nil }
        return DataSet(
            rows: made.map { expense in
                let making = expense.making
                return [
                    "made": .string(expense.model), "lessons": .string(Self.lessons(making?.effort)),
                    "their cost": .string(Self.dollars(making?.lessons, expense.machineHour)),
                    "training": .string(Self.training(making?.effort)),
                    "its cost": .string(Self.dollars(making?.training, expense.machineHour)),
                    "break-even": .string(Self.calls(breakEven(of: expense), expense)),
                ]
            })
    }

    private static func calls(_ breakEven: BreakEven?, _ expense: Expense) -> String {
        guard let breakEven else { return "–" }
        guard case .after = breakEven else { return breakEven.text }
        return (expense.tariff == .machine ? "≈" : "") + "\(breakEven.text) calls"
    }

    private static func lessons(_ effort: TrainingEffort?) -> String {
        guard let effort else { return "–" }
        guard !effort.lessons.isEmpty else { return "none" }
        var calls: OrderedDictionary<String, Int> = [:]
        for lesson in effort.lessons {
            let (sum, overflow) = calls[lesson.teacher, default: 0].addingReportingOverflow(lesson.batch.calls)
            calls[lesson.teacher] = overflow ? .max : sum
        }
        return calls.map { "\(Number.integer(Int64($0.value)).grouped) of \($0.key)" }.joined(separator: ", ")
    }

    private static func training(_ effort: TrainingEffort?) -> String {
        let parts = [
            effort?.tokens.map { "\(Self.thousands($0)) tokens" }, effort?.seconds.map(Self.duration),
        ].compactMap(\.self)
        return parts.isEmpty ? "–" : parts.joined(separator: ", ")
    }

    private static func thousands(_ count: Int) -> String {
        count < 10_000
            ? "\(count)"
            : count < 1_000_000
                ? "\(Number.fixed(Double(count) / 1e3, decimals: 0))k"
                : "\(Number.fixed(Double(count) / 1e6, decimals: 2))M"
    }

    private static func duration(_ seconds: Double) -> String {
        seconds < 120
            ? "\(Number.fixed(seconds, decimals: seconds < 10 ? 1 : 0)) s"
            : "\(Number.fixed(seconds / 60, decimals: seconds < 6_000 ? 1 : 0)) min"
    }

    // MARK: Data

    /// An expense's columns in the comparison's table.
    func columns(of expense: Expense?) -> Record {
        func number(_ value: Double?) -> Value { value.map { .double($0) } ?? .null }
        let making = expense?.making
        var calls: Value = .null
        if let expense, case .after(let count)? = breakEven(of: expense) { calls = .integer(count) }
        let hour = expense?.machineHour
        return [
            "parameters": expense?.parameters.map { .integer($0) } ?? .null,
            "weight_bytes": expense?.weightBytes.map { .integer($0) } ?? .null,
            "prompt_tokens": .integer(expense?.usage.promptTokens ?? 0),
            "completion_tokens": .integer(expense?.usage.completionTokens ?? 0),
            "cost": number(expense?.cost), "cost_per_1000": number(expense?.dollarsPerCall.map { $0 * 1_000 }),
            "p50_seconds": number(expense?.latency?.median), "p95_seconds": number(expense?.latency?.p95),
            "latency_n": expense?.latency.map { .integer($0.n) } ?? .null,
            "tokens_per_second": number(expense?.fresh?.tokensPerSecond),
            "lessons_cost": number(making?.lessons?.dollars(machineHour: hour)),
            "training_cost": number(making?.training?.dollars(machineHour: hour)), "break_even_calls": calls,
        ]
    }
}
