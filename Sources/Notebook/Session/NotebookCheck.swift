internal import OrderedCollections
internal import PipelineRuntime
public import PipelineSyntax
internal import Tables
internal import Verbs

/// Checks a whole notebook without running anything: each cell with what is known of the names above it.
struct NotebookCheck {
    let cells: [CellAnalysis]
    let check: CellCheck
    /// Values for `param`s from outside.
    var parameters: Bindings = [:]

    /// Mistakes and warnings by cell number, each cell's in the order of its text.
    var mistakes: [Int: [Diagnostic]] {
        var names: [String: StaticType] = [:]
        var origins: [String: Diagnostic.Place] = [:]
        // Names that only cells with mistakes of syntax would bind, and those cells.
        var unread: [String: Int] = [:]
        var found: [[Diagnostic]] = []
        var types: [[String: StaticType]] = []
        for cell in cells {
            let result = check.check(cell, names: names, origins: origins)
            names.merge(result.bound) { $1 }
            origins.merge(result.origins) { $1 }
            // A file that a `param` names is known only where the command line gives it.
            for name in cell.parameters.keys {
                names[name] = parameters[name].map(StandardLanguage.type(of:)) ?? names[name]
            }
            found.append(result.diagnostics + (cell.diagnostics.isEmpty ? waiting(cell, for: unread) : []))
            for name in cell.bound { unread[name] = nil }
            for name in cell.unreadNames {
                names[name] = .any
                origins[name] = nil
                unread[name] = cell.number
            }
            types.append(names)
        }
        let unused = UnusedNames.find(
            in: cells.map(\.program), types: types, isWhole: cells.map(\.diagnostics.isEmpty))
        var mistakes: [Int: [Diagnostic]] = [:]
        for (index, cell) in cells.enumerated() {
            let all = (found[index].map { explainingLaterName($0, of: cell) } + unused[index]).enumerated().sorted {
                let (a, b) = ($0.element.place?.span.start ?? 0, $1.element.place?.span.start ?? 0)
                return (a, $0.offset) < (b, $1.offset)
            }
            if !all.isEmpty { mistakes[cell.number] = all.map(\.element) }
        }
        return mistakes
    }

    /// A name that a cell further down binds is not unknown, but too early.
    private func explainingLaterName(_ mistake: Diagnostic, of cell: CellAnalysis) -> Diagnostic {
        guard mistake.code == .unknownName, let place = mistake.place else { return mistake }
        let name = place.source.text(of: place.span)
        guard let later = cells.dropFirst(cell.number).first(where: { $0.bound.contains(name) }) else { return mistake }
        var mistake = mistake
        mistake.message = "Expected a name bound above; `\(name)` is made further down, in cell \(later.number)."
        mistake.hint = "move cell \(later.number) above this one"
        mistake.replacement = nil
        return mistake
    }

    /// Names that would come from cells which cannot be read. Those who look for mistakes are told there; whoever runs
    /// this cell must know why it cannot.
    private func waiting(_ cell: CellAnalysis, for unread: [String: Int]) -> [Diagnostic] {
        guard let name = cell.mentioned.sorted().first(where: { unread[$0] != nil }), let number = unread[name] else {
            return []
        }
        return [
            Diagnostic(
                .missingState, at: Span(0..<cell.program.source.line(at: 0).utf8.count), in: cell.program.source,
                "`\(name)` comes from cell \(number), which has a mistake.", hint: "mend cell \(number) first")
        ]
    }
}

extension NotebookSession {
    /// Mistakes to tell to those who look for all: without cells that only wait for another one to be mended.
    public func ownMistakes() -> [Int: [Diagnostic]] {
        check().compactMapValues { mistakes in
            let own = mistakes.filter { $0.code != .missingState }
            return own.isEmpty ? nil : own
        }
    }
}
