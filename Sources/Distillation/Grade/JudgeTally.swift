/// What became of the rows that a judge was asked about: nothing that failed is scored, and all of it is counted.
public struct JudgeTally: Sendable, Hashable {
    /// Rows that were to be judged.
    public var rows = 0
    /// Rows with a judgement.
    public var judged = 0
    /// Rows whose replies could not be read, also the second time.
    public var unparseable = 0
    /// Rows whose results lay outside the range or were none of the labels, also the second time.
    public var outOfRange = 0
    /// Rows whose judge gave no reply.
    public var unanswered = 0
    /// Rows that could not be put to the judge: an answer that failed, a template's value that is null.
    public var notAsked = 0
    /// Rows whose samples gave no majority.
    public var undecided = 0
    /// Replies that could be used the second time only.
    public var repaired = 0
    /// Single judgements that failed in rows which other samples judged.
    public var leftOut = 0
    /// Rows with at least two judgements, and how many of these agree in all of them.
    public var repeated = 0
    public var unanimous = 0
    /// Of the repeated rows: the sum of highest less lowest score.
    public var spread = 0.0

    public init() {}

    /// What happened, in sentences: "96 of 100 judged; 3 unparseable, 1 out of range." Nil where all went well and
    /// nothing is to be said.
    public func sentences(samples: Int, isScore: Bool, fixed: (Double) -> String) -> String {
        let faults = [
            (unparseable, "unparseable"), (outOfRange, isScore ? "out of range" : "none of the labels"),
            (unanswered, "without a reply"), (notAsked, "not asked"), (undecided, "without a majority"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        var text = "\(judged) of \(rows) judged"
        if !faults.isEmpty { text += "; \(faults.joined(separator: ", "))" }
        text += "."
        if repaired > 0 { text += " \(repaired) \(repaired == 1 ? "reply was" : "replies were") repaired." }
        if leftOut > 0 {
            text += " \(leftOut) single \(leftOut == 1 ? "judgement" : "judgements") could not be used."
        }
        if repeated > 0 {
            text += " All \(samples) samples agree in \(unanimous) of \(repeated) rows"
            text += isScore ? "; highest less lowest is \(fixed(spread / Double(repeated))) on average." : "."
        }
        return text
    }
}

extension JudgeTally {
    /// Counts the judgements of one row's samples and returns what they come to: the mean of scores, the label of most.
    /// - Throws: the fault that stands for the row, where no sample can be used or none has the majority.
    public mutating func add(_ samples: [Result<Judgement, JudgeFailure>]) throws(JudgeFailure) -> Judgement {
        rows += 1
        var good: [Judgement] = []
        var faults: [JudgeFailure] = []
        for sample in samples {
            switch sample {
            case .success(let judgement): good.append(judgement)
            case .failure(let fault): faults.append(fault)
            }
        }
        guard !good.isEmpty else {
            let fault = faults.first ?? .unanswered("the judge gave no reply")
            switch fault {
            case .fault(.unparseable): unparseable += 1
            case .fault(.outOfRange): outOfRange += 1
            case .unanswered: unanswered += 1
            case .notAsked: notAsked += 1
            case .undecided: undecided += 1
            }
            throw fault
        }
        leftOut += faults.count
        let scores = good.compactMap { if case .score(let score) = $0 { score } else { nil } }
        if good.count > 1 {
            repeated += 1
            if Set(good).count == 1 { unanimous += 1 }
            if let high = scores.max(), let low = scores.min() { spread += high - low }
        }
        if scores.count == good.count {
            judged += 1
            return .score(scores.reduce(0, +) / Double(scores.count))
        }
        var counts: [Judgement: Int] = [:]
        for judgement in good { counts[judgement, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        let winners = counts.filter { $0.value == most }
        guard winners.count == 1, let winner = winners.first?.key else {
            undecided += 1
            throw .undecided
        }
        judged += 1
        return winner
    }
}

/// Why there is no judgement.
public enum JudgeFailure: Error, Sendable, Hashable {
    /// The reply cannot be used, also the second time.
    case fault(JudgeFault)
    /// There is no reply.
    case unanswered(String)
    /// The row could not be put to the judge.
    case notAsked(String)
    /// As many samples for one label as for another.
    case undecided

    /// The error value's text.
    public var message: String {
        switch self {
        case .fault(.unparseable(let reason)): "the judge's reply cannot be read: \(reason)"
        case .fault(.outOfRange(let reason)): "the judge's reply is out of range: \(reason)"
        case .unanswered(let reason), .notAsked(let reason): reason
        case .undecided: "the judge's samples have no majority"
        }
    }
}
