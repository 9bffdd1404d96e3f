public import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables
internal import Verbs

/// What is found of a notebook before it is run: its rows, the text that its models are trained on, how long it takes.
public struct NotebookExamination: Sendable {
    /// A training row as its model reads it.
    public struct Row: Sendable {
        /// Whose it is: "cell 6, finetune student, row 1 of 560".
        public let title: String
        public let runs: [TokenRun]
        /// Whether the reply is made up, because the cell that asks for it has not run.
        public let isMadeUp: Bool
    }

    /// By what they are about.
    public private(set) var groups: [FindingGroup] = []
    public private(set) var rows: [Row] = []
    /// How long the cells that would run take, in sentences.
    public private(set) var time: [String] = []

    /// Whether something will not work.
    public var hasProblem: Bool { groups.contains { $0.findings.contains { $0.level == .problem } } }

    /// - Parameter trial: whether to measure this machine; see `Trial`.
    public init(_ session: NotebookSession, trial: Bool) {
        let outline = session.outline
        let planned = session.plannedCells(.stale)
        let stale = Set(planned.map(\.number))
        // A current training is looked at anew: its rows are in no saved value as the model read them.
        let examined = outline.cells.map(\.number).filter { stale.contains($0) || outline.cells[$0 - 1].trains }
        var rehearsal = Rehearsal(session, cells: examined)
        let found = trial && !planned.isEmpty ? Trial(rehearsal, in: session.lab) : nil
        // Now it is known how long replies are.
        if found != nil { rehearsal = Rehearsal(session, cells: examined) }
        cells(session, outline, stale, rehearsal)
        names(session, outline, rehearsal)
        for cell in rehearsal.cells { trainings(cell, session) }
        guard !planned.isEmpty else {
            time = ["Nothing is to run: all \(outline.cells.count) cells are current."]
            return
        }
        let plan = session.plan(planned, rehearsal, found)
        time = plan.summary
        if let found {
            time.append("Measured here in \(DurationText.of(found.seconds)).")
            for problem in found.problems {
                groups.append(FindingGroup("trial", [Finding(.problem, problem)]))
            }
        }
        if let advice = Self.advice(plan, outline, session) { time.append(advice) }
    }

    private mutating func cells(
        _ session: NotebookSession, _ outline: NotebookOutline, _ stale: Set<Int>, _ rehearsal: Rehearsal
    ) {
        var findings: [Finding] = []
        for (number, mistakes) in session.check().sorted(by: { $0.key < $1.key }) where !session.expectsFailure(number)
        {
            for mistake in mistakes where mistake.severity == .error {
                findings.append(Finding(.problem, "cell \(number): \(mistake.message)", hint: mistake.hint))
            }
        }
        if findings.isEmpty { findings.append(Finding(.good, "no mistakes in \(outline.cells.count) cells")) }
        for cell in rehearsal.cells where cell.problem != nil && session.check()[cell.number] == nil {
            findings.append(
                Finding(.good, "cell \(cell.number) was tried only in part: \(cell.problem ?? "")"))
        }
        let notRun = stale.sorted().map(String.init)
        if !notRun.isEmpty {
            let which = notRun.count == 1 ? "cell \(notRun[0])" : "cells \(notRun.joined(separator: ", "))"
            findings.append(
                Finding(
                    .good, "not run yet: \(which). Data steps were tried, with made-up replies where the store has none"
                ))
        }
        groups.append(FindingGroup("cells", findings))
    }

    /// The rows that names hold: of rehearsed cells as they would be, of the others as they are saved.
    private mutating func names(_ session: NotebookSession, _ outline: NotebookOutline, _ rehearsal: Rehearsal) {
        let tried = Dictionary(rehearsal.cells.map { ($0.number, $0.bound) }, uniquingKeysWith: { first, _ in first })
        for cell in outline.cells {
            for name in cell.bound {
                guard let value = tried[cell.number]?[name] ?? (try? session.value(of: name, boundBy: cell)) else {
                    continue
                }
                if let rows = value.rows {
                    // What a model's replies were added to was looked at before.
                    guard rows[column: "sample"] == nil else { continue }
                    groups.append(FindingGroup("\(name) (cell \(cell.number))", RowsExamination.findings(rows)))
                } else if let fields = value.record, let names = Value.splitNames(fields) {
                    let parts = names.compactMap { name in fields[name]?.rows.map { (name: name, rows: $0) } }
                    for part in parts {
                        groups.append(
                            FindingGroup(
                                "\(name).\(part.name) (cell \(cell.number))", RowsExamination.findings(part.rows)))
                    }
                    groups.append(FindingGroup("\(name): parts", RowsExamination.leaks(between: parts)))
                }
            }
        }
    }

    private mutating func trainings(_ cell: Rehearsal.Cell, _ session: NotebookSession) {
        for training in cell.asked.trainings {
            let job = training.job
            let title = "finetune \(job.base.displayName) (cell \(cell.number))"
            let examination = TrainingExamination(job, provider: session.lab.provider)
            var findings = examination.findings()
            do {
                if let runs = try examination.firstRow {
                    let made = training.isMadeUp
                    rows.append(
                        Row(
                            title:
                                "cell \(cell.number), finetune \(job.base.displayName), row 1 of \(job.examples.count)",
                            runs: runs, isMadeUp: made))
                }
            } catch {
                findings.append(Finding(.problem, "its first row cannot be rendered: \(error)"))
            }
            groups.append(FindingGroup(title, findings))
        }
    }

    /// Minutes above which fewer rows are proposed.
    private static let longMinutes = 5.0

    /// "With -p rows=300 it is about 3 min": where a long notebook has a `param` that says how many rows.
    private static func advice(_ plan: RunPlan, _ outline: NotebookOutline, _ session: NotebookSession) -> String? {
        let seconds = plan.seconds
        guard seconds > longMinutes * 60 else { return nil }
        for cell in outline.cells {
            for (name, initial) in cell.parameters {
                guard let rows = (session.parameters[name] ?? initial.literalValue)?.integer, rows >= 50 else {
                    continue
                }
                let share = longMinutes * 60 / seconds
                let exact = Double(rows) * share
                let step = exact >= 200 ? 100.0 : exact >= 50 ? 50 : 10
                let fewer = max(10, Int((exact / step).rounded(.down) * step))
                guard fewer < rows else { continue }
                return
                    "With -p \(name)=\(fewer) it is about \(DurationText.of(seconds * Double(fewer) / Double(rows)))."
            }
        }
        return nil
    }
}

extension CellAnalysis {
    /// Whether it calls `finetune`.
    fileprivate var trains: Bool {
        var found = false
        program.forEachExpression { expression in
            if expression.calls.contains(where: { $0.name == "finetune" }) { found = true }
        }
        return found
    }
}
