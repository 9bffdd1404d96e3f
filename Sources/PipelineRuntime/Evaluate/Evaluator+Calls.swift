internal import OrderedCollections
internal import PipelineSyntax
internal import Tables

extension Evaluator {
    /// Calls an `fn` or a builtin. The subject is what `|` brings: where it stands and its value.
    /// - Parameter demanded: the columns of the result that will be used; all where nil.
    func call(
        _ call: Call, subject: (expression: Expression, value: Value)?, _ frame: Frame, demanded: ColumnDemand? = nil
    ) throws -> Value {
        guard frame.depth < Self.maximumDepth else {
            throw diagnostic(
                .nestedTooDeeply, call.span, "Expected calls nested at most \(Self.maximumDepth) deep.")
        }
        if context.host.isInterrupted { throw diagnostic(.interrupted, call.nameSpan, "The cell was interrupted.") }
        var frame = frame
        frame.depth += 1
        if let function = frame.value(of: call.name)?.domain(FunctionValue.self) {
            return try self.call(function, call, subject: subject?.value, frame)
        }
        guard let builtin = context.builtins[call.name] else {
            throw diagnostic(.unknownVerb, call.nameSpan, "Expected a verb; there is no `\(call.name)`.")
        }
        return try self.call(builtin, call, subject: subject, frame, demanded)
    }

    private func call(_ function: FunctionValue, _ call: Call, subject: Value?, _ frame: Frame) throws -> Value {
        var values = subject.map { [$0] } ?? []
        var named: Bindings = [:]
        for argument in call.arguments {
            let value = try evaluate(argument.value, frame)
            if let label = argument.label { named[label.name] = value } else { values.append(value) }
        }
        let definition = function.definition
        guard values.count <= definition.parameters.count else {
            throw diagnostic(
                .tooManyArguments, call.nameSpan,
                "Expected at most \(definition.parameters.count) arguments for `\(call.name)`, found \(values.count).")
        }
        let evaluator = Evaluator(context: context.within(function.source))
        var inner = Frame(bindings: function.bindings, isInRow: frame.row != nil || frame.isInRow, depth: frame.depth)
        for (index, parameter) in definition.parameters.enumerated() {
            if index < values.count {
                inner.locals[parameter.name] = values[index]
            } else if let value = named[parameter.name] {
                inner.locals[parameter.name] = value
            } else if let value = parameter.defaultValue {
                inner.locals[parameter.name] = try evaluator.evaluate(
                    value, Frame(bindings: function.bindings, depth: frame.depth))
            } else {
                throw diagnostic(
                    .missingArgument, call.nameSpan, "Expected `\(parameter.name)` for `\(call.name)`.")
            }
        }
        do {
            return try evaluator.evaluate(definition.body, inner)
        } catch var error as Diagnostic {
            let position = context.source.position(of: call.nameSpan.start)
            error.trace.append(
                "in `\(call.name)`, called at \(context.source.name), \(position.line):\(position.column)")
            throw error
        }
    }

    private func call(
        _ builtin: Builtin, _ call: Call, subject: (expression: Expression, value: Value)?, _ frame: Frame,
        _ demanded: ColumnDemand?
    ) throws -> Value {
        if builtin.isAggregate, let group = frame.group { return try group.value(of: builtin, call, self, frame) }
        if let compute = builtin.compute, let result = try self.compute(builtin, compute, call, subject, frame) {
            return result
        }
        var mistake: Diagnostic?
        let bound = BoundArguments(call, subject: subject?.expression, builtin: builtin, source: context.source) {
            mistake = mistake ?? $0
        }
        if let mistake { throw mistake }
        var values: [String: [Value]] = [:]
        var functions: [String: [RowFunction]] = [:]
        for parameter in builtin.parameters {
            guard let expressions = bound.byParameter[parameter.name] else {
                if parameter.isRequired { throw missing(parameter, call, builtin) }
                continue
            }
            switch parameter.evaluation {
            case .value:
                var given: [Value] = []
                for (index, expression) in expressions.enumerated() {
                    let isSubject = index == 0 && subject != nil && parameter.name == builtin.parameters.first?.name
                    let value = isSubject ? subject?.value ?? .null : try evaluate(expression, frame)
                    do {
                        try expect(parameter, value, expression, builtin)
                        given.append(parameter.accepts.adapted(value))
                    } catch let mistake as Diagnostic where frame.row != nil || frame.isInRow {
                        // Data may be mixed: a wrong argument in a row is that row's error, and null is null.
                        let inRow = value.isNull || value.rowError != nil ? value : .error(RowError(mistake.message))
                        guard builtin.isFunction else { return inRow }
                        given.append(inRow)
                    }
                }
                values[parameter.name] = given
            case .row, .column, .columns, .measure, .measures:
                functions[parameter.name] = expressions.map { RowFunction($0, self, frame) }
            }
        }
        let invocation = Invocation(
            call: call, builtin: builtin, context: context, values: values, functions: functions,
            expressions: bound.byParameter,
            inventions: bound.inventions.map { ($0.name, $0.span, RowFunction($0.value, self, frame)) },
            demand: demanded)
        // Null and errors spread through functions; verbs and aggregates see them and count them.
        if builtin.isFunction, !builtin.seesNull {
            for parameter in builtin.parameters {
                guard let value = values[parameter.name]?.first else { continue }
                if value.rowError != nil || value.isNull { return value }
            }
        }
        do {
            return try builtin.run(invocation)
        } catch let fault as Operators.Fault {
            return try settle(.failure(fault), Expression(.call(call), call.span), frame)
        } catch let mistake as ArgumentMistake {
            throw invocation.failure(mistake.code, at: mistake.parameter, mistake.message, hint: mistake.hint)
        } catch let error as RowError {
            if frame.row != nil || frame.isInRow || frame.group != nil || builtin.givesErrorValues {
                return .error(error)
            }
            throw diagnostic(.wrongType, call.span, error.message)
        }
    }

    /// A pure function whose arguments are all positional; nil where the usual way has to sort them, or to complain.
    private func compute(
        _ builtin: Builtin, _ compute: Builtin.Compute, _ call: Call,
        _ subject: (expression: Expression, value: Value)?, _ frame: Frame
    ) throws -> Value? {
        let parameters = builtin.parameters
        let offset = subject == nil ? 0 : 1
        let given = call.arguments.count + offset
        guard given <= parameters.count, call.arguments.allSatisfy({ $0.label == nil }),
            parameters.dropFirst(given).allSatisfy({ !$0.isRequired })
        else { return nil }
        let isInRow = frame.row != nil || frame.isInRow
        var values = [Value](repeating: .null, count: parameters.count)
        for index in 0..<given {
            let value =
                try index < offset ? subject?.value ?? .null : evaluate(call.arguments[index - offset].value, frame)
            if parameters[index].accepts.admitsValue(value) || value.isNull || value.rowError != nil {
                values[index] = value
                continue
            }
            // Data may be mixed: a function's wrong argument in a row is that row's error.
            guard isInRow else {
                let place = index < offset ? subject?.expression.span : call.arguments[index - offset].value.span
                try expect(parameters[index], value, Expression(.null, place ?? call.span), builtin)
                return nil
            }
            values[index] = .error(RowError(expectation(parameters[index], value, builtin).message))
        }
        return try self.compute(
            builtin, compute, values, given: given, call, isInRow: isInRow || frame.group != nil)
    }

    /// Calls a pure function; null and errors spread through it.
    /// - Parameter values: one for each parameter, of which so many were given.
    func compute(
        _ builtin: Builtin, _ compute: Builtin.Compute, _ values: [Value], given: Int, _ call: Call, isInRow: Bool
    ) throws -> Value {
        if !builtin.seesNull {
            for value in values.prefix(given) where value.isNull || value.rowError != nil { return value }
        }
        do {
            return try compute(values) {
                if context.host.isInterrupted {
                    throw diagnostic(.interrupted, call.nameSpan, "The cell was interrupted.")
                }
            }
        } catch let fault as Operators.Fault {
            if isInRow { return .error(RowError(fault.message)) }
            throw diagnostic(fault.code, call.span, fault.message)
        } catch let mistake as ArgumentMistake {
            let index = builtin.parameters.firstIndex { $0.name == mistake.parameter } ?? 0
            // The subject stands before the call: without it the arguments are one fewer than the values.
            let place = index - (given - call.arguments.count)
            let span = call.arguments.indices.contains(place) ? call.arguments[place].value.span : call.nameSpan
            throw diagnostic(mistake.code, span, mistake.message, hint: mistake.hint)
        } catch let error as RowError {
            if isInRow || builtin.givesErrorValues { return .error(error) }
            throw diagnostic(.wrongType, call.span, error.message)
        }
    }

    func expect(_ parameter: Parameter, _ value: Value, _ expression: Expression, _ builtin: Builtin) throws {
        if parameter.accepts.admitsValue(value) { return }
        // Functions meet null and errors in data; they spread.
        if builtin.group != .data, builtin.group != .steps, value.isNull || value.rowError != nil { return }
        if let names = value.record.flatMap(Value.splitNames), parameter.accepts.admitsType(.rows(nil)) {
            let part = names.contains("test") ? "test" : names.first ?? "test"
            throw diagnostic(
                .splitInsteadOfRows, expression.span, "Expected rows; this is \(value.kindName).",
                hint: "\(context.source.text(of: expression.span)).\(part)")
        }
        throw expectation(parameter, value, builtin).diagnostic(expression.span, context.source, hint: builtin.example)
    }

    /// What is wrong with an argument that a parameter does not take.
    func expectation(_ parameter: Parameter, _ value: Value, _ builtin: Builtin) -> Operators.Fault {
        let isOutOfRange = parameter.accepts.admitsKind(value)
        let found = isOutOfRange ? value.plainText : value.kindName
        return Operators.Fault(
            isOutOfRange ? .outOfRange : .wrongType,
            "Expected \(parameter.accepts.expectation) for `\(builtin.name)`, found \(found).")
    }

    private func missing(_ parameter: Parameter, _ call: Call, _ builtin: Builtin) -> Diagnostic {
        diagnostic(
            .missingArgument, call.nameSpan,
            "Expected \(parameter.accepts.expectation) (`\(parameter.name)`) for `\(call.name)`.",
            hint: builtin.example)
    }
}

extension Operators.Fault {
    fileprivate func diagnostic(_ span: Span, _ source: SourceText, hint: String) -> Diagnostic {
        Diagnostic(code, at: span, in: source, message, hint: hint)
    }
}
