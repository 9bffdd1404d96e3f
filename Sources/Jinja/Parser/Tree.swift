/// An expression and where it stands.
struct Node: Sendable {
    let kind: Expression
    /// Offset in the source, in code points.
    let offset: Int
    /// Expressions within each other, this one counted.
    let depth: Int
}

indirect enum Expression: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case double(Double)
    case text(TemplateText)
    case name(String)
    case list([Node], isTuple: Bool)
    case mapping([(key: Node, value: Node)])
    case attribute(Node, String)
    case item(Node, Node)
    case slice(Node, from: Node?, to: Node?, step: Node?)
    case call(Node, Arguments)
    case filter(Node, String, Arguments)
    case test(Node, String, Arguments)
    case negative(Node)
    case positive(Node)
    case not(Node)
    case and(Node, Node)
    case or(Node, Node)
    case arithmetic(Arithmetic, Node, Node)
    case joined([Node])
    case comparison(Node, [(relation: Relation, value: Node)])
    case conditional(Node, then: Node, otherwise: Node?)
    /// What a block's text is filtered from; it has no node of its own.
    case captured
}

enum Arithmetic: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case divideDown = "//"
    case remainder = "%"
    case power = "**"
}

enum Relation: String, Sendable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
}

/// What a call, a filter or a test is given.
struct Arguments: Sendable {
    var positional: [Node] = []
    var named: [(name: String, value: Node)] = []

    var nodes: [Node] { positional + named.map(\.value) }
}

/// Where a value is put.
indirect enum Target: Sendable {
    case name(String)
    case field(namespace: String, String, offset: Int)
    case tuple([Target], offset: Int)
}

struct Statement: Sendable {
    let kind: StatementKind
    let offset: Int
}

indirect enum StatementKind: Sendable {
    case data(TemplateText)
    case output(Node)
    case choice([(condition: Node, body: [Statement])], otherwise: [Statement])
    case loop(LoopNode)
    case set(Target, Node)
    /// `{% set x %}…{% endset %}`; the filters are applied to the text.
    case setText(Target, filters: Node, body: [Statement])
    case macro(MacroNode)
    /// `{% call m() %}…{% endcall %}`.
    case callBlock(Node, MacroNode)
    case filterBlock(Node, body: [Statement])
    case with([(target: Target, value: Node)], body: [Statement])
    case generation([Statement])
    case leaveLoop
    case nextTurn
}

struct LoopNode: Sendable {
    let target: Target
    let items: Node
    let condition: Node?
    let body: [Statement]
    let otherwise: [Statement]
}

struct MacroNode: Sendable {
    let name: String
    let parameters: [(name: String, fallback: Node?)]
    let body: [Statement]
}
