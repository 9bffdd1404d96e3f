internal import OrderedCollections
internal import PipelineSyntax
internal import Tables

/// Operators: what kinds they take and give.
extension Checker {
    mutating func check(
        _ sign: BinaryOperator, _ left: Expression, _ right: Expression, _ scope: CheckScope
    ) -> StaticType {
        let start = diagnostics.count
        let first = check(left, scope)
        if sign == .greater, right.looksLikeFile, let name = right.leadingName, scope.names[name] == nil {
            report(
                .wrongType, right.span, "Expected a number or text after `>`; files are written by the verb `save`.",
                hint: "| save \"out/\(source.text(of: right.span))\"")
            return .any
        }
        let second = check(right, scope)
        let isKnown = diagnostics.count == start
        switch sign {
        case .or, .and:
            if isKnown, !isSecondChoice(sign, left, right) {
                expectCondition(first, left)
                expectCondition(second, right)
            }
            return .bool
        case .equal, .notEqual:
            if isKnown { expectEqualKinds(sign, left, first, right, second, scope) }
            return .bool
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            if isKnown { expectOrder(sign, left, first, right, second) }
            return .bool
        case .coalesce: return StaticType.joined(first, second)
        case .range:
            expectNumber(first, left, "..")
            expectNumber(second, right, "..")
            return .list(.number)
        case .add: return checkSum(left, first, right, second)
        case .subtract, .multiply, .divide, .remainder:
            expectNumber(first, left, sign.rawValue)
            expectNumber(second, right, sign.rawValue)
            return .number
        }
    }

    /// `.x == "a" or "b"`: a second value for the same comparison.
    private mutating func isSecondChoice(_ sign: BinaryOperator, _ left: Expression, _ right: Expression) -> Bool {
        guard right.literalValue != nil, right.literalValue?.bool == nil,
            case .binary(let comparison, let value, let first) = left.kind,
            comparison == .equal || comparison == .notEqual
        else { return false }
        let negation = comparison == .notEqual ? "not " : ""
        let values = "[\(source.text(of: first.span)), \(source.text(of: right.span))]"
        let mended = "\(source.text(of: value.span)) \(negation)in \(values)"
        report(
            .wrongType, right.span,
            "Expected a condition after `\(sign.rawValue)`; a value alone is not compared with anything.", hint: mended)
        diagnostics[diagnostics.count - 1].replacement = .init(place(left.span.joined(with: right.span)), mended)
        return true
    }

    private mutating func checkSum(
        _ left: Expression, _ first: StaticType, _ right: Expression, _ second: StaticType
    ) -> StaticType {
        switch (first, second) {
        case (.text, .number), (.number, .text), (.text, .bool), (.bool, .text):
            report(
                .wrongType, left.span.joined(with: right.span), "Expected two numbers or two texts around `+`.",
                hint: interpolation([left, right]))
            return .text
        case (.text, _), (_, .text): return .text
        case (.list, _): return first
        default:
            expectNumber(first, left, "+")
            expectNumber(second, right, "+")
            return first == .any && second == .any ? .any : .number
        }
    }

    /// Parts that stood around `+` as one text: `"${.a} and ${.b}"`.
    private func interpolation(_ parts: [Expression]) -> String {
        func flat(_ part: Expression) -> [Expression] {
            if case .binary(.add, let left, let right) = part.kind { return flat(left) + flat(right) }
            return [part]
        }
        var text = ""
        for part in parts.flatMap(flat) {
            let code = source.text(of: part.span)
            if case .text = part.kind, code.hasPrefix("\""), !code.hasPrefix("\"\"\"") {
                text += code.dropFirst().dropLast()
            } else {
                text += "${\(code)}"
            }
        }
        return text.utf8.count <= 80 ? "\"\(text)\"" : "\"…${value}…\" puts a value into text"
    }

    // MARK: Comparisons

    private mutating func expectEqualKinds(
        _ sign: BinaryOperator, _ left: Expression, _ first: StaticType, _ right: Expression, _ second: StaticType,
        _ scope: CheckScope
    ) {
        guard let mismatch = Self.mismatch(first, second) else { return }
        // `bank | where bank.category == "x"`: the whole column where the row's value was meant.
        for (side, type) in [(left, first), (right, second)] {
            if case .list = type, scope.row != nil, let column = nameOfColumn(side, scope) {
                return columnMeant(side, column)
            }
        }
        let whole = left.span.joined(with: right.span)
        let mended = mendedComparison(sign, left, first, right, second)
        report(
            .wrongType, whole, "Expected two values of one kind; \(mismatch) are never equal.", hint: mended,
            replacement: mended)
    }

    private mutating func expectOrder(
        _ sign: BinaryOperator, _ left: Expression, _ first: StaticType, _ right: Expression, _ second: StaticType
    ) {
        let known: [StaticType] = [.any, .null]
        guard !known.contains(first), !known.contains(second) else { return }
        if first == second, first == .number || first == .text { return }
        let mended = mendedComparison(sign, left, first, right, second)
        report(
            .wrongType, left.span.joined(with: right.span),
            "Expected two numbers or two texts around `\(sign.rawValue)`, found \(first.kindName) and \(second.kindName).",
            hint: mended, replacement: mended)
    }

    /// The comparison with one side made to be of the other's kind.
    private func mendedComparison(
        _ sign: BinaryOperator, _ left: Expression, _ first: StaticType, _ right: Expression, _ second: StaticType
    ) -> String? {
        func code(_ expression: Expression) -> String { source.text(of: expression.span) }
        func put(_ left: String, _ right: String) -> String { "\(left) \(sign.rawValue) \(right)" }
        let isOrder = sign != .equal && sign != .notEqual
        switch (first, second) {
        case (.number, .text):
            if let text = right.literalText {
                if Double(text) != nil { return put(code(left), text) }
                return nil
            }
            return put(code(left), "number(\(code(right)))")
        case (.text, .number):
            if let text = left.literalText, Double(text) != nil { return put(text, code(right)) }
            if right.literalValue != nil, !isOrder { return put(code(left), "\"\(code(right))\"") }
            return put("number(\(code(left)))", code(right))
        case (.number, .bool):
            guard case .bool(let flag) = right.kind, !isOrder else { return nil }
            return put(code(left), flag ? "1" : "0")
        case (.text, .bool):
            guard case .bool(let flag) = right.kind, !isOrder else { return nil }
            return put(code(left), "\"\(flag)\"")
        case (.bool, .text), (.bool, .number):
            let isTrue = ["true", "True", "1", "yes"].contains(right.literalText ?? code(right))
            let isFalse = ["false", "False", "0", "no"].contains(right.literalText ?? code(right))
            guard isTrue || isFalse, !isOrder else { return nil }
            return put(code(left), "\(isTrue == true)")
        case (.list(let element), _) where !isOrder && Self.mismatch(element, second) == nil:
            return sign == .equal ? "\(code(right)) in \(code(left))" : "\(code(right)) not in \(code(left))"
        case (.list, .number): return put("len(\(code(left)))", code(right))
        case (_, .list(let element)) where !isOrder && Self.mismatch(element, first) == nil:
            return sign == .equal ? "\(code(left)) in \(code(right))" : "\(code(left)) not in \(code(right))"
        default: return nil
        }
    }

    /// Two kinds that are never equal, in words.
    static func mismatch(_ first: StaticType, _ second: StaticType) -> String? {
        func rank(_ type: StaticType) -> Int? {
            switch type {
            case .any, .null: nil
            case .number: 1
            case .text: 2
            case .bool: 3
            case .list: 4
            case .record: 5
            case .rows: 6
            case .domain, .function: 7
            }
        }
        guard let a = rank(first), let b = rank(second), a != b else { return nil }
        return "\(first.kindName) and \(second.kindName)"
    }

    mutating func check(membership left: Expression, _ right: Expression, _ scope: CheckScope) -> StaticType {
        let start = diagnostics.count
        let value = check(left, scope)
        let container = check(right, scope)
        guard diagnostics.count == start else { return .bool }
        switch container {
        case .list(let element):
            if let mismatch = Self.mismatch(value, element) {
                report(
                    .wrongType, left.span.joined(with: right.span),
                    "Expected the list to hold what stands before `in`; \(mismatch) are never equal.",
                    hint: value == .text && element == .number
                        ? "number(\(source.text(of: left.span))) in \(source.text(of: right.span))" : nil)
            }
        case .any, .record, .null: break
        case .text:
            // `.category in "refund"`: allowed, and means "is a part of".
            if value != .text, value != .any, value != .null {
                report(
                    .wrongType, left.span, "Expected text before `in` with text after it, found \(value.kindName).",
                    hint: "text(\(source.text(of: left.span)))")
            }
        default:
            let column: String? =
                if case .rows(let columns?) = container { columns.keys.first } else { nil }
            report(
                .wrongType, right.span, "Expected a list, a range or text after `in`, found \(container.kindName).",
                hint: column.map { "\(source.text(of: right.span)).\(Self.columnText($0))" } ?? "in [1, 2] or in 1..5")
        }
        return .bool
    }

    mutating func expectNumber(_ type: StaticType, _ expression: Expression, _ sign: String) {
        let code = source.text(of: expression.span)
        let hint: String?
        switch type {
        case .number, .any, .null: return
        case .text: hint = "number(\(code))"
        case .list: hint = sign == "*" || sign == "/" ? "\(code) | each . \(sign) …" : "len(\(code)), or sum(\(code))"
        case .rows: hint = "len(\(code))"
        case .bool: hint = "if \(code) then 1 else 0"
        default: hint = nil
        }
        report(
            .wrongType, expression.span, "Expected a number beside `\(sign)`, found \(type.kindName).", hint: hint)
    }
}

extension StaticType {
    var domainTag: String? { if case .domain(let domain) = self { domain.tag } else { nil } }
}
