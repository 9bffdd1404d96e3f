public import PipelineSyntax
public import Tables

/// A verb or function of the language: one row of the table that checking, running, help, completion and
/// documentation all read.
public struct Builtin: Sendable {
    /// The chapters of the documentation, in order.
    public enum Group: String, Sendable, CaseIterable {
        case data = "Data"
        case steps = "Steps"
        case aggregates = "Aggregates"
        case grading = "Grading"
        case text = "Text"
        case maths = "Maths"
        case lists = "Lists and records"
        case dates = "Dates"
        case files = "Files"
        case teaching = "Teaching"
    }

    /// What named arguments beyond the parameters mean.
    public enum Inventions: Sendable {
        /// Nothing: they are mistakes.
        case none
        /// New columns, each a row expression.
        case columns
        /// New columns, each an expression of aggregates over the rows of a group.
        case aggregates
        /// New names for columns: `prompt: .question`.
        case renames
    }

    /// Which columns of the rows that `|` brings a verb needs, so that `load` can leave the others in the file.
    public enum ColumnUse: Sendable {
        /// All of them, as far as is known.
        case everything
        /// Those that its arguments name, and whatever the verbs behind it need.
        case passing
        /// Those that its arguments name: no other comes out of it.
        case closing
    }

    public let name: String
    public let group: Group
    /// One sentence.
    public let summary: String
    public let parameters: [Parameter]
    public let inventions: Inventions
    /// A line of code that works.
    public let example: String
    /// Whether calling it may reach a model, so that its cell depends on the kernel.
    public let reachesModel: Bool
    /// Tells of a call whether it may reach a model, where not every call does.
    let reaches: (@Sendable (Call) -> Bool)?
    /// Named arguments that people bring from elsewhere and that cannot be had here: by name a sentence and a hint.
    let refuses: [String: (message: String, hint: String)]
    /// Whether its result depends on what the completion store holds.
    public let readsStore: Bool
    /// Whether it runs over the rows of a group inside `group`, over a list elsewhere.
    public let isAggregate: Bool
    /// Whether `{{…}}` templates may stand in its texts.
    public let takesTemplates: Bool
    /// Whether null reaches it instead of spreading through: `is_empty`, `default`.
    public let seesNull: Bool
    /// Which columns it needs of the rows that `|` brings.
    public let columnUse: ColumnUse
    let result: @Sendable (CheckedCall) throws(Diagnostic) -> StaticType
    let run: @Sendable (Invocation) throws -> Value
    /// What it computes, where it is a pure function of its arguments' values.
    let compute: Compute?

    /// A quicker way to compute it for all rows of its only argument's column; nil for columns that it does not know.
    let columns: (@Sendable (Column) -> Column?)?

    /// A quicker way to compute an aggregate of one argument for all groups; nil for columns that it does not know.
    let groups: (@Sendable (Column, RowGroups) -> Column?)?

    /// A pure function of arguments in the order of the parameters; null stands for an optional one that is not given.
    ///
    /// The second argument is called now and then where the work may be long; it throws when the cell is interrupted.
    /// Throws `RowError` where the values have no result, `ArgumentMistake` where the program is wrong.
    public typealias Compute = @Sendable ([Value], () throws -> Void) throws -> Value

    /// A function on values: pure, so that it can be computed for whole columns, on any thread.
    public static func function(
        _ name: String, _ group: Group, _ summary: String, _ parameters: [Parameter], example: String,
        seesNull: Bool = false, result: StaticType, columns: (@Sendable (Column) -> Column?)? = nil,
        interruptible compute: @escaping Compute
    ) -> Builtin {
        Builtin(
            name, group, summary, parameters, example: example, seesNull: seesNull, compute: compute,
            columns: columns, result: { _ in result },
            run: { call in
                try compute(parameters.map { call.value($0.name) }, call.checkInterrupt)
            })
    }

    /// A function on values that is quick for every argument.
    public static func function(
        _ name: String, _ group: Group, _ summary: String, _ parameters: [Parameter], example: String,
        seesNull: Bool = false, result: StaticType, columns: (@Sendable (Column) -> Column?)? = nil,
        compute: @escaping @Sendable ([Value]) throws -> Value
    ) -> Builtin {
        function(
            name, group, summary, parameters, example: example, seesNull: seesNull, result: result, columns: columns
        ) { values, _ in try compute(values) }
    }

    public init(
        _ name: String, _ group: Group, _ summary: String, _ parameters: [Parameter], inventions: Inventions = .none,
        example: String, reachesModel: Bool = false, readsStore: Bool = false, isAggregate: Bool = false,
        takesTemplates: Bool = false, uses columnUse: ColumnUse = .everything,
        seesNull: Bool = false, compute: Compute? = nil, columns: (@Sendable (Column) -> Column?)? = nil,
        groups: (@Sendable (Column, RowGroups) -> Column?)? = nil, reaches: (@Sendable (Call) -> Bool)? = nil,
        refuses: [String: (message: String, hint: String)] = [:],
        result: @escaping @Sendable (CheckedCall) throws(Diagnostic) -> StaticType,
        run: @escaping @Sendable (Invocation) throws -> Value
    ) {
        self.name = name
        self.group = group
        self.summary = summary
        self.parameters = parameters
        self.inventions = inventions
        self.example = example
        self.reachesModel = reachesModel
        self.reaches = reaches
        self.refuses = refuses
        self.readsStore = readsStore
        self.isAggregate = isAggregate
        self.takesTemplates = takesTemplates
        self.seesNull = seesNull
        self.columnUse = columnUse
        self.compute = compute
        self.columns = columns
        self.groups = groups
        self.result = result
        self.run = run
    }

    /// Whether this call may reach a model.
    public func mayReachModel(_ call: Call) -> Bool { reachesModel || reaches?(call) == true }

    /// The same row with other work behind it, which may fall back on the `original` one.
    public func running(_ run: @escaping @Sendable (Invocation) throws -> Value) -> Builtin {
        Builtin(
            name, group, summary, parameters, inventions: inventions, example: example, reachesModel: reachesModel,
            readsStore: readsStore, isAggregate: isAggregate, takesTemplates: takesTemplates, uses: columnUse,
            seesNull: seesNull, compute: compute, columns: columns, groups: groups, reaches: reaches,
            refuses: refuses, result: result, run: run)
    }

    /// Runs a call as the row itself would.
    public func original(_ call: Invocation) throws -> Value { try run(call) }

    /// Whether it is a function on values, through which null and errors spread; verbs and aggregates see and count them.
    public var isFunction: Bool {
        switch group {
        case .data, .steps, .aggregates, .teaching: false
        case .grading, .text, .maths, .lists, .dates, .files: true
        }
    }

    /// Whether what it cannot compute is an error value also outside rows: a text that is no number, no date.
    var givesErrorValues: Bool {
        switch group {
        case .grading, .text, .maths, .dates: true
        case .data, .steps, .aggregates, .lists, .files, .teaching: false
        }
    }

    /// How a call is written, for help: `take rows, n`.
    public var signature: String {
        var words = parameters.map { parameter in
            switch parameter.place {
            case .positional: parameter.isRequired ? parameter.name : "[\(parameter.name)]"
            case .rest: "\(parameter.name), …"
            case .named: parameter.isRequired ? "\(parameter.name): …" : "[\(parameter.name): …]"
            }
        }
        switch inventions {
        case .none: break
        case .columns: words.append("column: expression, …")
        case .aggregates: words.append("column: aggregate, …")
        case .renames: words.append("new: .old, …")
        }
        guard let first = words.first, parameters.first?.isSubject == true else {
            return "\(name) \(words.joined(separator: ", "))"
        }
        return "\(first) | \(name) \(words.dropFirst().joined(separator: ", "))".trimmingTrailingBlank
    }
}

/// A parameter of a builtin.
public struct Parameter: Sendable {
    public enum Place: Sendable { case positional, rest, named }

    /// How the argument is evaluated.
    public enum Evaluation: Sendable {
        /// Once, before the call.
        case value
        /// Anew for each row or element; `.field` and `.` mean it.
        case row
        /// A column's name: `.field`.
        case column
        /// One or several columns' names: `.field`, or `[.field, .other]`.
        case columns
        /// A column, or an expression on each row that reads one: `.field`, `.output_json.intent`.
        case measure
        /// One or several of these: `.field`, or `[.field, .other * 100]`.
        case measures
    }

    /// What a verb does with the file that an argument names.
    public enum FileUse: Sendable { case reads, writes }

    public let name: String
    public let accepts: Acceptance
    public let place: Place
    public let evaluation: Evaluation
    public let isRequired: Bool
    /// Whether `|` usually brings it.
    public let isSubject: Bool
    /// What the verb does with the file of this name, where it is one's.
    public let file: FileUse?
    /// Whether a text is the kernel's alias of a model.
    public let isAlias: Bool
    /// One sentence for help.
    public let summary: String

    public init(
        _ name: String, _ accepts: Acceptance, _ place: Place = .positional, evaluation: Evaluation = .value,
        isRequired: Bool = true, isSubject: Bool = false, file: FileUse? = nil, isAlias: Bool = false,
        _ summary: String = ""
    ) {
        self.name = name
        self.accepts = accepts
        self.place = place
        self.evaluation = evaluation
        self.isRequired = isRequired
        self.isSubject = isSubject
        self.file = file
        self.isAlias = isAlias
        self.summary = summary
    }

    /// A positional parameter with its sentence for help.
    public init(
        _ name: String, _ accepts: Acceptance, evaluation: Evaluation = .value, isRequired: Bool = true,
        isSubject: Bool = false, file: FileUse? = nil, isAlias: Bool = false, _ summary: String
    ) {
        self.init(
            name, accepts, .positional, evaluation: evaluation, isRequired: isRequired, isSubject: isSubject,
            file: file, isAlias: isAlias, summary)
    }

    /// The rows that `|` brings.
    public static let rows = Parameter("rows", .rows, isSubject: true, "the rows")

    /// An optional named argument.
    public static func option(
        _ name: String, _ accepts: Acceptance, evaluation: Evaluation = .value, isAlias: Bool = false,
        _ summary: String
    ) -> Parameter {
        Parameter(name, accepts, .named, evaluation: evaluation, isRequired: false, isAlias: isAlias, summary)
    }
}

/// All verbs and functions by name.
public struct BuiltinTable: Sendable {
    private let byName: [String: Builtin]
    /// In the order of the documentation.
    public let all: [Builtin]

    public init(_ builtins: [Builtin]) {
        all = builtins
        byName = Dictionary(builtins.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        names = Set(byName.keys)
        labels = byName.mapValues { builtin in
            Set(builtin.parameters.filter { !$0.isSubject && $0.place != .rest }.map(\.name))
        }
        naming = Set(
            builtins.filter { if case .none = $0.inventions { false } else { true } }.map(\.name))
    }

    private let labels: [String: Set<String>]
    private let naming: Set<String>

    public subscript(name: String) -> Builtin? { byName[name] }

    public let names: Set<String>

    /// What the parser may know of them, for its messages.
    public func words(allowsLeadingPipe: Bool = false) -> Parser.Words {
        Parser.Words(verbs: names, labels: labels, naming: naming, allowsLeadingPipe: allowsLeadingPipe)
    }
}

extension String {
    fileprivate var trimmingTrailingBlank: String { hasSuffix(" ") ? String(dropLast()) : self }
}
