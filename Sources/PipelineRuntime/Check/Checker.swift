internal import OrderedCollections
public import PipelineSyntax

/// Checks programs before they run: names, arguments, types and columns, as far as they can be known.
public struct Checker {
    let builtins: BuiltinTable
    let files: any SchemaSource
    var source: SourceText
    var diagnostics: [Diagnostic] = []

    /// What a check found, and what it learnt about the names that the program binds.
    public struct Result: Sendable {
        public let diagnostics: [Diagnostic]
        /// The types of all names after the program.
        public let names: [String: StaticType]
        /// Whether the program may reach a model.
        public let reachesModel: Bool
    }

    /// Checks a program.
    /// - Parameters:
    ///   - names: what is known of the names bound above.
    ///   - files: tells the columns of data files.
    public static func check(
        _ program: Program, names: [String: StaticType] = [:], builtins: BuiltinTable,
        files: any SchemaSource = NoSchemas()
    ) -> Result {
        var checker = Checker(builtins: builtins, files: files, source: program.source)
        var names = names
        for statement in program.statements { checker.check(statement, &names) }
        return Result(
            diagnostics: checker.diagnostics, names: names, reachesModel: reachesModel(program, builtins: builtins))
    }

    /// Whether a program calls a verb that may reach a model.
    public static func reachesModel(_ program: Program, builtins: BuiltinTable) -> Bool {
        var reaches = false
        program.forEachExpression { expression in
            for call in expression.calls where builtins[call.name]?.reachesModel == true { reaches = true }
        }
        return reaches
    }

    /// Whether a program calls a verb that reads the completion store.
    public static func readsStore(_ program: Program, builtins: BuiltinTable) -> Bool {
        var reads = false
        program.forEachExpression { expression in
            for call in expression.calls where builtins[call.name]?.readsStore == true { reads = true }
        }
        return reads
    }

    private init(builtins: BuiltinTable, files: any SchemaSource, source: SourceText) {
        self.builtins = builtins
        self.files = files
        self.source = source
    }

    private mutating func check(_ statement: Statement, _ names: inout [String: StaticType]) {
        switch statement {
        case .binding(let binding):
            names[binding.name] = check(binding.value, CheckScope(names: names))
        case .function(let function):
            names[function.name] = check(function, names)
        case .expression(let expression):
            _ = check(expression, CheckScope(names: names))
        }
    }

    private mutating func check(_ function: FunctionDefinition, _ names: [String: StaticType]) -> StaticType {
        var scope = CheckScope(names: names)
        var seen: Set<String> = []
        for parameter in function.parameters {
            if !seen.insert(parameter.name).inserted {
                report(
                    .duplicateArgument, parameter.span,
                    "Expected each parameter once; `\(parameter.name)` stands twice.",
                    hint: "rename one")
            }
            if let value = parameter.defaultValue { _ = check(value, CheckScope(names: names)) }
            scope.names[parameter.name] = .any
        }
        let result = check(function.body, scope)
        return .function(
            .init(
                parameters: function.parameters.map(\.name),
                required: function.parameters.count { $0.defaultValue == nil }, result: result))
    }

    mutating func report(_ code: DiagnosticCode, _ span: Span, _ message: String, hint: String? = nil) {
        diagnostics.append(Diagnostic(code, at: span, in: source, message, hint: hint))
    }
}
