/// A program: the statements of one cell, file or line.
public struct Program: Sendable, Hashable {
    public let source: SourceText
    public let statements: [Statement]
}

/// One statement.
public enum Statement: Sendable, Hashable {
    /// `let name = …` or `param name = …`.
    case binding(Binding)
    /// `fn name(…) = …`.
    case function(FunctionDefinition)
    /// A pipeline on its own; the last one of a cell is its output.
    case expression(Expression)
}

/// `let name = value`, or with `param` one that the command line may replace.
public struct Binding: Sendable, Hashable {
    public let name: String
    public let nameSpan: Span
    public let value: Expression
    public let isParameter: Bool
    public let span: Span
}

/// `fn name(a, n: 5) = body`.
public struct FunctionDefinition: Sendable, Hashable {
    public let name: String
    public let nameSpan: Span
    public let parameters: [FunctionParameter]
    public let body: Expression
    public let span: Span
}

/// A parameter of an `fn`, with its default where it has one.
public struct FunctionParameter: Sendable, Hashable {
    public let name: String
    public let span: Span
    public let defaultValue: Expression?
}
