public import PipelineSyntax

/// Finds names that nothing in a whole notebook reads.
///
/// A warning must be worth reading, so these are left out:
/// - the last statement of a cell: its line says what it holds, which is why it stands there;
/// - `param`, which the command line sets, and `fn`, which may be there for the reader to try;
/// - models, graders and whatever else only the steps make: notebooks introduce them before they play;
/// - names that begin with `_`;
/// - everything, where a cell below has a hole or cannot be read: the missing code may be what reads the name.
public enum UnusedNames {
    /// Warnings for each program, in their order.
    /// - Parameters:
    ///   - programs: the cells, from the top.
    ///   - types: what is known of the names after each program.
    ///   - isWhole: for each program, whether all of it could be read.
    public static func find(
        in programs: [Program], types: [[String: StaticType]], isWhole: [Bool], builtins: BuiltinTable
    ) -> [[Diagnostic]] {
        struct Binding {
            let program: Int
            let binding: PipelineSyntax.Binding
            var isRead = false
        }
        var bindings: [Binding] = []
        var nearest: [String: Int] = [:]
        var lastGap = -1
        for (number, program) in programs.enumerated() {
            if !isWhole[number] || program.hasHole { lastGap = number }
            for (index, statement) in program.statements.enumerated() {
                for name in statement.mentionedNames {
                    if let read = nearest[name] { bindings[read].isRead = true }
                }
                guard let name = statement.boundName else { continue }
                nearest[name] = nil
                guard case .binding(let binding) = statement, !binding.isParameter, !name.hasPrefix("_"),
                    index + 1 < program.statements.count
                else { continue }
                nearest[name] = bindings.count
                bindings.append(Binding(program: number, binding: binding))
            }
        }
        var found: [[Diagnostic]] = Array(repeating: [], count: programs.count)
        for item in bindings where !item.isRead && item.program > lastGap {
            // What writes a file is there for the file.
            var writes = false
            item.binding.value.forEach { part in
                for call in part.calls
                where builtins[call.name]?.parameters.contains(where: { $0.file == .writes }) == true {
                    writes = true
                }
            }
            if writes { continue }
            switch types[item.program][item.binding.name] {
            case .domain, .function: continue
            default: break
            }
            found[item.program].append(
                Diagnostic(
                    .unusedName, .warning, at: item.binding.nameSpan, in: programs[item.program].source,
                    "Expected something to read `\(item.binding.name)`; nothing does.",
                    hint: "remove the line, or end the cell with `\(item.binding.name)` to see it"))
        }
        return found
    }
}

extension Program {
    fileprivate var hasHole: Bool {
        var found = false
        forEachExpression { expression in
            if case .hole = expression.kind { found = true }
            if expression.calls.contains(where: { $0.name == "___" }) { found = true }
        }
        return found
    }
}
