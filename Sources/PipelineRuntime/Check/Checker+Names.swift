internal import OrderedCollections
internal import PipelineSyntax

/// Names, columns and members.
extension Checker {
    mutating func check(name: String, _ span: Span, _ scope: CheckScope) -> StaticType {
        if let type = scope.names[name] { return type }
        if scope.columns?[name] != nil {
            columnMeant(Expression(.name(name), span), name)
        } else if let builtin = builtins[name] {
            let what = builtin.group == .steps || builtin.group == .data ? "verb" : "function"
            report(
                .unknownName, span, "Expected a value; `\(name)` is a \(what) and needs its arguments.",
                hint: onElement(builtin, scope) ?? builtin.example)
        } else {
            unknown(name: name, span, scope)
        }
        return .any
    }

    /// A function's name alone where an element is at hand: `each trim`.
    private func onElement(_ builtin: Builtin, _ scope: CheckScope) -> String? {
        guard builtin.isFunction, let row = scope.row, let parameter = builtin.parameters.first else { return nil }
        if let column = scope.columns?.first(where: { parameter.accepts.admitsType($0.value) })?.key {
            return "\(builtin.name)(.\(Self.columnText(column)))"
        }
        return parameter.accepts.admitsType(row) ? "\(builtin.name)(.)" : nil
    }

    private mutating func unknown(name: String, _ span: Span, _ scope: CheckScope) {
        let near = ForeignWords.values[name] ?? Suggestion.closest(to: name, among: scope.names.keys)
        let column = scope.columns.flatMap { Suggestion.closest(to: name, among: $0.keys) }
        let hint: String
        if let near {
            hint = "did you mean `\(near)`?"
        } else if let column {
            hint = "did you mean the column `.\(Self.columnText(column))`?"
        } else if scope.row != nil {
            hint = "a column is written .\(name), text \"\(name)\""
        } else {
            hint = "let \(name) = …"
        }
        report(
            .unknownName, span, "Expected a name from `let`; there is no `\(name)`.", hint: hint,
            replacement: near ?? column.map { ".\(Self.columnText($0))" })
    }

    mutating func check(field name: String, _ span: Span, _ scope: CheckScope) -> StaticType {
        if scope.row == nil {
            dotOutsideRow(".\(name)", span, scope)
            return .any
        }
        guard let columns = scope.columns else {
            elementHasNoFields(name, span, scope)
            return .any
        }
        if let type = columns[name] { return type }
        unknownColumn(name, span, columns, scope.rowName)
        if let loss = scope.lost[name] {
            label(place(loss.span), "After this `\(loss.verb)` there is no `.\(name)`.")
        } else {
            label(origin: scope.rowVariable)
        }
        return .any
    }

    /// A dot with a name on elements that are numbers or texts.
    private mutating func elementHasNoFields(_ name: String, _ span: Span, _ scope: CheckScope) {
        guard let row = scope.row else { return }
        switch row {
        case .number, .text, .bool, .list:
            report(
                .unknownColumn, span, "Expected `.`, the element itself; each one is \(row.kindName) without columns.",
                hint: ".")
        default: break
        }
    }

    mutating func unknownColumn(_ name: String, _ span: Span, _ columns: Columns, _ rowName: String) {
        let known = columns.keys.sorted().map(Self.columnText).joined(separator: ", ")
        let close = Suggestion.closest(to: name, among: columns.keys).map { ".\(Self.columnText($0))" }
        report(
            .unknownColumn, span, "Expected a column of \(rowName): \(known.isEmpty ? "there are none" : known).",
            hint: (close ?? Self.path(to: name, in: columns)).map { "did you mean `\($0)`?" }
                ?? Self.separator(columns),
            replacement: source.text(of: span).hasPrefix(".") ? close ?? Self.path(to: name, in: columns) : nil)
    }

    /// A file's only column with another separator in its name was never divided.
    private static func separator(_ columns: Columns) -> String? {
        guard columns.count == 1, let name = columns.keys.first,
            let sign = [";", "\t", "|"].first(where: { name.contains($0 as String) })
        else { return nil }
        return "the file separates its columns by `\(sign == "\t" ? "tab" : sign)`; CSV has `,`, TSV a tab"
    }

    /// Where a field of a nested record is: `.question.stem` for `.stem`.
    private static func path(to name: String, in columns: Columns) -> String? {
        for (column, type) in columns {
            if case .record(let fields?) = type, fields[name] != nil {
                return ".\(columnText(column)).\(columnText(name))"
            }
        }
        return nil
    }

    /// A column's name as it stands after the dot.
    public static func columnText(_ name: String) -> String {
        let isPlain = name.unicodeScalars.allSatisfy {
            $0 == "_" || $0.properties.isAlphabetic || ("0"..."9").contains($0)
        }
        let first = name.unicodeScalars.first
        return isPlain && first.map { !("0"..."9").contains($0) } == true ? name : "\"\(name)\""
    }

    mutating func dotOutsideRow(_ text: String, _ span: Span, _ scope: CheckScope) {
        if scope.group != nil {
            report(
                .dotOutsideRow, span,
                "Expected an aggregate over the group's rows; `\(text)` alone has many values there.",
                hint: "mean(\(text))")
        } else if scope.allowsTemplates {
            let name = text.dropFirst()
            let mended = name == "output" ? "{{sample.output_text}}" : "{{item.\(name.isEmpty ? "column" : name)}}"
            report(
                .dotOutsideRow, span, "Expected {{…}}, which graders fill for each row; `\(text)` has no row here.",
                hint: mended)
        } else {
            report(
                .dotOutsideRow, span, "Expected a verb that works on rows around `\(text)`.",
                hint: text == "." ? "rows | each ." : "rows | derive new: \(text)")
        }
    }

    // MARK: Columns written in another way

    /// The column that a text in quotes names; people of SQL and pandas write them so.
    func quotedColumn(_ expression: Expression, _ scope: CheckScope) -> String? {
        guard let text = expression.literalText, let columns = scope.columns, columns[text] != nil else { return nil }
        return text
    }

    /// The column that a bare name or a text in quotes names.
    func nameOfColumn(_ expression: Expression, _ scope: CheckScope) -> String? {
        if let quoted = quotedColumn(expression, scope) { return quoted }
        if case .name(let name) = expression.kind, scope.columns?[name] != nil { return name }
        // `bank.category` where the rows are `bank`.
        if case .member(let inner, let name, _) = expression.kind, case .name(let rows) = inner.kind,
            rows == scope.rowVariable, scope.columns?[name] != nil
        {
            return name
        }
        return nil
    }

    /// A column without its dot, or in quotes.
    mutating func columnMeant(_ expression: Expression, _ column: String) {
        let code = ".\(Self.columnText(column))"
        let message: String
        switch expression.kind {
        case .name: message = "Expected a name from `let`; `\(column)` is a column."
        case .member: message = "Expected a column of the row at hand; this is the whole column, all its values."
        default: message = "Expected a column; \(source.text(of: expression.span)) in quotes is only text."
        }
        report(.columnWithoutDot, expression.span, message, hint: code, replacement: code)
    }

    /// Something else stands where a verb takes columns only.
    mutating func columnExpected(
        _ expression: Expression, _ parameter: Parameter, _ builtin: Builtin, _ scope: CheckScope
    ) {
        if let column = nameOfColumn(expression, scope) { return columnMeant(expression, column) }
        if expression.isCondition {
            report(
                .wrongType, expression.span,
                "Expected a column such as `.name`; conditions belong to the verb `where`.",
                hint: "| where \(source.text(of: expression.span))")
            return
        }
        if case .negate(let inner) = expression.kind, let column = nameOfColumn(inner, scope) ?? inner.fieldName {
            report(
                .wrongType, expression.span, "Expected a column to keep; the verb `drop` leaves columns out.",
                hint: "| drop .\(Self.columnText(column))")
            return
        }
        if case .list(let elements) = expression.kind, !elements.isEmpty,
            parameter.evaluation == .column || parameter.evaluation == .measure
        {
            let names = elements.map { element in
                nameOfColumn(element, scope).map { ".\(Self.columnText($0))" } ?? source.text(of: element.span)
            }
            let mended = names.joined(separator: ", ")
            report(
                .wrongType, expression.span, "Expected columns one after another, without brackets.",
                hint: parameter.place == .rest ? "\(builtin.name) \(mended)" : builtin.example,
                replacement: parameter.place == .rest ? mended : nil)
            return
        }
        var wanted: String?
        switch expression.kind {
        case .name(let name): wanted = name
        case .text: wanted = expression.literalText
        default: break
        }
        if let wanted, let columns = scope.columns {
            return unknownColumn(wanted, expression.span, columns, scope.rowName)
        }
        report(
            .wrongType, expression.span, "Expected a column such as `.name` for `\(parameter.name)`.",
            hint: builtin.example)
    }

    // MARK: Members

    mutating func check(member name: String, _ span: Span, of inner: Expression, _ scope: CheckScope) -> StaticType {
        let start = diagnostics.count
        let type = check(inner, scope)
        guard diagnostics.count == start else { return .any }
        let members: Columns?
        switch type {
        case .record(let fields): members = fields
        case .rows(let columns): members = columns?.mapValues { .list($0) }
        case .domain(let domain): members = domain.members
        case .text, .number, .bool, .list, .function:
            notAMember(name, span, of: inner, type)
            return .any
        case .any, .null: members = nil
        }
        guard let members else { return .any }
        if let found = members[name] { return found }
        unknownMember(name, span, of: inner, type, members)
        return .any
    }

    mutating func unknownMember(
        _ name: String, _ span: Span, of inner: Expression, _ type: StaticType, _ members: Columns
    ) {
        if case .rows(let columns?) = type {
            unknownColumn(name, span, columns, "`\(source.text(of: inner.span))`")
            if diagnostics.last?.hint == nil, case .synonym(let verb)? = ForeignWords.verbs[name.lowercased()],
                builtins[verb] != nil, let last = diagnostics.indices.last
            {
                diagnostics[last].hint =
                    "verbs stand after `|`, functions before their value: \(verb)(\(source.text(of: inner.span)))"
            }
        } else {
            let known = members.keys.sorted().map(Self.columnText).joined(separator: ", ")
            let close = Suggestion.closest(to: name, among: members.keys).map { ".\(Self.columnText($0))" }
            let code = source.text(of: inner.span)
            let whole =
                if type.splitNames != nil {
                    "a part of `\(code)`"
                } else if type.domainTag == nil, code.utf8.count <= 40 {
                    "a field of `\(code)`"
                } else {
                    "a member of \(type.kindName)"
                }
            report(
                .unknownMember, span, "Expected \(whole): \(known.isEmpty ? "it has none" : known).",
                hint: close.map { "did you mean `\($0)`?" },
                replacement: source.text(of: span).hasPrefix(".") ? close : nil)
        }
        if case .name(let rows) = inner.kind, type.domainTag == nil { label(origin: rows) }
    }

    private mutating func notAMember(_ name: String, _ span: Span, of inner: Expression, _ type: StaticType) {
        let code = source.text(of: inner.span)
        let hint: String
        if case .list(.record(let fields)) = type, fields?[name] != nil {
            hint = "\(code) | each .\(Self.columnText(name))"
        } else if builtins[name] != nil || ForeignWords.verbs[name.lowercased()] != nil {
            var verb = name
            if case .synonym(let synonym)? = ForeignWords.verbs[name.lowercased()] { verb = synonym }
            hint = "functions stand before their value: \(verb)(\(code))"
        } else if case .list(let element) = type, case .record = element {
            hint = "\(code) | each .\(Self.columnText(name))"
        } else if type == .text {
            hint = "json(\(code)).\(name) reads a field of JSON text"
        } else {
            hint = "only records, rows and models have members"
        }
        report(
            .unknownMember, span, "Expected a record or rows before `.\(name)`; `\(code)` is \(type.kindName).",
            hint: hint)
    }

    // MARK: Holes

    func holeMessage(_ scope: CheckScope) -> String {
        let list = columnList(scope)
        return list.isEmpty
            ? "This is a hole; put an expression in its place."
            : "This is a hole; an expression on rows fits; columns: \(list)."
    }

    /// The columns that the dot can name, with what they hold: ".intent text, .correct a number".
    func columnList(_ scope: CheckScope) -> String {
        (scope.columns ?? [:]).map { ".\(Self.columnText($0.key)) \($0.value.kindName)" }.joined(separator: ", ")
    }
}

extension Expression {
    /// The column, where this is nothing but `.column`.
    fileprivate var fieldName: String? { if case .field(let name) = kind { name } else { nil } }
}
