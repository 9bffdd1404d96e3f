/// A formula of named scores: what OpenAI's `multi` grader calls `calculate_output`.
///
/// Numbers, names, `+ - * / ^`, parentheses, and the functions min, max, abs, floor, ceil, exp, sqrt, log. As in
/// arithmetic, `^` binds tightest and to the right, so that `-2^2` is −4.
public struct Formula: Sendable, Hashable {
    /// The formula as it was written.
    public let text: String
    let root: Node

    indirect enum Node: Sendable, Hashable {
        case number(Double)
        case name(String)
        case negated(Node)
        case operation(Operator, Node, Node)
        case call(Function, [Node])
    }

    enum Operator: Character, Sendable { case add = "+", subtract = "-", multiply = "*", divide = "/", power = "^" }

    enum Function: String, Sendable, CaseIterable {
        case min, max, abs, floor, ceil, exp, sqrt, log

        var takesSeveral: Bool { self == .min || self == .max }
    }

    /// Reads a formula.
    /// - Parameter names: the graders' names, which it may use.
    /// - Throws: `FormulaError` that says where and what was expected.
    public init(_ text: String, names: [String]) throws(FormulaError) {
        self.text = text
        var parser = try FormulaParser(text, names: Set(names))
        root = try parser.whole()
    }

    /// The names that it reads.
    public var names: Set<String> { Self.names(root) }

    private static func names(_ node: Node) -> Set<String> {
        switch node {
        case .number: []
        case .name(let name): [name]
        case .negated(let inner): names(inner)
        case .operation(_, let left, let right): names(left).union(names(right))
        case .call(_, let arguments): arguments.reduce(into: []) { $0.formUnion(names($1)) }
        }
    }
}

/// A formula that cannot be read.
public struct FormulaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was expected, and found where that helps.
    public let expected: String
    /// How many characters stand before the trouble.
    public let offset: Int

    public var description: String { "Expected \(expected) (character \(offset + 1))." }
}
