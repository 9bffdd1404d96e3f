internal import OrderedCollections
public import PipelineSyntax
public import Tables

/// An expression to be evaluated for each row or element.
public struct RowFunction {
    public let expression: Expression
    let evaluator: Evaluator
    let frame: Frame

    init(_ expression: Expression, _ evaluator: Evaluator, _ frame: Frame) {
        self.expression = expression
        self.evaluator = evaluator
        var inner = frame
        inner.group = nil
        self.frame = inner
    }

    /// The value for a row of a data set.
    public func callAsFunction(_ rows: DataSet, _ index: Int) throws -> Value {
        var frame = frame
        frame.row = .row(rows, index)
        return try evaluator.evaluate(expression, frame)
    }

    /// The values for all rows of a data set.
    public func column(over rows: DataSet) throws -> Column {
        do {
            return try ColumnEvaluator(evaluator: evaluator, frame: frame, rows: rows, count: rows.count).column(
                expression)
        } catch is ColumnEvaluator.Interruption {
            throw evaluator.diagnostic(.interrupted, expression.span, "The cell was interrupted.")
        } catch is Diagnostic {
            // A part that no row may reach can be wrong for all rows at once: row by row it counts only where it is reached.
            return Column(try rows.indices.map { try self(rows, $0) })
        }
    }

    /// The value for a list's element.
    public func callAsFunction(_ element: Value) throws -> Value {
        var frame = frame
        frame.row = .element(element)
        return try evaluator.evaluate(expression, frame)
    }

    /// The values over groups of rows, where the expression is made of aggregates.
    public func column(over rows: DataSet, groups: RowGroups) throws -> Column {
        let scope = GroupScope(rows: rows, groups: groups)
        var frame = frame
        frame.row = nil
        frame.group = scope
        return Column(
            try (0..<groups.count).map { group in
                scope.current = group
                return try evaluator.evaluate(expression, frame)
            })
    }

    /// The column that the expression names, where it is nothing but `.column`.
    public var columnName: String? { if case .field(let name) = expression.kind { name } else { nil } }

    /// The argument, where the expression is a call of a builtin with just one: the `.n` of `desc(.n)`.
    public func argument(of builtin: String) -> RowFunction? {
        guard case .call(let call) = expression.kind, call.name == builtin, frame.value(of: builtin) == nil,
            call.arguments.count == 1, let only = call.arguments.first, only.label == nil
        else { return nil }
        return RowFunction(only.value, evaluator, frame)
    }

    /// The expression's code.
    public var code: String { evaluator.context.source.text(of: expression.span) }

    /// The expression with the names it needs, to be kept beyond the call.
    var closure: RowClosure {
        var bindings = frame.bindings.merging(frame.locals) { _, local in local }
        let needed = expression.mentionedNames
        bindings = bindings.filter { needed.contains($0.key) }
        return RowClosure(expression: expression, source: evaluator.context.source, bindings: bindings)
    }
}

/// A row expression with the values of the names it mentions; can be saved and read back.
public struct RowClosure: Sendable {
    public let expression: Expression
    public let source: SourceText
    let bindings: Bindings

    /// The expression's code.
    public var code: String { source.text(of: expression.span) }

    /// A part of the expression, with the same names.
    public func part(_ expression: Expression) -> RowClosure {
        RowClosure(expression: expression, source: source, bindings: bindings)
    }

    /// The value for a row.
    public func callAsFunction(_ rows: DataSet, _ index: Int, _ context: EvaluationContext) throws -> Value {
        var frame = Frame(bindings: bindings)
        frame.row = .row(rows, index)
        return try Evaluator(context: context.within(source)).evaluate(expression, frame)
    }

    /// The state: the code, and the values of the names in it.
    public func encoded(with encoder: inout ValueEncoder) throws -> Value {
        try CodeState.encode(code: code, name: source.name, bindings: bindings, with: &encoder)
    }

    /// Reads the saved state.
    public init(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws {
        let (program, bindings) = try CodeState.decode(state, codec: codec, blobs: blobs)
        guard case .expression(let expression)? = program.statements.first else {
            throw StateError("a grader whose code cannot be read")
        }
        self.expression = expression
        source = program.source
        self.bindings = bindings
    }

    init(expression: Expression, source: SourceText, bindings: Bindings) {
        self.expression = expression
        self.source = source
        self.bindings = bindings
    }
}

/// Code in saved state: its text and the values of the names that it mentions.
enum CodeState {
    static func encode(
        code: String, name: String, bindings: Bindings, with encoder: inout ValueEncoder
    ) throws -> Value {
        var captured = Record()
        for name in bindings.keys.sorted() { captured[name] = try encoder.encode(bindings[name] ?? .null) }
        return ["code": .string(code), "source": .string(name), "names": .record(captured)]
    }

    static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> (Program, Bindings) {
        guard let code = state[field: "code"].text else { throw StateError("code without its text") }
        let parsed = Parser.parse(SourceText(name: state[field: "source"].text ?? "saved code", text: code))
        guard parsed.diagnostics.isEmpty else { throw StateError("code that this version cannot read: \(code)") }
        var bindings: Bindings = [:]
        for (name, value) in state[field: "names"].record ?? [:] {
            bindings[name] = try codec.decode(value, blobs: blobs)
        }
        return (parsed.program, bindings)
    }
}
