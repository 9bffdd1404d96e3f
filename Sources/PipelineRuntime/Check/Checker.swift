internal import OrderedCollections
public import PipelineSyntax

/// Checks programs before they run: names, arguments, types and columns, as far as they can be known.
public struct Checker {
    let builtins: BuiltinTable
    let files: any SchemaSource
    var source: SourceText
    var diagnostics: [Diagnostic] = []
    /// Where the names that are known were bound.
    var origins: [String: Diagnostic.Place]
    /// The `fn` whose body is checked.
    var functionName: String?
    /// How many `fn`s' bodies are being checked, each for a call in the one before.
    var callDepth = 0

    /// Bodies are not followed deeper than this: the answer is then "any", which fits everything.
    static let maximumCallDepth = 6

    /// What a check found, and what it learnt about the names that the program binds.
    public struct Result: Sendable {
        public let diagnostics: [Diagnostic]
        /// The types of all names after the program.
        public let names: [String: StaticType]
        /// Where each of the names was bound, as far as that is known.
        public let origins: [String: Diagnostic.Place]
        /// Whether the program may reach a model.
        public let reachesModel: Bool
    }

    /// Checks a program.
    /// - Parameters:
    ///   - names: what is known of the names bound above.
    ///   - origins: where they were bound, for labels.
    ///   - files: tells the columns of data files.
    public static func check(
        _ program: Program, names: [String: StaticType] = [:], origins: [String: Diagnostic.Place] = [:],
        builtins: BuiltinTable, files: any SchemaSource = NoSchemas()
    ) -> Result {
        var checker = Checker(builtins: builtins, files: files, source: program.source, origins: origins)
        var names = names
        for statement in program.statements { checker.check(statement, &names) }
        return Result(
            diagnostics: checker.diagnostics, names: names, origins: checker.origins,
            reachesModel: reachesModel(program, builtins: builtins))
    }

    /// Whether a program calls a verb that may reach a model.
    public static func reachesModel(_ program: Program, builtins: BuiltinTable) -> Bool {
        var reaches = false
        program.forEachExpression { expression in
            for call in expression.calls where builtins[call.name]?.mayReachModel(call) == true { reaches = true }
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

    init(
        builtins: BuiltinTable, files: any SchemaSource, source: SourceText, origins: [String: Diagnostic.Place] = [:]
    ) {
        self.builtins = builtins
        self.files = files
        self.source = source
        self.origins = origins
    }

    private mutating func check(_ statement: Statement, _ names: inout [String: StaticType]) {
        switch statement {
        case .binding(let binding):
            names[binding.name] = check(binding.value, CheckScope(names: names))
            origins[binding.name] = place(binding.nameSpan)
            if case .function = names[binding.name] { warnOfHiddenVerb(binding.name, binding.nameSpan) }
        case .function(let function):
            names[function.name] = check(function, names)
            origins[function.name] = place(function.nameSpan)
            warnOfHiddenVerb(function.name, function.nameSpan)
        case .expression(let expression):
            _ = check(expression, CheckScope(names: names))
        }
    }

    /// A value of a verb's name hides nothing: verbs are looked up among functions only.
    private mutating func warnOfHiddenVerb(_ name: String, _ span: Span) {
        guard builtins[name] != nil else { return }
        warn(
            .hiddenVerb, span, "Expected a name of its own; from here on this `fn` hides the verb `\(name)`.",
            hint: "fn my_\(name)(…) = …")
    }

    func place(_ span: Span) -> Diagnostic.Place { Diagnostic.Place(source: source, span: span) }

    mutating func report(
        _ code: DiagnosticCode, _ span: Span, _ message: String, hint: String? = nil, replacement: String? = nil
    ) {
        diagnostics.append(Diagnostic(code, at: span, in: source, message, hint: hint, replacement: replacement))
    }

    mutating func warn(
        _ code: DiagnosticCode, _ span: Span, _ message: String, hint: String? = nil, replacement: String? = nil
    ) {
        diagnostics.append(
            Diagnostic(code, .warning, at: span, in: source, message, hint: hint, replacement: replacement))
    }

    /// Adds a further place to the mistake that was just noted.
    mutating func label(_ place: Diagnostic.Place?, _ text: String) {
        guard let last = diagnostics.indices.last else { return }
        diagnostics[last] = diagnostics[last].labelled(place, text)
    }

    /// Adds the place where a name was made to the mistake that was just noted, unless the mistake stands there.
    mutating func label(origin name: String?) {
        guard let name, let origin = origins[name], origin != diagnostics.last?.place else { return }
        label(origin, "`\(name)` is made here.")
    }
}
