public import Distillation
internal import OrderedCollections
public import PipelineRuntime
public import PipelineSyntax
internal import Verbs

/// Checks a code cell without running anything, with what is known of the cells above it.
public struct CellCheck: Sendable {
    private let builtins: BuiltinTable
    private let schemas: any SchemaSource
    private let kernel: KernelProfile?
    private let parameters: [String: StaticType]

    /// What is known of a name that a cell binds.
    public struct Bound: Sendable, Hashable {
        public let type: StaticType
        /// Where it is bound, as far as that could be read.
        let origin: Diagnostic.Place?
        /// The cell that would bind it, where that has mistakes of syntax.
        let unreadIn: Int?
    }

    /// What a check found.
    public struct Result: Sendable {
        /// The mistakes of syntax where there are some, else those of names, arguments and types.
        public let diagnostics: [Diagnostic]
        /// The names that the cell binds.
        public let bound: [String: Bound]
    }

    /// - Parameters:
    ///   - schemas: tells the columns of data files.
    ///   - kernel: whose models may be named; nil where that is not known, then any may.
    ///   - parameters: the types of the `param`s that are set from outside.
    public init(
        builtins: BuiltinTable, schemas: any SchemaSource, kernel: KernelProfile?,
        parameters: [String: StaticType] = [:]
    ) {
        self.builtins = builtins
        self.schemas = schemas
        self.kernel = kernel
        self.parameters = parameters
    }

    /// Checks one cell.
    /// - Parameter above: the names that the cells above bind.
    public func check(_ cell: CellAnalysis, above: [String: Bound]) -> Result {
        let result = Checker.check(
            cell.program, names: above.mapValues(\.type), origins: above.compactMapValues(\.origin),
            builtins: builtins, files: schemas)
        var bound: [String: Bound] = [:]
        for name in cell.bound {
            // A file that a `param` names is known only where the command line gives it.
            let given = cell.parameters[name] == nil ? nil : parameters[name]
            bound[name] = Bound(
                type: given ?? result.names[name] ?? .any, origin: result.origins[name], unreadIn: nil)
        }
        for name in cell.unreadNames { bound[name] = Bound(type: .any, origin: nil, unreadIn: cell.number) }
        return Result(
            diagnostics: cell.diagnostics.isEmpty
                ? result.diagnostics + unknownAliases(in: cell) + waiting(cell, for: above) : cell.diagnostics,
            bound: bound)
    }

    /// Models that the kernel lacks: found before anything runs, so that nothing is spent first.
    private func unknownAliases(in cell: CellAnalysis) -> [Diagnostic] {
        guard let kernel else { return [] }
        return cell.aliasMentions.filter { kernel.models[$0.name] == nil }.map { name, span in
            kernel.unknownModel(name, at: span, in: cell.program.source)
        }
    }

    /// Names that would come from cells which cannot be read. Those who look for mistakes are told there; whoever runs
    /// this cell must know why it cannot.
    private func waiting(_ cell: CellAnalysis, for above: [String: Bound]) -> [Diagnostic] {
        guard let name = cell.mentioned.sorted().first(where: { above[$0]?.unreadIn != nil }),
            let number = above[name]?.unreadIn
        else { return [] }
        return [
            Diagnostic(
                .missingState, at: Span(0..<cell.program.source.line(at: 0).utf8.count), in: cell.program.source,
                "`\(name)` comes from cell \(number), which has a mistake.", hint: "mend cell \(number) first")
        ]
    }
}
