internal import OrderedCollections
internal import PipelineSyntax
internal import Rendering
public import Tables

/// What a run would do: which cells, why, and what it took the last time.
public struct RunPlan: Sendable {
    /// A cell that would run.
    public struct Step: Sendable {
        /// Its number, from 1.
        public let number: Int
        /// The first line of its code that is no comment.
        public let title: String
        /// Why it would run: "never ran", "its code changed".
        public let why: String
        /// Seconds of the last time; nil where it never ran to its end.
        public let seconds: Double?
        /// What it asked of models the last time; nil where it never ran, or asks none.
        public let usage: CellUsage?
        /// Whether it reaches a model or the store.
        public let reachesModel: Bool
    }

    public let steps: [Step]
    /// How many code cells there are.
    public let total: Int

    /// As a table.
    public var rows: DataSet {
        DataSet(
            rows: steps.map { step in
                let usage = step.usage
                let tokens: Value = usage.map { .integer($0.promptTokens + $0.completionTokens) } ?? .null
                return [
                    "cell": .integer(step.number), "code": .string(step.title), "why": .string(step.why),
                    "time": step.seconds.map { .string(DurationText.of($0)) } ?? .null,
                    "tokens": step.reachesModel ? tokens : .null,
                    "cost": step.reachesModel
                        ? usage?.cost.map { .string("$" + Number.fixed($0, decimals: 2)) } ?? .null : .null,
                ]
            })
    }

    /// The sum, in a sentence or two.
    public var summary: String {
        guard !steps.isEmpty else { return "Nothing to run: all \(total) cells are current." }
        let known = steps.compactMap(\.seconds)
        let unknown = steps.count - known.count
        var text = "\(steps.count) of \(total) cells would run"
        if !known.isEmpty { text += ", about \(DurationText.of(known.reduce(0, +)))" }
        let costs = steps.compactMap { $0.usage?.cost }
        if !costs.isEmpty { text += ", $\(Number.fixed(costs.reduce(0, +), decimals: 2))" }
        text += ", by what they took the last time"
        if known.isEmpty { text = "\(steps.count) of \(total) cells would run" }
        text += "."
        if unknown > 0 {
            text +=
                unknown == 1
                ? " One has never run to the end: its time is not known."
                : " \(unknown) have never run to the end: their time is not known."
        }
        return text + " Stored completions are not asked for again."
    }
}

/// Seconds for people, as `Rendering` writes them.
enum DurationText {
    static func of(_ seconds: Double) -> String { ProgressText.duration(seconds) }
}

extension NotebookSession {
    /// What a run of a selection would do. Runs nothing.
    public func plan(_ selection: RunSelection = .stale) -> RunPlan {
        let outline = self.outline
        let statuses = self.statuses(in: outline)
        let known = statuses.map(\.fingerprint)
        let steps = selection.items(in: outline).compactMap { item -> RunPlan.Step? in
            let status = statuses[item.cell - 1].status
            guard item.isForced || status.needsRun else { return nil }
            let cell = outline.cells[item.cell - 1]
            let state = codeCell(item.cell).state
            let reasons = reasons(for: item.cell, in: outline, known: known)
            let why =
                switch status {
                case .current: "asked for"
                case .notRun: "never ran"
                case .stale where !reasons.isEmpty: reasons.joined(separator: ", ") + " changed"
                default: status.label
                }
            let ran = state.flatMap { $0.status == .ok ? $0 : nil }
            return RunPlan.Step(
                number: item.cell, title: cell.title, why: why, seconds: ran?.seconds,
                usage: ran.flatMap { $0.usage.isEmpty ? nil : $0.usage }, reachesModel: cell.reachesModel)
        }
        return RunPlan(steps: steps, total: outline.cells.count)
    }
}

extension CellAnalysis {
    /// The first line of code that is no comment.
    public var title: String {
        program.source.text.split(separator: "\n").map { $0.drop { $0 == " " } }.first { !$0.hasPrefix("#") }
            .map(String.init) ?? ""
    }
}
