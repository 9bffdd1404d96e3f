public import OrderedCollections
public import PipelineRuntime
public import PipelineSyntax
internal import Tables

/// What a code cell's source says of itself, without running it.
public struct CellAnalysis: Sendable {
    /// The cell's number among code cells, from 1; messages say "cell 4".
    public let number: Int
    public let program: Program
    /// Mistakes of syntax.
    public let diagnostics: [Diagnostic]
    /// The names that the cell binds.
    public let bound: [String]
    /// Names that may come from cells above.
    public let mentioned: Set<String>
    /// The names of its `param`s with their defaults.
    public let parameters: OrderedDictionary<String, Expression>
    /// Whether it calls a verb that may reach a model.
    public let reachesModel: Bool
    /// Whether it calls a verb that reads the completion store.
    public let readsStore: Bool
    /// The kernel's aliases that it names; all that it could name where one is computed.
    public let aliases: Aliases
    /// Names that statements with mistakes of syntax would bind.
    let unreadNames: Set<String>
    /// Its tokens, without comments and blanks and what else formatting changes: what a fingerprint covers.
    let canonicalTokens: String

    public enum Aliases: Sendable, Equatable {
        case some(Set<String>)
        case any
    }

    /// - Parameters:
    ///   - number: the cell's place among the code cells, from 1.
    ///   - isFingerprinted: whether a fingerprint will be asked of it; editors, which check with every key, never do,
    ///     and writing all tokens down takes longer than reading and checking them.
    public init(source: String, number: Int, builtins: BuiltinTable, isFingerprinted: Bool = true) {
        self.init(
            text: SourceText(name: "cell \(number)", text: source), number: number, builtins: builtins,
            isFingerprinted: isFingerprinted)
    }

    /// - Parameter text: the source with the name under which messages mention it.
    init(text: SourceText, number: Int, builtins: BuiltinTable, isFingerprinted: Bool) {
        let parsed = Parser.parse(text, words: builtins.words())
        self.number = number
        program = parsed.program
        diagnostics = parsed.diagnostics
        bound = program.boundNames
        mentioned = program.mentionedNames
        reachesModel = Checker.reachesModel(program, builtins: builtins)
        readsStore = Checker.readsStore(program, builtins: builtins)
        var parameters: OrderedDictionary<String, Expression> = [:]
        for case .binding(let binding) in program.statements where binding.isParameter {
            parameters[binding.name] = binding.value
        }
        self.parameters = parameters
        let mentions = Self.mentions(in: program, builtins)
        aliases = mentions.isAny ? .any : .some(Set(mentions.known.map(\.name)))
        aliasMentions = mentions.known
        unreadNames = parsed.diagnostics.isEmpty ? [] : Self.namesBound(in: text).subtracting(program.boundNames)
        // Mistakes may leave tokens out; the whole text stands for them then.
        canonicalTokens =
            isFingerprinted && parsed.diagnostics.isEmpty
            ? Lexer.tokens(of: text).canonicalTokens.map { "\($0.kind)" }.joined(separator: "\u{1}")
            : text.text
    }

    /// What follows `let`, `param` and `fn`, whatever stands around it.
    private static func namesBound(in text: SourceText) -> Set<String> {
        let tokens = Lexer.tokens(of: text).tokens
        var names: Set<String> = []
        for (word, next) in zip(tokens, tokens.dropFirst()) {
            switch (word.kind, next.kind) {
            case (.keyword(.let), .name(let name)), (.keyword(.param), .name(let name)),
                (.keyword(.fn), .name(let name)):
                names.insert(name)
            default: continue
            }
        }
        return names
    }

    /// The aliases that the cell names, in `model "…"` or as a judge, each with its place.
    private(set) var aliasMentions: [(name: String, span: Span)] = []

    private static func mentions(
        in program: Program, _ builtins: BuiltinTable
    ) -> (known: [(name: String, span: Span)], isAny: Bool) {
        var known: [(name: String, span: Span)] = []
        var isAny = false
        program.forEachExpression { expression in
            for call in expression.calls {
                guard let parameter = builtins[call.name]?.parameters.first(where: \.isAlias) else { continue }
                let argument = call.arguments.first {
                    $0.label.map { $0.name == parameter.name } ?? (parameter.place == .positional)
                }
                guard let value = argument?.value else {
                    // What comes through `|` is not looked at.
                    if parameter.place == .positional { isAny = true }
                    continue
                }
                switch value.kind {
                case .text(let parts):
                    if parts.count == 1, case .literal(let name, _) = parts[0] {
                        known.append((name, value.span))
                    } else {
                        isAny = true
                    }
                // `model: cora`: the cell that defines it names the alias.
                case .name, .call: if parameter.isRequired { isAny = true }
                default: isAny = true
                }
            }
        }
        return (known, isAny)
    }
}
