internal import Distillation
internal import Notebook
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// What a place in a code cell can see: the names above it, and what is known of them.
struct CellScope {
    let analysis: CellAnalysis
    let builtins: BuiltinTable
    private let above: [String: StaticType]
    private let surroundings: Surroundings
    private let folder: Surroundings.Folder
    private let kernelName: String

    /// - Parameter index: the cell's place among the code cells, from 0.
    init?(_ notebook: OpenNotebook, cell index: Int, in surroundings: Surroundings) {
        guard notebook.checked.cells.indices.contains(index) else { return nil }
        analysis = notebook.checked.cells[index].analysis
        above = notebook.checked.names(above: index).mapValues(\.type)
        builtins = surroundings.builtins
        self.surroundings = surroundings
        folder = notebook.folder
        kernelName = notebook.kernel
    }

    var program: Program { analysis.program }

    /// What stands at an offset.
    func place(at offset: Int) -> SourcePlace? { SourcePlace.find(at: offset, in: program, builtins: builtins) }

    /// What is known before a statement, or with nil after all of them that are whole before an offset.
    func environment(before statement: Int?, at offset: Int) -> CompletionEnvironment {
        let count = statement ?? program.statements.count { $0.span.end <= offset }
        var names = names(after: program.statements.prefix(max(0, count)))
        for name in parameters(at: offset, in: statement) { names[name] = .any }
        return environment(names)
    }

    /// What is known after a statement.
    func environment(after statement: Int) -> CompletionEnvironment {
        environment(names(after: program.statements.prefix(statement + 1)))
    }

    private func environment(_ names: [String: StaticType]) -> CompletionEnvironment {
        let models = surroundings.kernel(kernelName)?.models ?? [:]
        return CompletionEnvironment(
            names: names, lastValue: .any, models: models.sorted { $0.key < $1.key }.map { ($0.key, $0.value.summary) },
            builtins: builtins, paths: folder.paths, schemas: folder.schemas)
    }

    private func names(after statements: ArraySlice<Statement>) -> [String: StaticType] {
        guard let last = statements.last else { return above }
        let text = program.source.text(of: Span(0..<last.span.end))
        let parsed = Parser.parse(SourceText(name: program.source.name, text: text), words: builtins.words())
        return Checker.check(parsed.program, names: above, builtins: builtins, files: folder.schemas).names
    }

    /// The `fn` that a statement defines.
    func function(at statement: Int?) -> FunctionDefinition? {
        guard let statement, program.statements.indices.contains(statement),
            case .function(let function) = program.statements[statement]
        else { return nil }
        return function
    }

    /// The parameters of the `fn` whose body an offset is in, also where it is just being written.
    private func parameters(at offset: Int, in statement: Int?) -> [String] {
        if let function = function(at: statement) { return function.parameters.map(\.name) }
        let tokens = Lexer.tokens(of: SourceText(name: "", text: program.source.text(of: Span(0..<max(0, offset)))))
            .tokens.filter { $0.kind != .end }
        let current = tokens.split(separator: .separator, omittingEmptySubsequences: false, by: \.kind).last ?? []
        guard current.first?.kind == .keyword(.fn) else { return [] }
        return current.dropFirst(2).prefix { $0.kind != .close(.parenthesis) }.compactMap {
            switch $0.kind {
            case .name(let name), .label(let name): name
            default: nil
            }
        }
    }

    /// Where a name is bound that a place mentions: in this cell, as a parameter or by a statement above.
    func definition(of name: String, at offset: Int, statement: Int?) -> Span? {
        if let function = function(at: statement), offset > function.nameSpan.end,
            let parameter = function.parameters.first(where: { $0.name == name })
        {
            return parameter.span
        }
        let above = program.statements.filter {
            $0.span.end <= (statement.map { program.statements[$0].span.start } ?? offset)
        }
        return above.reversed().lazy.compactMap { $0.declaration(of: name) }.first
    }
}

extension Statement {
    /// Where the statement binds a name; nil where it binds another or none.
    func declaration(of name: String) -> Span? {
        switch self {
        case .binding(let binding): binding.name == name ? binding.nameSpan : nil
        case .function(let function): function.name == name ? function.nameSpan : nil
        case .expression: nil
        }
    }
}

extension Sequence {
    /// The parts between elements whose property has a value.
    fileprivate func split<Property: Equatable>(
        separator: Property, omittingEmptySubsequences: Bool, by property: (Element) -> Property
    ) -> [ArraySlice<Element>] {
        Array(self).split(omittingEmptySubsequences: omittingEmptySubsequences) { property($0) == separator }
    }
}
