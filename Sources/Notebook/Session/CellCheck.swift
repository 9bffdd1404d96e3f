public import Distillation
public import PipelineRuntime
public import PipelineSyntax
internal import Verbs

/// Checks a code cell without running anything: what `distnb check` and editors say of it.
public struct CellCheck: Sendable {
    private let builtins: BuiltinTable
    private let schemas: any SchemaSource
    private let kernel: KernelProfile?

    /// What a check found.
    public struct Result: Sendable {
        /// The mistakes of syntax where there are some, else those of names, arguments and types.
        public let diagnostics: [Diagnostic]
        /// The names that the cell binds, with what is known of them.
        public let bound: [String: StaticType]
        /// Where it binds them.
        public let origins: [String: Diagnostic.Place]
    }

    /// - Parameters:
    ///   - schemas: tells the columns of data files.
    ///   - kernel: whose models may be named; nil where that is not known, then any may.
    public init(builtins: BuiltinTable, schemas: any SchemaSource, kernel: KernelProfile?) {
        self.builtins = builtins
        self.schemas = schemas
        self.kernel = kernel
    }

    /// Checks one cell.
    /// - Parameters:
    ///   - names: what is known of the names that the cells above bind.
    ///   - origins: where they bind them, for messages.
    public func check(
        _ cell: CellAnalysis, names: [String: StaticType], origins: [String: Diagnostic.Place] = [:]
    ) -> Result {
        let result = Checker.check(
            cell.program, names: names, origins: origins, builtins: builtins, files: schemas)
        var bound: [String: StaticType] = [:]
        for name in cell.bound { bound[name] = result.names[name] }
        return Result(
            diagnostics: cell.diagnostics.isEmpty ? result.diagnostics + unknownAliases(in: cell) : cell.diagnostics,
            bound: bound, origins: result.origins.filter { bound[$0.key] != nil })
    }

    /// Models that the kernel lacks: found before anything runs, so that nothing is spent first.
    private func unknownAliases(in cell: CellAnalysis) -> [Diagnostic] {
        guard let kernel else { return [] }
        return cell.aliasMentions.filter { kernel.models[$0.name] == nil }.map { name, span in
            kernel.unknownModel(name, at: span, in: cell.program.source)
        }
    }
}
