internal import Tables

/// After how many calls a distilled model has paid for itself:
/// (its lessons + its training) / (the teacher's cost of a call − its own).
public enum BreakEven: Sendable, Hashable {
    /// So many calls, at least.
    case after(calls: Int)
    /// A call of it costs no less than one of its teacher.
    case never
    /// Why nobody can tell, as the end of a sentence: "it is not known what …".
    case unknown(String)

    /// - Parameters:
    ///   - spent: lessons and training.
    ///   - teacher: a call of the teacher.
    ///   - student: a call of the trained model.
    ///   - machineHour: what an hour of the machine costs. It is not needed where nothing is paid but the machine's time:
    ///     then the price of its hour does not matter.
    public init(spent: Cost, teacher: Cost, student: Cost, machineHour: Double?) {
        let saved = teacher - student
        let amounts: (spent: Double, saved: Double)
        if [spent, teacher, student].allSatisfy({ $0.dollars == 0 }) {
            amounts = (spent.seconds, saved.seconds)
        } else if let dollars = spent.dollars(machineHour: machineHour),
            let each = saved.dollars(machineHour: machineHour)
        {
            amounts = (dollars, each)
        } else {
            self = .unknown(
                "part of it is paid by tokens, part is time of this machine, whose hour has no price: "
                    + "--machine-hour 0.40, or \(MachineHour.variable)=0.40")
            return
        }
        guard amounts.saved > 0 else {
            self = .never
            return
        }
        // What the division leaves over in its last digits is no further call.
        let calls = (max(0, amounts.spent) / amounts.saved * (1 - 1e-12)).rounded(.up)
        self = calls < 1e15 ? .after(calls: Int(calls)) : .never
    }

    /// The number for a table: `4213`, `never`, `–`.
    public var text: String {
        switch self {
        case .after(let calls): Number.integer(Int64(calls)).grouped
        case .never: "never"
        case .unknown: "–"
        }
    }

    /// In a sentence.
    /// - Parameters:
    ///   - model: what the trained model is called.
    ///   - teacher: what its teacher is called.
    public func sentence(model: String, teacher: String) -> String {
        switch self {
        case .after(let calls):
            calls == 0
                ? "\(model) cost nothing to make: it pays from the first call."
                : "\(model) pays for itself after about \(Self.rounded(calls)) call\(calls == 1 ? "" : "s"), if it is good enough."
        case .never: "\(model) never pays for itself: a call of it costs no less than one of \(teacher)."
        case .unknown(let why): "When \(model) pays for itself cannot be told: \(why)."
        }
    }

    /// To two digits: costs and times are no more exact.
    private static func rounded(_ calls: Int) -> String {
        var scale = 1
        while calls / scale >= 100 { scale *= 10 }
        return Number.integer(Int64((calls + scale / 2) / scale * scale)).grouped
    }
}
