public import OrderedCollections
public import PipelineSyntax

/// A call whose arguments were sorted and checked; a builtin's row derives its result's type from it.
public struct CheckedCall {
    /// The call as it is written.
    public let call: Call
    let builtin: Builtin
    public let source: SourceText
    let types: [String: [StaticType]]
    let expressions: [String: [Expression]]
    /// New columns with their types.
    public let inventions: Columns
    let inventionValues: [(name: String, span: Span, value: Expression)]
    let files: any SchemaSource

    /// The type of an argument; `any` where it was not given.
    public func type(_ parameter: String) -> StaticType { types[parameter]?.first ?? .any }

    /// The types of a `rest` parameter's arguments.
    public func types(_ parameter: String) -> [StaticType] { types[parameter] ?? [] }

    /// The pieces of an argument's literal text with their places; `${…}` parts are left out.
    public func literalParts(_ parameter: String) -> [(text: String, place: Diagnostic.Place)] {
        guard case .text(let parts)? = expressions[parameter]?.first?.kind else { return [] }
        return parts.compactMap { part in
            guard case .literal(let text, let span) = part else { return nil }
            return (text, Diagnostic.Place(source: source, span: span))
        }
    }

    /// Whether an aggregate's argument is an expression on the rows of a group.
    public func isGrouped(_ parameter: String) -> Bool {
        var found = false
        expressions[parameter]?.first?.forEach { if case .field = $0.kind { found = true } }
        return found
    }

    /// The columns of the rows given as a parameter, where they are known.
    public func columns(_ parameter: String = "rows") -> Columns? { type(parameter).columns }

    /// An argument's text, where it is a literal.
    public func literalText(_ parameter: String) -> String? {
        guard let expression = expressions[parameter]?.first else { return nil }
        return expression.literalText
    }

    /// The names of the fields of an argument that is a record literal.
    public func fieldNames(_ parameter: String) -> [String]? {
        guard case .record(let entries)? = expressions[parameter]?.first?.kind else { return nil }
        return entries.map(\.name)
    }

    /// The columns named by arguments such as `.text`.
    public func columnNames(_ parameter: String) -> [String] {
        (expressions[parameter] ?? []).compactMap { if case .field(let name) = $0.kind { name } else { nil } }
    }

    /// The columns that inventions rename: new name, old name.
    public var renames: [(new: String, old: String)] {
        inventionValues.compactMap { if case .field(let old) = $0.value.kind { ($0.name, old) } else { nil } }
    }

    /// A name for an argument that stands as a plain name or is written `name: …`.
    public func plainNames(_ parameter: String) -> [String?] {
        (expressions[parameter] ?? []).map { if case .name(let name) = $0.kind { name } else { nil } }
    }

    /// What is known about a data file without loading it.
    /// - Parameter options: the call's arguments that say how to read it, by name.
    public func schema(ofFile path: String, options: [String: String] = [:]) -> Columns? {
        files.columns(ofFile: path, options: options)
    }

    /// An argument as it is written, where it was given.
    public func expression(_ parameter: String) -> Expression? { expressions[parameter]?.first }

    /// The code of each of an argument's expressions, as they are written.
    public func codes(_ parameter: String) -> [String] {
        (expressions[parameter] ?? []).map { source.text(of: $0.span) }
    }

    /// The code of an argument as it is written.
    public func code(_ parameter: String) -> String { expression(parameter).map { source.text(of: $0.span) } ?? "" }

    /// Whether a parameter was given.
    public func has(_ parameter: String) -> Bool { expressions[parameter] != nil }

    /// Refuses new columns that the rows already have, unless their expression reads them.
    public func refuseOverwriting() throws(Diagnostic) {
        guard let columns = columns() else { return }
        for (name, span, value) in inventionValues where columns[name] != nil {
            guard !value.reads(column: name) else { continue }
            // `rename a: .b, b: .a` frees the name that it gives.
            if case .renames = builtin.inventions, renames.contains(where: { $0.old == name }) { continue }
            throw Diagnostic(
                .columnExists, at: span, in: source, "Expected a new column's name; the rows already have `.\(name)`.",
                hint: "choose another name, or drop .\(name) first")
        }
    }
}

/// Tells the columns of data files before they are loaded.
public protocol SchemaSource: Sendable {
    /// The columns of a file, or nil where that cannot be told cheaply.
    /// - Parameter options: how to read it, as the verb's arguments say it, by name.
    func columns(ofFile path: String, options: [String: String]) -> Columns?
}

/// Knows no file.
public struct NoSchemas: SchemaSource {
    public init() {}
    public func columns(ofFile path: String, options: [String: String]) -> Columns? { nil }
}

extension Expression {
    /// The text, where this is a literal without `${…}`.
    var literalText: String? {
        guard case .text(let parts) = kind else { return nil }
        var text = ""
        for part in parts {
            guard case .literal(let piece, _) = part else { return nil }
            text += piece
        }
        return text
    }

    /// Whether this gives a value for each row: it reads a column, and is neither a list nor a record.
    var isMeasure: Bool {
        switch kind {
        case .list, .record: return false
        default: break
        }
        var found = false
        forEach { if case .field = $0.kind { found = true } }
        return found
    }

    /// Whether `.column` occurs inside.
    public func reads(column name: String) -> Bool {
        var found = false
        forEach { if case .field(name) = $0.kind { found = true } }
        return found
    }
}

extension CheckedCall {
    /// A mistake at an argument, or at the verb's name.
    public func mistake(
        _ code: DiagnosticCode, at parameter: String? = nil, _ message: String, hint: String? = nil
    ) -> Diagnostic {
        let span = parameter.flatMap { expressions[$0]?.first?.span } ?? call.nameSpan
        return Diagnostic(code, at: span, in: source, message, hint: hint)
    }
}
