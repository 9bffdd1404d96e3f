internal import OrderedCollections
public import PipelineSyntax
public import Tables

/// A call of a builtin with its evaluated arguments: what a builtin's row works with.
public struct Invocation {
    public let call: Call
    public let builtin: Builtin
    public let context: EvaluationContext
    let values: [String: [Value]]
    let functions: [String: [RowFunction]]
    let expressions: [String: [Expression]]
    /// New columns in the order written: name, place, expression.
    public let inventions: [(name: String, span: Span, function: RowFunction)]
    /// Which columns of the result the stages behind need; nil where nothing is known of that.
    public var demand: ColumnDemand?

    /// An argument's value; null where it was not given.
    public func value(_ parameter: String) -> Value { values[parameter]?.first ?? .null }

    /// All values of a `rest` parameter.
    public func values(_ parameter: String) -> [Value] { values[parameter] ?? [] }

    /// Whether an argument was given.
    public func has(_ parameter: String) -> Bool { expressions[parameter] != nil }

    /// The rows given as a parameter; checked to be rows before the call.
    public func rows(_ parameter: String = "rows") -> DataSet { value(parameter).rows ?? DataSet(rows: []) }

    /// A row expression, where it was given.
    public func function(_ parameter: String) -> RowFunction? { functions[parameter]?.first }

    /// All row expressions of a `rest` parameter.
    public func functions(_ parameter: String) -> [RowFunction] { functions[parameter] ?? [] }

    /// The columns named by arguments such as `.text`.
    public func columnNames(_ parameter: String) -> [String] {
        (expressions[parameter] ?? []).compactMap { if case .field(let name) = $0.kind { name } else { nil } }
    }

    /// Notes something besides the result.
    public func note(_ text: String) { context.notes.add(text) }

    /// A mistake at an argument, or at the verb's name where no argument is named.
    public func failure(
        _ code: DiagnosticCode, at parameter: String? = nil, _ message: String, hint: String? = nil
    ) -> Diagnostic {
        return Diagnostic(code, at: span(parameter), in: context.source, message, hint: hint)
    }

    /// Where an argument stands, or the verb's name.
    public func span(_ parameter: String?) -> Span {
        parameter.flatMap { expressions[$0]?.first?.span } ?? call.nameSpan
    }

    /// A mistake at a place.
    public func failure(_ code: DiagnosticCode, at span: Span, _ message: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(code, at: span, in: context.source, message, hint: hint)
    }

    /// The code of an argument as it is written.
    public func code(_ parameter: String) -> String {
        expressions[parameter]?.first.map { context.source.text(of: $0.span) } ?? ""
    }

    /// Whether the user wants the work to stop.
    /// - Throws: a diagnostic where that is so.
    public func checkInterrupt() throws {
        if context.host.isInterrupted { throw failure(.interrupted, "The cell was interrupted.") }
    }

    /// A row expression as a value of its own, to be kept: what a grader is made of.
    public func closure(_ parameter: String) -> RowClosure? { functions[parameter]?.first?.closure }
}
