internal import OrderedCollections
public import PipelineSyntax
public import Tables

/// Arguments against what their parameters take, and what was probably meant.
extension Checker {
    /// Notes a value that the parameter does not take.
    mutating func expect(_ parameter: Parameter, _ type: StaticType, _ expression: Expression, _ builtin: Builtin) {
        let label = parameter.place == .named ? "\(parameter.name): " : ""
        if let value = expression.literalValue {
            guard !parameter.accepts.admitsValue(value), !(value.isNull && builtin.isFunction) else { return }
            if let word = value.text, !parameter.accepts.words.isEmpty {
                return wrongWord(word, expression, parameter)
            }
            let kindIsRight = parameter.accepts.admitsKind(value)
            let isNumber = value.double != nil && parameter.accepts.admitsType(.number)
            let mended =
                Self.mended(value, parameter) ?? unquoted(value, parameter) ?? made(from: expression, parameter)
            let found = kindIsRight || isNumber ? source.text(of: expression.span) : Self.shortKind(value)
            report(
                kindIsRight ? .outOfRange : .wrongType, expression.span,
                "Expected \(parameter.accepts.expectation), found \(found).",
                hint: mended.map { "\(label)\($0)" } ?? builtin.example, replacement: mended)
            return
        }
        guard !parameter.accepts.admitsType(type) else { return }
        if let parts = type.splitNames, parameter.accepts.admitsType(.rows(nil)) {
            return splitInsteadOfRows(expression, type, parts, parameter, builtin)
        }
        report(
            .wrongType, expression.span, "Expected \(parameter.accepts.expectation), found \(type.kindName).",
            hint: otherForm(type, expression, parameter, builtin) ?? builtin.example)
        // That a model is a model needs no proof.
        if case .name(let name) = expression.kind, type.domainTag == nil { self.label(origin: name) }
    }

    /// A name in quotes where its value is taken: `grade "correct"`.
    private func unquoted(_ value: Value, _ parameter: Parameter) -> String? {
        guard let name = value.text, origins[name] != nil, !parameter.accepts.admitsType(.text) else { return nil }
        return name
    }

    /// One of some words, misspelt.
    private mutating func wrongWord(_ word: String, _ expression: Expression, _ parameter: Parameter) {
        let close = Suggestion.closest(to: word, among: parameter.accepts.words)
        let label = parameter.place == .named ? "\(parameter.name): " : ""
        report(
            .outOfRange, expression.span,
            "Expected \(parameter.accepts.expectation), found \(source.text(of: expression.span)).",
            hint: "\(label)\"\(close ?? parameter.accepts.words.first ?? "")\"", replacement: close.map { "\"\($0)\"" })
    }

    private mutating func splitInsteadOfRows(
        _ expression: Expression, _ type: StaticType, _ parts: [String], _ parameter: Parameter, _ builtin: Builtin
    ) {
        let part = parts.contains("test") && builtin.name != "finetune" ? "test" : parts.first ?? "test"
        let rest = parameter.isSubject ? " | \(builtin.name)" : ""
        let code = source.text(of: expression.span)
        var replacement: String?
        if case .name = expression.kind { replacement = "\(code).\(part)" }
        report(
            .splitInsteadOfRows, expression.span, "Expected rows; this is \(type.kindName).",
            hint: splitHint(expression, part) ?? "\(code).\(part)\(rest)", replacement: replacement)
        if case .name(let name) = expression.kind { label(origin: name) }
    }

    /// The statement again with the part put in: `questions.test | generate student`.
    private func splitHint(_ expression: Expression, _ part: String) -> String? {
        guard case .name = expression.kind else { return nil }
        let line = source.line(at: expression.span.start)
        let position = source.position(of: expression.span.start)
        let name = source.text(of: expression.span)
        let before = line.prefix(position.column - 1)
        let after = line.dropFirst(position.column - 1 + name.count)
        return "\(before)\(name).\(part)\(after)"
    }

    /// How a value of another kind becomes what the parameter takes.
    private func otherForm(
        _ type: StaticType, _ expression: Expression, _ parameter: Parameter, _ builtin: Builtin
    ) -> String? {
        let code = source.text(of: expression.span)
        guard code.utf8.count <= 60, !code.contains("\n") else { return nil }
        let label = parameter.place == .named ? "\(parameter.name): " : ""
        let accepts = parameter.accepts
        switch type {
        case .text where accepts.admitsType(.number): return "\(label)number(\(code))"
        case .number where accepts.admitsType(.text), .bool where accepts.admitsType(.text):
            return "\(label)text(\(code))"
        case .rows(let columns) where accepts.admitsType(.list(.any)) && !accepts.admitsType(.rows(nil)):
            return columns?.keys.first.map { "\(label)\(code).\(Self.columnText($0))" }
        case .domain where accepts.admitsType(.list(type)): return "\(label)[\(code)]"
        default: return nil
        }
    }

    /// The value that was meant, where a text is the name of it: `(model "student")`.
    private func made(from expression: Expression, _ parameter: Parameter) -> String? {
        guard let kind = parameter.accepts.expectation.split(separator: " ").last, let maker = builtins[String(kind)],
            expression.literalText != nil, maker.parameters.first?.accepts.admitsType(.text) == true,
            maker.parameters.first?.evaluation == .value
        else { return nil }
        return "(\(maker.name) \(source.text(of: expression.span)))"
    }

    /// A bare name where text is taken: `update: full`, `load data.csv`. Nil where the expression is none.
    mutating func checkWord(
        _ expression: Expression, _ parameter: Parameter, _ builtin: Builtin, _ scope: CheckScope
    ) -> StaticType? {
        guard let name = expression.leadingName, scope.names[name] == nil || expression.looksLikeFile else {
            return nil
        }
        let label = parameter.place == .named ? "\(parameter.name): " : ""
        if parameter.file != nil, parameter.accepts.admitsType(.text) {
            let end = source.utf8[expression.span.start...].firstIndex { byte in
                byte == 0x0A || byte == UInt8(ascii: "|") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ")")
            }
            let path = source.text(of: Span(expression.span.start..<(end ?? source.utf8.count))).trimmed
            report(
                .wrongType, expression.span, "Expected the file's name as text, in quotes.",
                hint: "\(builtin.name) \(label)\"\(path)\"")
            return .text
        }
        guard case .name = expression.kind, scope.names[name] == nil else { return nil }
        let words = parameter.accepts.words
        if !words.isEmpty {
            let close = words.contains(name) ? name : Suggestion.closest(to: name, among: words)
            report(
                .wrongType, expression.span,
                "Expected \(parameter.accepts.expectation); a word that may be chosen stands in quotes.",
                hint: "\(label)\"\(close ?? words.first ?? name)\"", replacement: close.map { "\"\($0)\"" })
            return .text
        }
        let accepts = parameter.accepts
        let near = Suggestion.closest(to: name, among: scope.names.filter { accepts.admitsType($0.value) }.keys)
        if near == nil, builtins[name] == nil, ForeignWords.values[name] == nil, accepts.admitsType(.text),
            !accepts.admitsType(.bool), scope.columns?[name] == nil
        {
            report(
                .unknownName, expression.span, "Expected text or a name from `let`; there is no `\(name)`.",
                hint: "\(label)\"\(name)\"", replacement: "\"\(name)\"")
            return .text
        }
        guard near == nil, let kind = accepts.expectation.split(separator: " ").last,
            let maker = builtins[String(kind)], maker.name != "list", ForeignWords.values[name] == nil,
            builtins[name] == nil
        else { return nil }
        report(
            .unknownName, expression.span, "Expected \(accepts.expectation) from `let`; there is no `\(name)`.",
            hint: maker.parameters.first?.accepts.admitsType(.text) == true
                && maker.parameters.first?.evaluation == .value
                ? "let \(name) = \(maker.name) \"…\"" : "let \(name) = \(maker.example)")
        return .any
    }

    static func shortKind(_ value: Value) -> String {
        switch value {
        case .number: "a number"
        default: value.kindName
        }
    }

    /// A literal that was meant, where that is plain: `"3"` for a number.
    private static func mended(_ value: Value, _ parameter: Parameter) -> String? {
        switch value {
        case .string(let text):
            if let whole = Int64(text), parameter.accepts.admitsValue(.number(.integer(whole))) { return text }
            if let number = Double(text), parameter.accepts.admitsValue(.double(number)) { return text }
            if let flag = Bool(text.lowercased()), parameter.accepts.admitsValue(.bool(flag)) { return "\(flag)" }
            return nil
        case .number(let number):
            let text = number.description
            if parameter.accepts.admitsValue(.string(text)) { return "\"\(text)\"" }
            if let whole = Int64(exactly: number.double), parameter.accepts.admitsValue(.number(.integer(whole))) {
                return "\(whole)"
            }
            return nil
        case .bool(let flag):
            return parameter.accepts.admitsValue(.string("\(flag)")) ? "\"\(flag)\"" : nil
        default: return nil
        }
    }
}

extension Expression {
    /// The value, where this is a plain literal.
    public var literalValue: Value? {
        switch kind {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .number(.integer(value))
        case .double(let value): .number(.double(value))
        case .text: literalText.map { .string($0) }
        case .negate(let inner):
            switch inner.literalValue {
            case .number(.integer(let value)): .number(.integer(-value))
            case .number(.double(let value)): .number(.double(-value))
            default: nil
            }
        default: nil
        }
    }

    /// Whether this looks like a file's name without quotes: `bank.csv`.
    var looksLikeFile: Bool {
        let endings: Set<String> = ["csv", "tsv", "json", "jsonl", "ndjson", "txt", "md", "gz"]
        switch kind {
        case .member(_, let ending, _): return endings.contains(ending)
        case .binary(.divide, _, let right), .binary(.subtract, _, let right): return right.looksLikeFile
        default: return false
        }
    }

    /// The name that a bare word or path such as `data.csv` or `data/file.csv` begins with.
    var leadingName: String? {
        switch kind {
        case .name(let name): name
        case .member(let inner, _, _): inner.leadingName
        case .binary(.divide, let left, _), .binary(.subtract, let left, _): left.leadingName
        default: nil
        }
    }
}

extension String {
    var trimmed: String {
        var text = Substring(self)
        while text.last?.isWhitespace == true { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return String(text)
    }
}
