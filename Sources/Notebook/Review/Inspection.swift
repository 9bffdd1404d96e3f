internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
public import Tables
internal import Verbs

/// What each cell of a notebook reads, writes and calls, found without running anything: to be read before a stranger's
/// notebook is run.
public struct Inspection: Sendable {
    /// One cell.
    public struct Cell: Sendable {
        /// Its number, from 1.
        public let number: Int
        public let title: String
        public let status: CellStatus
        /// Names that it takes from cells above.
        public let names: [String]
        /// Names that it binds.
        public let binds: [String]
        /// Files that it reads, as the code says: a path, or an expression that only running tells.
        public let reads: [String]
        /// Files that it writes.
        public let writes: [String]
        /// The models that it may reach: alias and what the kernel puts behind it.
        public let models: [String]
        /// What it asked the last time.
        public let usage: CellUsage?
    }

    public let cells: [Cell]
    /// What runs the models: "this machine", or a host.
    public let host: String
    /// Paths that would be refused when the cell runs, with the reason.
    public let refused: [String]

    /// As a table.
    public var rows: DataSet {
        func list(_ texts: [String]) -> Value { texts.isEmpty ? .null : .string(texts.joined(separator: ", ")) }
        return DataSet(
            rows: cells.map { cell in
                [
                    "cell": .integer(cell.number), "status": .string(cell.status.label), "needs": list(cell.names),
                    "binds": list(cell.binds), "reads": list(cell.reads), "writes": list(cell.writes),
                    "models": list(cell.models),
                    "tokens": cell.usage.map { .integer($0.promptTokens + $0.completionTokens) } ?? .null,
                    "cost": cell.usage?.cost.map { .string("$" + Number.fixed($0, decimals: 2)) } ?? .null,
                ]
            })
    }
}

extension NotebookSession {
    /// What every cell reads, writes and calls. Runs nothing.
    public func inspect() -> Inspection {
        let outline = self.outline
        let statuses = self.statuses(in: outline).map(\.status)
        var refused: [String] = []
        let cells = outline.cells.map { cell in
            let (reads, writes) = fileUses(of: cell)
            for path in reads.compactMap(\.literal) {
                if let reason = files.refusal(reading: path) { refused.append("cell \(cell.number): \(reason)") }
            }
            for path in writes.compactMap(\.literal) {
                if let reason = files.refusal(writing: path) { refused.append("cell \(cell.number): \(reason)") }
            }
            let aliases: [String] =
                switch cell.aliases {
                case .some(let names): names.sorted()
                case .any: ["any model of the kernel"]
                }
            return Inspection.Cell(
                number: cell.number, title: cell.title, status: statuses[cell.number - 1],
                names: outline.definitions[cell.number - 1].keys.sorted(), binds: cell.bound,
                reads: reads.map(\.text), writes: writes.map(\.text),
                models: cell.reachesModel && aliases.isEmpty
                    ? ["models of the names it needs"]
                    : aliases.map { alias in lab.kernel.models[alias].map { "\(alias) (\($0.id))" } ?? alias },
                usage: codeCell(cell.number).state.flatMap { $0.usage.isEmpty ? nil : $0.usage })
        }
        return Inspection(cells: cells, host: Self.hosts(of: lab.kernel), refused: refused)
    }

    /// Which of a kernel's models run where, for people.
    private static func hosts(of kernel: KernelProfile) -> String {
        let away = kernel.aliasesAway
        guard let host = kernel.host, !away.isEmpty else { return "this machine; no host is called" }
        guard away.count < kernel.models.count else { return host }
        return "\(host) (\(away.joined(separator: ", "))); the others on this machine"
    }

    /// The arguments that name files, as the builtins' rows say.
    private func fileUses(of cell: CellAnalysis) -> (reads: [FileArgument], writes: [FileArgument]) {
        var reads: [FileArgument] = []
        var writes: [FileArgument] = []
        func note(_ call: Call, isStage: Bool) {
            guard let builtin = builtins[call.name] else { return }
            var positional = builtin.parameters.filter { $0.place != .named }
            if isStage, !positional.isEmpty { positional.removeFirst() }
            for (index, argument) in call.arguments.enumerated() {
                let parameter =
                    argument.label.map { label in builtin.parameters.first { $0.name == label.name } }
                    ?? (index < positional.count ? positional[index] : positional.last)
                guard let use = parameter?.file else { continue }
                let found = FileArgument(
                    literal: argument.value.literalValue?.text,
                    text: argument.value.literalValue?.text ?? "⟨\(cell.program.source.text(of: argument.value.span))⟩")
                if use == .reads { reads.append(found) } else { writes.append(found) }
            }
        }
        cell.program.forEachExpression { expression in
            switch expression.kind {
            case .call(let call): note(call, isStage: false)
            case .pipeline(_, let stages): stages.forEach { note($0, isStage: true) }
            default: break
            }
        }
        return (reads, writes)
    }
}

/// A file as an argument names it.
private struct FileArgument {
    /// The path, where it is written out.
    let literal: String?
    /// For people: the path, or the expression in ⟨ ⟩.
    let text: String
}
