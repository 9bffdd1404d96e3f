internal import OrderedCollections
internal import PipelineSyntax

extension Checker {
    /// The type of an expression; mistakes inside are noted.
    mutating func check(_ expression: Expression, _ scope: CheckScope) -> StaticType {
        switch expression.kind {
        case .null: return .null
        case .bool: return .bool
        case .integer, .double: return .number
        case .text(let parts):
            check(parts, expression.span, scope)
            return .text
        case .field(let name): return check(field: name, expression.span, scope)
        case .row:
            guard let row = scope.row else {
                dotOutsideRow(".", expression.span, scope)
                return .any
            }
            return row
        case .hole:
            report(.hole, expression.span, holeMessage(scope), hint: "replace ___")
            return .any
        case .lastValue: return .any
        case .name(let name): return check(name: name, expression.span, scope)
        case .call(let call): return check(call, subject: nil, subjectType: nil, scope)
        case .pipeline(let head, let stages):
            var subject = head
            var type = check(head, scope)
            for stage in stages {
                type = check(stage, subject: subject, subjectType: type, scope)
                subject = Expression(.pipeline(head, []), head.span.joined(with: stage.span))
            }
            return type
        case .list(let elements):
            let types = elements.map { check($0, scope) }
            guard let first = types.first, types.allSatisfy({ $0 == first }) else {
                // Models differ in what is known of them, but a list of models is one.
                if let tag = types.first?.domainTag, types.allSatisfy({ $0.domainTag == tag }), let first = types.first
                {
                    return .list(first)
                }
                return .list(.any)
            }
            return .list(first)
        case .record(let entries):
            var fields: Columns = [:]
            for entry in entries { fields[entry.name] = check(entry.value, scope) }
            return .record(fields)
        case .negate(let inner):
            expectNumber(check(inner, scope), inner, "-")
            return .number
        case .not(let inner):
            expectCondition(check(inner, scope), inner)
            return .bool
        case .binary(let sign, let left, let right): return check(sign, left, right, scope)
        case .membership(let left, let right, _):
            _ = check(left, scope)
            let type = check(right, scope)
            switch type {
            case .list, .any, .record, .text, .null: break
            default:
                report(
                    .wrongType, right.span, "Expected a list, a range or text after `in`, found \(type.kindName).",
                    hint: "in [1, 2] or in 1..5")
            }
            return .bool
        case .kindTest(let inner, let kind, _):
            _ = check(inner, scope)
            if !KindTest.names.contains(kind) {
                report(
                    .unexpectedToken, expression.span,
                    "Expected one of \(KindTest.names.sorted().joined(separator: ", ")) after `is`, found `\(kind)`.",
                    hint: "compare values with `==`")
            }
            return .bool
        case .condition(let test, let yes, let no):
            expectCondition(check(test, scope), test)
            let first = check(yes, scope)
            let second = check(no, scope)
            return first == second ? first : .any
        case .member(let inner, let name, let span): return check(member: name, span, of: inner, scope)
        case .index(let inner, let index):
            let type = check(inner, scope)
            _ = check(index, scope)
            switch type {
            case .list(let element): return element
            case .rows(let columns): return .record(columns)
            default: return .any
            }
        }
    }

    private mutating func check(_ parts: [TextPart], _ span: Span, _ scope: CheckScope) {
        for part in parts {
            switch part {
            case .interpolation(let inner): _ = check(inner, scope)
            case .literal(let text, let place):
                let isRaw = source.utf8[place.start] == UInt8(ascii: "'")
                guard !scope.allowsTemplates, !isRaw, text.contains("{{"), text.contains("}}") else { continue }
                report(
                    .templateOutsideGrader, templateSpan(in: place) ?? span,
                    "Expected text or ${…}; only graders fill {{…}}.",
                    hint: templateAsInterpolation(source.text(of: span)))
            }
        }
    }

    /// Where the first `{{…}}` of a piece of text stands.
    private func templateSpan(in place: Span) -> Span? {
        let bytes = source.utf8
        let end = min(place.end, bytes.count)
        guard
            let start = (place.start..<max(place.start, end - 1)).first(where: {
                bytes[$0] == 0x7B && bytes[$0 + 1] == 0x7B
            }),
            let close = (start..<max(start, end - 1)).first(where: { bytes[$0] == 0x7D && bytes[$0 + 1] == 0x7D })
        else { return nil }
        return Span(start..<(close + 2))
    }

    private func templateAsInterpolation(_ code: String) -> String {
        code.replacing("{{sample.output_text}}", with: "${.output}").replacing("{{item.", with: "${.")
            .replacing("{{sample.", with: "${.sample.").replacing("{{", with: "${.").replacing("}}", with: "}")
    }

    // MARK: Names and columns

    private mutating func check(name: String, _ span: Span, _ scope: CheckScope) -> StaticType {
        if let type = scope.names[name] { return type }
        if scope.columns?[name] != nil {
            report(.columnWithoutDot, span, "Expected a name from `let`; `\(name)` is a column.", hint: ".\(name)")
        } else if let builtin = builtins[name] {
            let what = builtin.group == .steps || builtin.group == .data ? "verb" : "function"
            report(
                .unknownName, span, "Expected a value; `\(name)` is a \(what) and needs its arguments.",
                hint: builtin.example)
        } else {
            let foreign = [
                "True": "true", "False": "false", "None": "null", "NULL": "null", "none": "null", "nil": "null",
            ][name]
            let near = foreign ?? Suggestion.closest(to: name, among: scope.names.keys)
            let column = scope.columns.flatMap { Suggestion.closest(to: name, among: $0.keys) }
            report(
                .unknownName, span, "Expected a name from `let`; there is no `\(name)`.",
                hint: near.map { "did you mean `\($0)`?" } ?? column.map { "did you mean the column `.\($0)`?" }
                    ?? "let \(name) = …")
        }
        return .any
    }

    private mutating func check(field name: String, _ span: Span, _ scope: CheckScope) -> StaticType {
        if scope.row == nil {
            dotOutsideRow(".\(name)", span, scope)
            return .any
        }
        guard let columns = scope.columns else { return .any }
        if let type = columns[name] { return type }
        unknownColumn(name, span, columns, scope.rowName)
        return .any
    }

    mutating func unknownColumn(_ name: String, _ span: Span, _ columns: Columns, _ rowName: String) {
        let known = columns.keys.sorted().map(Self.columnText).joined(separator: ", ")
        report(
            .unknownColumn, span, "Expected a column of \(rowName): \(known.isEmpty ? "there are none" : known).",
            hint: Suggestion.closest(to: name, among: columns.keys).map { "did you mean `.\(Self.columnText($0))`?" })
    }

    /// A column's name as it stands after the dot.
    public static func columnText(_ name: String) -> String {
        let isPlain = name.unicodeScalars.allSatisfy {
            $0 == "_" || $0.properties.isAlphabetic || ("0"..."9").contains($0)
        }
        return isPlain && !name.isEmpty ? name : "\"\(name)\""
    }

    private mutating func dotOutsideRow(_ text: String, _ span: Span, _ scope: CheckScope) {
        if scope.group != nil {
            report(
                .dotOutsideRow, span,
                "Expected an aggregate over the group's rows; `\(text)` alone has many values there.",
                hint: "mean(\(text))")
        } else {
            report(
                .dotOutsideRow, span, "Expected a verb that works on rows around `\(text)`.",
                hint: text == "." ? "rows | each ." : "rows | derive new: \(text)")
        }
    }

    private mutating func check(member name: String, _ span: Span, of inner: Expression, _ scope: CheckScope)
        -> StaticType
    {
        let type = check(inner, scope)
        let members: Columns?
        switch type {
        case .record(let fields): members = fields
        case .rows(let columns): members = columns?.mapValues { .list($0) }
        case .domain(let domain): members = domain.members
        default: members = nil
        }
        guard let members else { return .any }
        if let found = members[name] { return found }
        if case .rows(let columns?) = type {
            unknownColumn(name, span, columns, "`\(source.text(of: inner.span))`")
        } else {
            let known = members.keys.sorted().joined(separator: ", ")
            report(
                .unknownMember, span,
                "Expected a member of \(type.kindName): \(known.isEmpty ? "it has none" : known).",
                hint: Suggestion.closest(to: name, among: members.keys).map { "did you mean `.\($0)`?" })
        }
        return .any
    }

    private func holeMessage(_ scope: CheckScope) -> String {
        let list = columnList(scope)
        return list.isEmpty
            ? "This is a hole; put an expression in its place."
            : "This is a hole; an expression on rows fits; columns: \(list)."
    }

    /// The columns that the dot can name, with what they hold: ".intent text, .correct a number".
    func columnList(_ scope: CheckScope) -> String {
        (scope.columns ?? [:]).map { ".\(Self.columnText($0.key)) \($0.value.kindName)" }.joined(separator: ", ")
    }

    // MARK: Operators

    private mutating func check(
        _ sign: BinaryOperator, _ left: Expression, _ right: Expression, _ scope: CheckScope
    ) -> StaticType {
        let first = check(left, scope)
        let second = check(right, scope)
        switch sign {
        case .or, .and:
            expectCondition(first, left)
            expectCondition(second, right)
            return .bool
        case .equal, .notEqual:
            if let mismatch = mismatch(first, second) {
                report(
                    .wrongType, left.span.joined(with: right.span),
                    "Expected two values of one kind; \(mismatch) are never equal.",
                    hint: "convert one side: number(\"5\"), text(5)")
            }
            return .bool
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return .bool
        case .coalesce: return first == second ? first : .any
        case .range:
            expectNumber(first, left, "..")
            expectNumber(second, right, "..")
            return .list(.number)
        case .add:
            if first == .text || second == .text {
                if first == .number || second == .number {
                    report(
                        .wrongType, left.span.joined(with: right.span), "Expected two numbers or two texts around `+`.",
                        hint: "\"…${value}…\" puts a value into text")
                }
                return .text
            }
            if case .list = first { return first }
            expectNumber(first, left, "+")
            expectNumber(second, right, "+")
            return .number
        case .subtract, .multiply, .divide, .remainder:
            expectNumber(first, left, sign.rawValue)
            expectNumber(second, right, sign.rawValue)
            return .number
        }
    }

    private func mismatch(_ first: StaticType, _ second: StaticType) -> String? {
        let plain: [StaticType] = [.number, .text, .bool]
        guard plain.contains(first), plain.contains(second), first != second else { return nil }
        return "\(first.kindName) and \(second.kindName)"
    }

    private mutating func expectNumber(_ type: StaticType, _ expression: Expression, _ sign: String) {
        switch type {
        case .number, .any, .null: break
        default:
            report(.wrongType, expression.span, "Expected a number beside `\(sign)`, found \(type.kindName).")
        }
    }

    private mutating func expectCondition(_ type: StaticType, _ expression: Expression) {
        switch type {
        case .bool, .any, .null: break
        default:
            report(
                .wrongType, expression.span, "Expected a condition, found \(type.kindName).",
                hint: "compare it: \(source.text(of: expression.span)) == …")
        }
    }
}

extension StaticType {
    var domainTag: String? { if case .domain(let domain) = self { domain.tag } else { nil } }
}
