internal import Distillation
internal import OrderedCollections
internal import PipelineSyntax
internal import Rendering
public import Tables
internal import Verbs

/// What a run would do: which cells, why, and what it would take.
public struct RunPlan: Sendable {
    /// A cell that would run.
    public struct Step: Sendable {
        /// Its number, from 1.
        public let number: Int
        /// The first line of its code that is no comment.
        public let title: String
        /// Why it would run: "never ran", "its code changed".
        public let why: String
        /// What it would take.
        public let estimate: SpendingEstimate
    }

    public let steps: [Step]
    /// How many code cells there are.
    public let total: Int
    /// Whether rates were measured for it.
    public let hasTrial: Bool
    /// The host that the kernel's service is reached at; nil where everything runs here.
    public let host: String?

    private static func cells(_ steps: [Step]) -> String {
        let numbers = steps.map { String($0.number) }
        return numbers.count == 1 ? "cell \(numbers[0])" : "cells \(numbers.joined(separator: ", "))"
    }

    /// As a table.
    public var rows: DataSet {
        DataSet(
            rows: steps.map { step in
                let estimate = step.estimate
                let asks = estimate.requests > 0 || estimate.stored > 0
                return [
                    "cell": .integer(step.number), "code": .string(step.title), "why": .string(step.why),
                    "requests": asks ? .integer(estimate.requests) : .null,
                    "stored": estimate.stored > 0 ? .integer(estimate.stored) : .null,
                    "tokens": asks ? .string(estimate.tokensText) : .null,
                    "training": estimate.training.map {
                        .string("\(Number.integer(Int64($0.tokens)).grouped) tokens")
                    } ?? .null,
                    "cost": asks || (estimate.isAway && estimate.training != nil)
                        ? estimate.costText.map { .string($0) } ?? .string("no price") : .null,
                    "time": estimate.seconds.map { .string(DurationText.of($0)) } ?? .null,
                ]
            })
    }

    /// The sum, in sentences.
    public var summary: [String] {
        guard !steps.isEmpty else { return ["Nothing to run: all \(total) cells are current."] }
        let estimates = steps.map(\.estimate)
        func sum(_ part: (SpendingEstimate) -> Int) -> Int { estimates.reduce(0) { $0 + part($1) } }
        var text = "\(steps.count) of \(total) cells would run"
        let requests = sum(\.requests)
        if requests > 0 {
            let most = estimates.contains(where: \.isBound) ? "at most " : "about "
            text +=
                ": \(Number.integer(Int64(requests)).grouped) request\(requests == 1 ? "" : "s"), "
                + "\(most)\(Number.integer(Int64(sum(\.tokens))).grouped) tokens"
        }
        let costs = estimates.map { $0.requests > 0 || $0.training != nil ? $0.cost : 0 }
        let cost = costs.contains(nil) ? nil : costs.compactMap(\.self).reduce(0, +)
        if requests > 0, let cost { text += ", \(Budget.dollars(cost))" }
        let trained = estimates.compactMap(\.training)
        if !trained.isEmpty {
            text += "; \(Number.integer(Int64(trained.reduce(0) { $0 + $1.tokens })).grouped) tokens of training"
            if requests == 0, let cost, cost > 0 { text += ", \(Budget.dollars(cost))" }
        }
        let isTimed = hasTrial || estimates.allSatisfy { $0.seconds != nil }
        if isTimed { text += "; about \(DurationText.of(seconds))" }
        var lines = [text + "."]
        let unknown = steps.filter { $0.estimate.seconds == nil }
        let (away, here) = (unknown.filter(\.estimate.isAway), unknown.filter { !$0.estimate.isAway })
        if !here.isEmpty {
            lines.append(
                "The time of \(Self.cells(here)) is not known\(hasTrial ? "." : "; --trial measures a few requests and steps.")"
            )
        }
        if !away.isEmpty, let host {
            lines.append("The time of \(Self.cells(away)) depends on \(host); a trial there would be paid for.")
        }
        for step in steps {
            if let problem = step.estimate.problem {
                lines.append("Cell \(step.number) was tried only in part: \(problem)")
            }
        }
        if requests > 0, estimates.contains(where: \.isBound) {
            lines.append("≤: replies whose length is not known yet count with the most that they may have.")
        }
        if requests > 0, estimates.contains(where: \.isApproximate) {
            lines.append("~: prompts are counted with 4 bytes a token; the server counts exactly.")
        }
        if sum(\.stored) > 0 { lines.append("What the store has is not asked for again.") }
        return lines
    }

    /// Seconds of the cells whose time is known.
    public var seconds: Double { steps.compactMap(\.estimate.seconds).reduce(0, +) }
}

/// Seconds for people, as `Rendering` writes them.
enum DurationText {
    static func of(_ seconds: Double) -> String { ProgressText.duration(seconds) }
}

extension NotebookSession {
    /// What a run of a selection would do. Runs no model and writes nothing: the data steps are tried, with replies that
    /// stand for those of models.
    /// - Parameter trial: whether to measure this machine on a few requests and training steps, for at most
    ///   `Trial.limit` seconds; their replies are kept.
    public func plan(_ selection: RunSelection = .stale, trial: Bool = false) -> RunPlan {
        let planned = plannedCells(selection)
        let cells = planned.map(\.number)
        let rehearsal = Rehearsal(self, cells: cells)
        guard trial else { return plan(planned, rehearsal, nil) }
        let measured = Trial(rehearsal, in: lab)
        // Now it is known how long replies are.
        return plan(planned, Rehearsal(self, cells: cells), measured)
    }

    func plan(
        _ planned: [(number: Int, title: String, why: String)], _ rehearsal: Rehearsal, _ trial: Trial?
    ) -> RunPlan {
        let found = Dictionary(rehearsal.cells.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        let steps = planned.compactMap { cell in
            found[cell.number].map {
                RunPlan.Step(
                    number: cell.number, title: cell.title, why: cell.why,
                    estimate: SpendingEstimate(
                        $0, kernel: lab.kernel, earlier: codeCell(cell.number).state, trial: trial))
            }
        }
        return RunPlan(
            steps: steps, total: outline.cells.count, hasTrial: trial != nil,
            host: lab.kernel.aliasesAway.isEmpty ? nil : lab.kernel.host)
    }

    /// The cells of a selection that would run, and why.
    func plannedCells(_ selection: RunSelection) -> [(number: Int, title: String, why: String)] {
        let outline = self.outline
        let statuses = self.statuses(in: outline)
        let known = statuses.map(\.fingerprint)
        return selection.items(in: outline).compactMap { item in
            let status = statuses[item.cell - 1].status
            guard item.isForced || status.needsRun else { return nil }
            let reasons = reasons(for: item.cell, in: outline, known: known)
            let why =
                switch status {
                case .current: "asked for"
                case .notRun: "never ran"
                case .stale where !reasons.isEmpty: reasons.joined(separator: ", ") + " changed"
                default: status.label
                }
            return (item.cell, outline.cells[item.cell - 1].title, why)
        }
    }
}

extension CellAnalysis {
    /// The first line of code that is no comment.
    public var title: String {
        program.source.text.split(separator: "\n").map { $0.drop { $0 == " " } }.first { !$0.hasPrefix("#") }
            .map(String.init) ?? ""
    }
}
