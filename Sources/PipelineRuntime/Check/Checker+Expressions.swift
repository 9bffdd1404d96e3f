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
        case .pipeline(let head, let stages): return check(head, stages, scope)
        case .list(let elements):
            let types = elements.map { check($0, scope) }
            return .list(types.isEmpty ? .any : types.dropFirst().reduce(types[0], StaticType.joined))
        case .record(let entries):
            var fields: Columns = [:]
            for entry in entries { fields[entry.name] = check(entry.value, scope) }
            return .record(fields)
        case .negate(let inner):
            expectNumber(check(inner, scope), inner, "-")
            return .number
        case .not(let inner):
            let start = diagnostics.count
            let type = check(inner, scope)
            if diagnostics.count == start { expectCondition(type, inner, isNegated: true) }
            return .bool
        case .binary(let sign, let left, let right): return check(sign, left, right, scope)
        case .membership(let left, let right, _): return check(membership: left, right, scope)
        case .kindTest(let inner, let kind, _): return check(kindTest: inner, kind, expression, scope)
        case .condition(let test, let yes, let no):
            let start = diagnostics.count
            let type = check(test, scope)
            if diagnostics.count == start { expectCondition(type, test) }
            if diagnostics.count == start { warnOfConstant(test, scope) }
            return StaticType.joined(check(yes, scope), check(no, scope))
        case .member(let inner, let name, let span): return check(member: name, span, of: inner, scope)
        case .index(let inner, let index): return check(index: index, of: inner, scope)
        }
    }

    /// The stages in order; what each takes away of the columns is remembered for the messages of those after it.
    private mutating func check(_ head: Expression, _ stages: [Call], _ scope: CheckScope) -> StaticType {
        var scope = scope
        scope.lost = [:]
        var subject = head
        var type = check(head, scope)
        for stage in stages {
            let before = type.columns
            type = check(stage, subject: subject, subjectType: type, scope)
            if let before, let after = type.columns {
                for name in before.keys where after[name] == nil {
                    scope.lost[name] = CheckScope.Loss(verb: stage.name, span: stage.nameSpan)
                }
                for name in after.keys { scope.lost[name] = nil }
            }
            subject = Expression(.pipeline(head, []), head.span.joined(with: stage.span))
        }
        return type
    }

    private mutating func check(_ parts: [TextPart], _ span: Span, _ scope: CheckScope) {
        for part in parts {
            switch part {
            case .interpolation(let inner): _ = check(inner, scope)
            case .literal(let text, let place):
                let isRaw = place.start < source.utf8.count && source.utf8[place.start] == UInt8(ascii: "'")
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

    private mutating func check(
        kindTest inner: Expression, _ kind: String, _ whole: Expression, _ scope: CheckScope
    ) -> StaticType {
        _ = check(inner, scope)
        guard !KindTest.names.contains(kind) else { return .bool }
        let synonyms = [
            "string": "text", "str": "text", "int": "number", "integer": "number", "float": "number",
            "boolean": "bool", "array": "list", "dict": "record", "object": "record", "None": "null", "NULL": "null",
            "missing": "null", "empty": "null",
        ]
        let meant = synonyms[kind] ?? Suggestion.closest(to: kind, among: KindTest.names)
        let place = Span(max(whole.span.start, whole.span.end - kind.utf8.count)..<whole.span.end)
        report(
            .unexpectedToken, place,
            "Expected one of \(KindTest.names.sorted().joined(separator: ", ")) after `is`, found `\(kind)`.",
            hint: meant.map { "is \($0)" } ?? "compare values with `==`", replacement: meant)
        return .bool
    }

    private mutating func check(index: Expression, of inner: Expression, _ scope: CheckScope) -> StaticType {
        let type = check(inner, scope)
        let start = diagnostics.count
        if case .rows = type, index.isCondition {
            report(
                .wrongType, index.span, "Expected a row's number in […]; rows are chosen by the verb `where`.",
                hint: "\(source.text(of: inner.span)) | where \(rowCondition(index, of: inner))")
            return type
        }
        let key = check(index, scope)
        guard diagnostics.count == start else { return .any }
        switch (type, key) {
        case (.rows(let columns), .text), (.record(let columns), .text):
            guard let name = index.literalText, let columns else { return .any }
            guard let found = columns[name] else {
                unknownMember(name, index.span, of: inner, type, columns)
                return .any
            }
            return type.columns == nil ? found : .list(found)
        case (.rows(let columns), .number): return .record(columns)
        case (.rows, .bool), (.rows, .list):
            report(
                .wrongType, index.span, "Expected a row's number in […], found \(key.kindName).",
                hint: "\(source.text(of: inner.span)) | where …, or | select …")
            return .any
        case (.list(let element), .number), (.list(let element), .any): return element
        case (.list, _):
            report(
                .wrongType, index.span, "Expected a number in […] after a list, found \(key.kindName).",
                hint: "numbers count from 0; the last is [-1]")
            return .any
        default: return .any
        }
    }

    /// `bank.category == "x"` as `where` has it: `.category == "x"`.
    private func rowCondition(_ condition: Expression, of rows: Expression) -> String {
        let name = source.text(of: rows.span)
        return source.text(of: condition.span).replacing("\(name).", with: ".").replacing(/(\w+)\["(\w+)"\]/) { match in
            match.1 == name ? ".\(match.2)" : String(match.0)
        }
    }

    // MARK: Conditions

    /// Notes a value that is no condition.
    mutating func expectCondition(_ type: StaticType, _ expression: Expression, isNegated: Bool = false) {
        let code = source.text(of: expression.span)
        let hint: String
        switch type {
        case .bool, .any, .null: return
        case .number: hint = isNegated ? "\(code) != 1" : "\(code) == 1"
        case .text where isNegated: hint = "\(code) is null, or \(code) == \"\""
        case .text: hint = "\(code) == \"…\""
        case .list: hint = "len(\(code)) > 0"
        default: hint = "compare it: \(code) == …"
        }
        report(.wrongType, expression.span, "Expected a condition, found \(type.kindName).", hint: hint)
    }

    /// Warns of a condition that reads nothing, and so is the same for every row.
    mutating func warnOfConstant(_ condition: Expression, _ scope: CheckScope) {
        var isConstant = true
        condition.forEach { part in
            switch part.kind {
            case .field, .row, .name, .call, .pipeline, .hole, .lastValue: isConstant = false
            default: break
            }
        }
        if case .binary(let sign, let left, let right) = condition.kind, [.equal, .notEqual].contains(sign),
            source.text(of: left.span) == source.text(of: right.span), left.span != right.span
        {
            isConstant = true
        }
        guard isConstant else { return }
        var hint: String?
        if case .binary(let sign, let left, let right) = condition.kind,
            let name = [left, right].compactMap({ quotedColumn($0, scope) }).first
        {
            let other = quotedColumn(left, scope) != nil ? right : left
            hint = ".\(Self.columnText(name)) \(sign.rawValue) \(source.text(of: other.span))"
        }
        warn(
            .constantCondition, condition.span,
            scope.row == nil
                ? "Expected a condition that can be true or false; this one is always the same."
                : "Expected a condition on the rows; this one is the same for every row.",
            hint: hint ?? (scope.columns?.keys.first).map { ".\(Self.columnText($0)) == …" }, replacement: hint)
    }
}

extension Expression {
    /// Whether this compares or tests something.
    var isCondition: Bool {
        switch kind {
        case .not, .membership, .kindTest: true
        case .binary(let sign, _, _):
            [.or, .and, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual].contains(sign)
        default: false
        }
    }
}
