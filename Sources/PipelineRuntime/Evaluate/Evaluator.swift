public import OrderedCollections
public import PipelineSyntax
public import Tables

/// Runs checked programs by walking their tree. Synchronous: a verb that waits does so inside.
public struct Evaluator {
    let context: EvaluationContext

    /// What a cell did.
    public struct Outcome: Sendable {
        /// The names that the cell bound, in order, with their values.
        public var exports: OrderedDictionary<String, Value> = [:]
        /// The value of the last statement where that is a pipeline.
        public var value: Value?
    }

    /// Calls nested deeper than this are refused, so that no program can exhaust the stack.
    static let maximumDepth = 64

    public init(context: EvaluationContext) { self.context = context }

    /// Runs a program.
    /// - Parameters:
    ///   - bindings: the names bound above.
    ///   - parameters: values for `param`s given from outside.
    ///   - lastValue: what a leading `|` takes.
    ///   - didBind: called after each binding, so that a front end can show it at once.
    /// - Throws: `Diagnostic` for a wrong program or a failed step, and what verbs throw beside it.
    public func run(
        _ program: Program, bindings: Bindings, parameters: Bindings = [:], lastValue: Value? = nil,
        didBind: (String, Value) -> Void = { _, _ in }
    ) throws -> Outcome {
        var outcome = Outcome()
        var frame = Frame(bindings: bindings)
        if let lastValue { frame.locals[Self.lastValueName] = lastValue }
        for statement in program.statements {
            outcome.value = nil
            switch statement {
            case .binding(let binding):
                var value: Value
                if binding.isParameter, let given = parameters[binding.name] {
                    value = given
                } else {
                    value = try evaluate(binding.value, frame)
                }
                if case .opaque(let domain) = value { value = .opaque(domain.named(binding.name)) }
                frame.bindings[binding.name] = value
                outcome.exports[binding.name] = value
                didBind(binding.name, value)
            case .function(let function):
                let value = Value.domain(FunctionValue(function, source: context.source, bindings: frame.bindings))
                frame.bindings[function.name] = value
                outcome.exports[function.name] = value
            case .expression(let expression):
                outcome.value = try evaluate(expression, frame)
            }
        }
        return outcome
    }

    /// The reserved local under which the REPL's last value stands; no program can write it.
    static let lastValueName = "|"

    /// The value of an expression.
    func evaluate(_ expression: Expression, _ frame: Frame) throws -> Value {
        switch expression.kind {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .integer(let value): return .number(.integer(value))
        case .double(let value): return .number(.double(value))
        case .text(let parts): return try text(parts, frame)
        case .field(let name):
            guard let row = frame.row else { throw dotOutsideRow(expression) }
            return row.field(name)
        case .row:
            guard let row = frame.row else { throw dotOutsideRow(expression) }
            return row.value
        case .hole:
            throw diagnostic(
                .hole, expression.span, "This is a hole; put an expression in its place.", hint: "replace ___")
        case .lastValue: return frame.locals[Self.lastValueName] ?? .null
        case .name(let name):
            guard let value = frame.value(of: name) else {
                throw diagnostic(.unknownName, expression.span, "Expected a name from `let`; there is no `\(name)`.")
            }
            return value
        case .call(let call): return try self.call(call, subject: nil, frame)
        case .pipeline(let head, let stages):
            var value = try self.head(head, stages, frame)
            for stage in stages { value = try call(stage, subject: (head, value), frame) }
            return value
        case .list(let elements): return .list(try elements.map { try evaluate($0, frame) })
        case .record(let entries):
            var fields = Record(minimumCapacity: entries.count)
            for entry in entries { fields[entry.name] = try evaluate(entry.value, frame) }
            return .record(fields)
        case .negate(let inner):
            return try settle(Operators.negate(evaluate(inner, frame)), expression, frame)
        case .not(let inner):
            return try settle(Operators.not(evaluate(inner, frame)), expression, frame)
        case .binary(let sign, let left, let right):
            return try binary(sign, left, right, expression, frame)
        case .membership(let left, let right, let isNegated):
            let found = try membership(left, right, frame)
            return try settle(isNegated ? Operators.not(found) : found, expression, frame)
        case .kindTest(let inner, let kind, let isNegated):
            guard let holds = KindTest.holds(try evaluate(inner, frame), kind: kind) else {
                throw diagnostic(
                    .unexpectedToken, expression.span,
                    "Expected one of \(KindTest.names.sorted().joined(separator: ", ")) after `is`, found `\(kind)`.")
            }
            return .bool(holds != isNegated)
        case .condition(let test, let yes, let no):
            switch try evaluate(test, frame) {
            case .bool(true): return try evaluate(yes, frame)
            case .bool(false): return try evaluate(no, frame)
            case .null: return .null
            case .error(let error): return .error(error)
            case let other:
                return try settle(
                    .failure(.init(.wrongType, "Expected a condition, found \(other.kindName).")), test, frame)
            }
        case .member(let inner, let name, let span):
            return try member(
                name, span, of: try evaluate(inner, frame), inner, isInRow: frame.row != nil || frame.isInRow)
        case .index(let inner, let index):
            return try settle(Operators.index(evaluate(inner, frame), evaluate(index, frame)), expression, frame)
        }
    }

    // MARK: Parts

    /// The value that a pipeline begins with; a verb at its head learns which columns the stages need of it.
    private func head(_ head: Expression, _ stages: [Call], _ frame: Frame) throws -> Value {
        guard case .call(let call) = head.kind else { return try evaluate(head, frame) }
        let demanded = ColumnDemand(of: stages) { frame.value(of: $0) == nil ? context.builtins[$0] : nil }
        return try self.call(call, subject: nil, frame, demanded: demanded)
    }

    private func text(_ parts: [TextPart], _ frame: Frame) throws -> Value {
        var text = ""
        for part in parts {
            switch part {
            case .literal(let piece, _): text += piece
            case .interpolation(let inner):
                switch try evaluate(inner, frame) {
                case .null: return .null
                case .error(let error): return .error(error)
                case let value: text += value.plainText
                }
                if text.utf8.count > ValueLimits.textBytes { return .error(ValueLimits.text) }
            }
        }
        return .string(text)
    }

    private func binary(
        _ sign: BinaryOperator, _ left: Expression, _ right: Expression, _ whole: Expression, _ frame: Frame
    ) throws -> Value {
        let first = try evaluate(left, frame)
        switch sign {
        case .coalesce:
            // An error is not an absence: `??` replaces null only.
            return first.isNull ? try evaluate(right, frame) : first
        case .and where first.bool == false, .or where first.bool == true: return first
        default: return try settle(Operators.apply(sign, first, evaluate(right, frame)), whole, frame)
        }
    }

    /// `x in a..b` compares with the ends, so that it holds for fractions too and makes no list.
    private func membership(_ left: Expression, _ right: Expression, _ frame: Frame) throws -> Operators.Outcome {
        let value = try evaluate(left, frame)
        if case .binary(.range, let low, let high) = right.kind {
            return Operators.isBetween(value, try evaluate(low, frame), try evaluate(high, frame))
        }
        return Operators.contains(try evaluate(right, frame), value)
    }

    /// A member of a value.
    func member(_ name: String, _ span: Span, of value: Value, _ inner: Expression, isInRow: Bool) throws -> Value {
        switch value {
        case .null: return .null
        case .error(let error): return .error(error)
        case .record(let fields): return fields[name] ?? .null
        case .opaque(let domain):
            if let value = domain.member(name) { return value }
            let known = domain.memberNames.sorted().joined(separator: ", ")
            throw diagnostic(
                .unknownMember, span,
                "Expected a member of \(domain.kindName): \(known.isEmpty ? "it has none" : known).",
                hint: Suggestion.closest(to: name, among: domain.memberNames).map { "did you mean `.\($0)`?" })
        case let other:
            return try settle(
                .failure(
                    .init(.unknownMember, "Expected a record or rows before `.\(name)`, found \(other.kindName).")),
                inner, isInRow: isInRow)
        }
    }

    /// A fault of an operator: an error value where a row is at hand, since data may be mixed; else a wrong program.
    func settle(_ outcome: Operators.Outcome, _ expression: Expression, _ frame: Frame) throws -> Value {
        try settle(outcome, expression, isInRow: frame.row != nil || frame.isInRow)
    }

    private func settle(_ outcome: Operators.Outcome, _ expression: Expression, isInRow: Bool) throws -> Value {
        switch outcome {
        case .success(let value): return value
        case .failure(let fault):
            if isInRow { return .error(RowError(fault.message)) }
            throw diagnostic(fault.code, expression.span, fault.message)
        }
    }

    func diagnostic(_ code: DiagnosticCode, _ span: Span, _ message: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(code, at: span, in: context.source, message, hint: hint)
    }

    private func dotOutsideRow(_ expression: Expression) -> Diagnostic {
        let code = context.source.text(of: expression.span)
        return diagnostic(.dotOutsideRow, expression.span, "Expected a verb that works on rows around `\(code)`.")
    }
}

extension Value {
    /// The value as `${…}` puts it into text.
    public var plainText: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(.integer(let value)): String(value)
        case .number(.double(let value)):
            Int64(exactly: value).map { abs(value) < 1e15 ? String($0) : Number.double(value).description }
                ?? Number.double(value).description
        case .string(let text): text
        case .list, .record: JSON.text(self)
        case .error(let error): error.message
        case .opaque(let domain): domain.kindName
        }
    }
}
