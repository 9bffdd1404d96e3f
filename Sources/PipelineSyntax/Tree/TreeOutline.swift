extension Program {
    /// The tree in words, without places: equal for programs that mean the same, statement by statement.
    ///
    ///     let x = load "a" | take(5)  →  (let x (pipe (load "a") (take 5)))
    ///
    /// A stage's parentheses are not in it; those of other calls are, since they tell `f (a)` from `f(a)`.
    public var outline: String { statements.map(\.outline).joined(separator: "\n") }
}

extension Statement {
    fileprivate var outline: String {
        switch self {
        case .binding(let binding):
            "(\(binding.isParameter ? "param" : "let") \(binding.name) \(binding.value.outline))"
        case .function(let function):
            "(fn \(function.name) (\(function.parameters.map(\.outline).joined(separator: " "))) \(function.body.outline))"
        case .expression(let expression): expression.outline
        }
    }
}

extension FunctionParameter {
    fileprivate var outline: String { defaultValue.map { "\(name): \($0.outline)" } ?? name }
}

extension Expression {
    fileprivate var outline: String {
        switch kind {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)d"
        case .text(let parts): "(text \(parts.map(\.outline).joined(separator: " ")))"
        case .field(let name): ".\(name.debugDescription)"
        case .row: "."
        case .hole: "___"
        case .name(let name): name
        case .call(let call): call.hasParentheses ? "(call \(call.outline))" : "(\(call.outline))"
        case .pipeline(let head, let stages):
            "(pipe \(([head.outline] + stages.map { "(\($0.outline))" }).joined(separator: " ")))"
        case .list(let elements): "[\(elements.map(\.outline).joined(separator: " "))]"
        case .record(let entries):
            "{\(entries.map { "\($0.name.debugDescription) \($0.value.outline)" }.joined(separator: ", "))}"
        case .negate(let inner): "(- \(inner.outline))"
        case .not(let inner): "(not \(inner.outline))"
        case .binary(let sign, let left, let right): "(\(sign.rawValue) \(left.outline) \(right.outline))"
        case .membership(let left, let right, let isNegated):
            "(\(isNegated ? "not-in" : "in") \(left.outline) \(right.outline))"
        case .kindTest(let inner, let kind, let isNegated): "(\(isNegated ? "is-not" : "is") \(inner.outline) \(kind))"
        case .condition(let test, let yes, let no): "(if \(test.outline) \(yes.outline) \(no.outline))"
        case .member(let inner, let name, _): "(member \(inner.outline) \(name))"
        case .index(let inner, let index): "(index \(inner.outline) \(index.outline))"
        case .lastValue: "last"
        }
    }
}

extension Call {
    /// The name and arguments in words, without places and parentheses: equal for calls that mean the same.
    public var outline: String {
        ([name]
            + arguments.map { argument in
                argument.label.map { "\($0.name): \(argument.value.outline)" } ?? argument.value.outline
            }).joined(separator: " ")
    }
}

extension TextPart {
    fileprivate var outline: String {
        switch self {
        case .literal(let text, _): text.debugDescription
        case .interpolation(let inner): "${\(inner.outline)}"
        }
    }
}
