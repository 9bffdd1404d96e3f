internal import OrderedCollections
internal import PipelineSyntax
internal import Tables

/// Evaluates a row expression for many rows at once, column by column: the tree is walked once for all of them.
///
/// The meaning is the evaluator's, row by row; this one only knows quicker ways. Where it knows none for a part, that
/// part is evaluated row by row.
struct ColumnEvaluator {
    let evaluator: Evaluator
    /// Names, as at the place of the expression.
    let frame: Frame
    /// The rows that the dot means; nil inside an `fn`, where it means nothing.
    let rows: DataSet?
    let count: Int
    /// The parameters of the `fn`s that are being evaluated.
    var locals: [String: Operand] = [:]

    /// A part's result: one value for all rows, or one for each.
    enum Operand {
        case constant(Value)
        case column(Column)

        subscript(row: Int) -> Value {
            switch self {
            case .constant(let value): value
            case .column(let column): column[row]
            }
        }

        var isConstant: Bool { if case .constant = self { true } else { false } }
    }

    /// The values of an expression.
    func evaluate(_ expression: Expression) throws -> Operand {
        switch expression.kind {
        case .null: return .constant(.null)
        case .bool(let value): return .constant(.bool(value))
        case .integer(let value): return .constant(.number(.integer(value)))
        case .double(let value): return .constant(.double(value))
        case .field(let name):
            guard let rows else { return try rowByRow(expression) }
            return rows[column: name].map { .column($0) } ?? .constant(.null)
        case .name(let name):
            if let local = locals[name] { return local }
            guard let value = frame.value(of: name) else { return try rowByRow(expression) }
            return .constant(value)
        case .text(let parts): return try text(parts)
        case .negate(let inner):
            return try map(try evaluate(inner)) { settled(Operators.negate($0)) }
        case .not(let inner):
            let operand = try evaluate(inner)
            if case .column(let column) = operand, let quick = ColumnOperators.not(column) { return .column(quick) }
            return try map(operand) { settled(Operators.not($0)) }
        case .binary(let sign, let left, let right): return try binary(sign, left, right)
        case .membership(let left, let right, let isNegated): return try membership(left, right, isNegated)
        case .kindTest(let inner, let kind, let isNegated):
            guard KindTest.names.contains(kind) else { return try rowByRow(expression) }
            let operand = try evaluate(inner)
            if kind == "null", case .column(let column) = operand, let quick = ColumnOperators.isNull(column, isNegated)
            {
                return .column(quick)
            }
            return try map(operand) { .bool(KindTest.holds($0, kind: kind) != isNegated) }
        case .condition(let test, let yes, let no): return try condition(test, yes, no)
        case .member(let inner, let name, let span):
            let operand = try evaluate(inner)
            return try map(operand) { try evaluator.member(name, span, of: $0, inner, isInRow: true) }
        case .index(let inner, let index):
            return try map(try evaluate(inner), try evaluate(index)) { settled(Operators.index($0, $1)) }
        case .record(let entries):
            let operands = try entries.map { try evaluate($0.value) }
            if operands.allSatisfy(\.isConstant) {
                return .constant(record(entries, operands, 0))
            }
            return try build { record(entries, operands, $0) }
        case .list(let elements):
            let operands = try elements.map { try evaluate($0) }
            if operands.allSatisfy(\.isConstant) { return .constant(.list(operands.map { $0[0] })) }
            return try build { row in .list(operands.map { $0[row] }) }
        case .call(let call): return try self.call(call, subject: nil) ?? rowByRow(expression)
        case .pipeline(let head, let stages):
            var subject = try evaluate(head)
            for stage in stages {
                guard let next = try call(stage, subject: subject) else { return try rowByRow(expression) }
                subject = next
            }
            return subject
        case .row, .hole, .lastValue: return try rowByRow(expression)
        }
    }

    /// The values as a column.
    func column(_ expression: Expression) throws -> Column {
        switch try evaluate(expression) {
        case .column(let column): column
        case .constant(let value): Column(value, count: count)
        }
    }

    // MARK: Row by row

    /// Evaluates a part for each row by walking its tree; once, where it says the same for each.
    private func rowByRow(_ expression: Expression) throws -> Operand {
        var frame = frame
        frame.isInRow = true
        frame.group = nil
        if !RowDependence.isFound(in: expression, { evaluator.context.builtins[$0] }),
            locals.isEmpty || expression.mentionedNames.isDisjoint(with: locals.keys)
        {
            return .constant(try evaluator.evaluate(expression, frame))
        }
        return try build { row in
            frame.row = rows.map { .row($0, row) }
            for (name, operand) in locals { frame.locals[name] = operand[row] }
            return try evaluator.evaluate(expression, frame)
        }
    }

    private func build(_ value: (Int) throws -> Value) throws -> Operand {
        let builder = ColumnBuilder()
        for row in 0..<count {
            let value = try value(row)
            // Large values fill the memory long before many rows are done.
            if row % 1_024 == 0 || (value.list?.count ?? value.text?.utf8.count ?? 0) > 10_000 { try pause() }
            builder.append(value)
        }
        return .column(builder.finish())
    }

    private func pause() throws {
        if evaluator.context.host.isInterrupted { throw Interruption() }
    }

    /// The cell is to stop; the verb at work says so at its place.
    struct Interruption: Error {}

    private func map(_ operand: Operand, _ change: (Value) throws -> Value) throws -> Operand {
        switch operand {
        case .constant(let value): .constant(try change(value))
        case .column(let column): try build { try change(column[$0]) }
        }
    }

    private func map(_ left: Operand, _ right: Operand, _ change: (Value, Value) throws -> Value) throws -> Operand {
        if case .constant(let a) = left, case .constant(let b) = right { return .constant(try change(a, b)) }
        return try build { try change(left[$0], right[$0]) }
    }

    /// A fault of an operator is an error value in its row.
    private func settled(_ outcome: Operators.Outcome) -> Value {
        switch outcome {
        case .success(let value): value
        case .failure(let fault): .error(RowError(fault.message))
        }
    }

    // MARK: Parts

    private func record(_ entries: [RecordEntry], _ operands: [Operand], _ row: Int) -> Value {
        var fields = Record(minimumCapacity: entries.count)
        for (entry, operand) in zip(entries, operands) { fields[entry.name] = operand[row] }
        return .record(fields)
    }

    private func binary(_ sign: BinaryOperator, _ left: Expression, _ right: Expression) throws -> Operand {
        let (first, second) = (try evaluate(left), try evaluate(right))
        if let quick = ColumnOperators.apply(sign, first, second, count: count) { return .column(quick) }
        return try map(first, second) { a, b in
            switch sign {
            case .coalesce: a.isNull ? b : a
            case .and where a.bool == false, .or where a.bool == true: a
            default: settled(Operators.apply(sign, a, b))
            }
        }
    }

    private func membership(_ left: Expression, _ right: Expression, _ isNegated: Bool) throws -> Operand {
        let value = try evaluate(left)
        func answer(_ found: Operators.Outcome) -> Value { settled(isNegated ? Operators.not(found) : found) }
        if case .binary(.range, let low, let high) = right.kind {
            let (low, high) = (try evaluate(low), try evaluate(high))
            if let above = ColumnOperators.apply(.lessOrEqual, low, value, count: count),
                let below = ColumnOperators.apply(.lessOrEqual, value, high, count: count),
                let both = ColumnOperators.apply(.and, .column(above), .column(below), count: count)
            {
                return .column(isNegated ? ColumnOperators.not(both) ?? both : both)
            }
            if case .constant(let a) = low, case .constant(let b) = high {
                return try map(value) { answer(Operators.isBetween($0, a, b)) }
            }
            return try build { answer(Operators.isBetween(value[$0], low[$0], high[$0])) }
        }
        let container = try evaluate(right)
        if case .constant(.list(let elements)) = container {
            let known = Set(elements)
            return try map(value) { value in
                if let error = value.rowError { return .error(error) }
                return .bool(known.contains(value) != isNegated)
            }
        }
        return try map(value, container) { answer(Operators.contains($1, $0)) }
    }

    private func condition(_ test: Expression, _ yes: Expression, _ no: Expression) throws -> Operand {
        let test = try evaluate(test)
        func branch(_ value: Value) -> Value? {
            switch value {
            case .bool: nil
            case .null, .error: value
            default: .error(RowError("Expected a condition, found \(value.kindName)."))
            }
        }
        if case .constant(let value) = test {
            if let flag = value.bool { return try evaluate(flag ? yes : no) }
            return .constant(branch(value) ?? .null)
        }
        let (first, second) = (try evaluate(yes), try evaluate(no))
        return try build { row in
            let value = test[row]
            guard let flag = value.bool else { return branch(value) ?? .null }
            return flag ? first[row] : second[row]
        }
    }

    private func text(_ parts: [TextPart]) throws -> Operand {
        var pieces: [(text: String?, operand: Operand)] = []
        for part in parts {
            switch part {
            case .literal(let text, _): pieces.append((text, .constant(.null)))
            case .interpolation(let inner): pieces.append((nil, try evaluate(inner)))
            }
        }
        func joined(_ row: Int) -> Value {
            var text = ""
            for piece in pieces {
                if let literal = piece.text {
                    text += literal
                    continue
                }
                switch piece.operand[row] {
                case .null: return .null
                case .error(let error): return .error(error)
                case let value: text += value.plainText
                }
                if text.utf8.count > ValueLimits.textBytes { return .error(ValueLimits.text) }
            }
            return .string(text)
        }
        if pieces.allSatisfy(\.operand.isConstant) { return .constant(joined(0)) }
        return try build { joined($0) }
    }

    // MARK: Calls

    /// The values of a call; nil where only the tree can tell.
    private func call(_ call: Call, subject: Operand?) throws -> Operand? {
        if locals[call.name] != nil { return nil }
        if let function = frame.value(of: call.name)?.domain(FunctionValue.self) {
            return try self.call(function, call, subject: subject)
        }
        guard let builtin = evaluator.context.builtins[call.name], let compute = builtin.compute,
            call.arguments.allSatisfy({ $0.label == nil })
        else { return nil }
        var operands = subject.map { [$0] } ?? []
        for argument in call.arguments { operands.append(try evaluate(argument.value)) }
        let parameters = builtin.parameters
        guard operands.count <= parameters.count, parameters.dropFirst(operands.count).allSatisfy({ !$0.isRequired })
        else { return nil }
        if operands.count == 1, case .column(let column) = operands[0], let quick = builtin.columns?(column) {
            return .column(quick)
        }
        var values = [Value](repeating: .null, count: parameters.count)
        func result(_ row: Int) throws -> Value {
            for (index, operand) in operands.enumerated() {
                let value = operand[row]
                if parameters[index].accepts.admitsValue(value) || value.isNull || value.rowError != nil {
                    values[index] = value
                } else {
                    values[index] = .error(RowError(evaluator.expectation(parameters[index], value, builtin).message))
                }
            }
            return try evaluator.compute(builtin, compute, values, given: operands.count, call, isInRow: true)
        }
        if !operands.isEmpty, operands.allSatisfy(\.isConstant) { return .constant(try result(0)) }
        return try build { try result($0) }
    }

    /// An `fn` is evaluated in its place, its parameters standing for whole columns.
    private func call(_ function: FunctionValue, _ call: Call, subject: Operand?) throws -> Operand? {
        guard frame.depth < Evaluator.maximumDepth else { return nil }
        var positional = subject.map { [$0] } ?? []
        var named: [String: Operand] = [:]
        for argument in call.arguments {
            let operand = try evaluate(argument.value)
            if let label = argument.label { named[label.name] = operand } else { positional.append(operand) }
        }
        guard positional.count <= function.definition.parameters.count else { return nil }
        let inner = Evaluator(context: evaluator.context.within(function.source))
        var frame = Frame(bindings: function.bindings, isInRow: true, depth: frame.depth + 1)
        var locals: [String: Operand] = [:]
        for (index, parameter) in function.definition.parameters.enumerated() {
            if index < positional.count {
                locals[parameter.name] = positional[index]
            } else if let operand = named[parameter.name] {
                locals[parameter.name] = operand
            } else if let value = parameter.defaultValue {
                locals[parameter.name] = .constant(
                    try inner.evaluate(value, Frame(bindings: function.bindings, depth: frame.depth)))
            } else {
                return nil
            }
        }
        frame.row = nil
        return try ColumnEvaluator(evaluator: inner, frame: frame, rows: nil, count: count, locals: locals).evaluate(
            function.definition.body)
    }
}
