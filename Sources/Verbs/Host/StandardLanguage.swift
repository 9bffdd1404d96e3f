internal import Distillation
public import OrderedCollections
public import PipelineRuntime
public import Tables

/// The language as distnb ships it: all builtins, and how their values are saved.
public enum StandardLanguage {
    /// Every verb and function.
    public static let builtins = BuiltinTable(
        [
            dataVerbs, stepVerbs, Builtin.aggregates, Builtin.gradingFunctions, [.cosine], Builtin.textFunctions,
            Builtin.searchFunctions, Builtin.formattingFunctions, Builtin.mathsFunctions, Builtin.listFunctions,
            Builtin.collectionFunctions, Builtin.dateFunctions, Builtin.fileFunctions, [Builtin.check],
        ]
        .flatMap { $0 })

    private static let dataVerbs: [Builtin] = [
        .load, .sample, .take, .skip, .shuffle, .split, .where, .select, .derive, .rename, .drop, .sort, .desc, .group,
        .join, .union, .distinct, .dedupe, .explode, .each, .describe, .show, .save,
    ]

    private static let stepVerbs: [Builtin] = [
        .model, .task, .ask, .generate, .completions, .grader, .grade, .scores, .audit, .prefer, .finetune, .worst,
        .prune, .export, .compare, .choose, .flips, .disagree, .plot, .embed,
    ]

    /// Saves and reads back every kind of value.
    public static let codec: ValueCodec = {
        var codec = ValueCodec()
        codec.register(Model.tag, Model.decode)
        codec.register(Comparison.tag, Comparison.decode)
        codec.register(Grader.tag, Grader.decode)
        codec.register(AuditedGrader.tag, AuditedGrader.decode)
        codec.register(Task.tag, Task.decode)
        codec.register(FunctionValue.tag, FunctionValue.decode)
        codec.register(Chart.tag, Chart.decode)
        codec.register(Shown.tag, Shown.decode)
        codec.register(FilmStrip.tag, FilmStrip.decode)
        codec.register(Descending.tag, Descending.decode)
        return codec
    }()

    /// The static types of saved values, for checking the cells below them.
    public static func type(of value: Value) -> StaticType {
        switch value {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string: .text
        case .list(let elements): .list(common(elements))
        // A field that a record lacks is null: of one value that is at hand nothing follows for its names.
        case .record(let fields):
            Value.splitNames(fields) == nil ? .record(nil) : .record(fields.mapValues { type(of: $0) })
        case .error: .any
        case .opaque(let domain): type(of: domain)
        }
    }

    /// What all elements are; anything where they differ.
    private static func common(_ elements: [Value]) -> StaticType {
        guard let first = elements.first.map(type(of:)) else { return .any }
        return elements.dropFirst().allSatisfy { type(of: $0) == first } ? first : .any
    }

    private static func type(of domain: any DomainValue) -> StaticType {
        switch domain {
        case let rows as DataSet: .rows(Schema.columns(of: rows, isComplete: false))
        case is Model: .model
        case let grader as Grader: grader.type
        case is AuditedGrader: AuditedGrader.type
        case let task as Task: Task.type(task.preset)
        case is Comparison: .comparison
        case let function as FunctionValue: function.type
        default: .any
        }
    }
}

extension StaticType {
    static let model = StaticType.domain(
        DomainType(
            tag: Model.tag, kindName: "a model",
            members: [
                "alias": .text, "name": .text, "system": .any, "layers": .any, "losses": .any, "options": .any,
                "rows": .any,
                "watched": .any,
            ]))
    static let comparison = StaticType.domain(
        DomainType(
            tag: Comparison.tag, kindName: "a comparison",
            members: [
                "differences": .rows(nil), "rows": .rows(nil), "slices": .rows(nil), "table": .rows(nil),
                "verdict": .text,
            ]))
}

/// What the columns of rows hold, as far as the checker cares.
public enum Schema {
    /// The columns' types.
    /// - Parameter isComplete: whether these are all rows of a source, so that what lists and records hold can be told.
    public static func columns(of rows: DataSet, isComplete: Bool = true) -> Columns {
        rows.columns.mapValues { column in
            switch column.typeName {
            case "text": .text
            case "integer", "number": .number
            case "true/false": .bool
            case "list": isComplete ? nested(column.values) : .list(.any)
            case "record": isComplete ? nested(column.values) : .record(nil)
            default: .any
            }
        }
    }

    /// A record with more names than this is a map, whose names are data.
    private static let mostFields = 64

    /// What lists and records hold, over all values that there are.
    private static func nested(_ values: [Value]) -> StaticType {
        var kind: StaticType?
        func note(_ type: StaticType) { kind = kind == nil || kind == type ? type : .any }
        var elements: [Value] = []
        var fields: OrderedDictionary<String, [Value]> = [:]
        for value in values {
            switch value {
            case .null, .error: continue
            case .bool: note(.bool)
            case .number: note(.number)
            case .string: note(.text)
            case .list(let list):
                note(.list(.any))
                elements += list
            case .record(let record):
                note(.record(nil))
                for (name, value) in record { fields[name, default: []].append(value) }
                if fields.count > mostFields { return .record(nil) }
            case .opaque: return .any
            }
            if kind == .any { return .any }
        }
        switch kind {
        case .list?: return .list(nested(elements))
        case .record?: return .record(fields.mapValues(nested))
        case let other?: return other
        case nil: return .any
        }
    }
}
