internal import Distillation
public import OrderedCollections
public import PipelineRuntime
public import PipelineSyntax
internal import Tables
internal import Verbs

/// What may stand at a place of a text: verbs, arguments' names, bindings, columns, models, files.
public struct Completion: Sendable, Equatable {
    /// One possibility.
    public struct Item: Sendable, Equatable {
        public enum Kind: String, Sendable { case verb, function, argument, name, column, member, model, file, word }

        /// The whole word.
        public let text: String
        public let kind: Kind
        /// What it is, in a sentence.
        public let detail: String

        /// The word as code: columns whose names are not plain stand in quotes.
        public var insertion: String { kind == .column ? Checker.columnText(text) : text }
    }

    /// How many UTF-8 bytes before the place the word begins that an item replaces.
    public let replaced: Int
    public let items: [Item]
}

/// What a completion may know of the notebook.
public struct CompletionEnvironment {
    /// The names that may be used, with what is known of them.
    public let names: [String: StaticType]
    let lastValue: StaticType
    let models: [(name: String, summary: String)]
    let builtins: BuiltinTable
    let paths: (String) -> [String]
    let schemas: any SchemaSource

    /// - Parameters:
    ///   - lastValue: what a leading `|` takes.
    ///   - models: the kernel's models with a sentence on each.
    ///   - paths: the paths below the notebook's folder that begin with a text.
    public init(
        names: [String: StaticType], lastValue: StaticType, models: [(name: String, summary: String)],
        builtins: BuiltinTable, paths: @escaping (String) -> [String], schemas: any SchemaSource
    ) {
        self.names = names
        self.lastValue = lastValue
        self.models = models
        self.builtins = builtins
        self.paths = paths
        self.schemas = schemas
    }
}

extension Completion {
    /// The possibilities at a place.
    /// - Parameters:
    ///   - text: what is typed, up to the place.
    public init(_ text: String, in environment: CompletionEnvironment) {
        let bytes = Array(text.utf8)
        let place = CompletionPlace(text, builtins: environment.builtins)
        let candidates: [Item]
        var word = place.word
        switch place.kind {
        case .string(let parameter):
            candidates = Self.strings(for: parameter, beginning: word, in: environment)
        case .column(let subject):
            candidates = (environment.type(of: subject).columns ?? [:]).map {
                Item(text: $0.key, kind: .column, detail: $0.value.kindName)
            }
        case .member(let name):
            candidates = Self.members(of: environment.names[name] ?? .any)
        case .stage: candidates = Self.verbs(in: environment, afterPipe: true)
        case .argument(let verb):
            candidates =
                verb.parameters.filter { !$0.isSubject && $0.place != .rest }.map {
                    Item(text: $0.name + ":", kind: .argument, detail: $0.summary)
                } + Self.values(in: environment)
                + Self.verbs(in: environment, afterPipe: false).filter {
                    $0.kind == .function
                }
        case .value:
            candidates =
                Self.values(in: environment) + Self.verbs(in: environment, afterPipe: false)
                + ["let", "param", "fn"].map { Item(text: $0, kind: .word, detail: "") }
        case .nothing:
            candidates = []
            word = ""
        }
        var seen: Set<String> = []
        items = candidates.filter { $0.text.hasPrefix(word) && $0.text != word && seen.insert($0.text).inserted }
        replaced = min(bytes.count, word.utf8.count)
    }

    private static func verbs(in environment: CompletionEnvironment, afterPipe: Bool) -> [Item] {
        // What `|` brings must have a place: `task`, `model` and `load` begin pipelines.
        environment.builtins.all.filter { !afterPipe || $0.parameters.first?.isSubject == true }
            .sorted { $0.name < $1.name }
            .map { Item(text: $0.name, kind: $0.isFunction || $0.isAggregate ? .function : .verb, detail: $0.summary) }
            + functions(in: environment)
    }

    private static func functions(in environment: CompletionEnvironment) -> [Item] {
        environment.names.sorted { $0.key < $1.key }.compactMap { name, type in
            if case .function = type { Item(text: name, kind: .function, detail: "an fn") } else { nil }
        }
    }

    private static func values(in environment: CompletionEnvironment) -> [Item] {
        environment.names.sorted { $0.key < $1.key }.map { Item(text: $0.key, kind: .name, detail: $0.value.kindName) }
            + ["if", "true", "false", "null", "not"].map {
                Item(text: $0, kind: .word, detail: "")
            }
    }

    private static func members(of type: StaticType) -> [Item] {
        let members: Columns? =
            switch type {
            case .record(let fields): fields
            case .rows(let columns): columns
            case .domain(let domain): domain.members
            default: nil
            }
        return (members ?? [:]).map { Item(text: $0.key, kind: .member, detail: $0.value.kindName) }
    }

    private static func strings(
        for parameter: Parameter?, beginning word: String, in environment: CompletionEnvironment
    ) -> [Item] {
        guard let parameter else { return [] }
        if parameter.file != nil {
            return environment.paths(word).map { Item(text: $0, kind: .file, detail: "") }
        }
        if parameter.name == "alias" || parameter.name == "model" {
            return environment.models.map { Item(text: $0.name, kind: .model, detail: $0.summary) }
        }
        return parameter.accepts.words.map { Item(text: $0, kind: .word, detail: parameter.summary) }
    }
}

extension CompletionEnvironment {
    /// The columns of a data file, where they can be told.
    public func columns(ofFile path: String) -> Columns? { schemas.columns(ofFile: path, options: [:]) }

    /// What is said of the kernel's model of a name.
    public func summary(ofModel alias: String) -> String? { models.first { $0.name == alias }?.summary }

    /// What is known of a pipeline's value; `any` where it has mistakes.
    public func type(of code: String) -> StaticType {
        let trimmed = code.drop { $0 == " " || $0 == "\n" || $0 == "\t" }
        if trimmed.isEmpty { return lastValue }
        let head = trimmed.hasPrefix("|") ? "it__ \(trimmed)" : String(trimmed)
        let parsed = Parser.parse(SourceText(name: "input", text: "let it__ = \(head)"), words: builtins.words())
        guard parsed.diagnostics.isEmpty else { return .any }
        var known = names
        known["it__"] = lastValue
        return Checker.check(parsed.program, names: known, builtins: builtins, files: schemas).names["it__"] ?? .any
    }
}

extension NotebookSession {
    /// What a pipeline would give, in words, found without running it; or its mistakes.
    public func type(of code: String) -> (description: String, mistakes: [Diagnostic]) {
        let parsed = Parser.parse(
            SourceText(name: "input", text: code), words: builtins.words(allowsLeadingPipe: true))
        guard parsed.diagnostics.isEmpty else { return ("", parsed.diagnostics) }
        let checked = Checker.check(
            parsed.program, names: types(), builtins: builtins, files: FileSchemas(files: files))
        let errors = checked.diagnostics.filter { $0.severity == .error }
        return (errors.isEmpty ? completionEnvironment.type(of: code).description : "", errors)
    }

    /// What may be typed next.
    /// - Parameter text: what is typed, up to the place.
    public func completion(of text: String) -> Completion { Completion(text, in: completionEnvironment) }

    private var completionEnvironment: CompletionEnvironment {
        CompletionEnvironment(
            names: types(), lastValue: lastValue.map(StandardLanguage.type(of:)) ?? .any,
            models: lab.kernel.models.sorted { $0.key < $1.key }.map { ($0.key, $0.value.summary) },
            builtins: builtins, paths: { self.files.paths(beginning: $0) }, schemas: FileSchemas(files: files))
    }
}
