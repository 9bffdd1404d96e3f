public import PipelineSyntax

/// Which columns of its head a pipeline needs, as far as its text tells.
public struct ColumnDemand: Sendable {
    /// The names of the columns that suffice; nil where any may matter.
    public private(set) var names: Set<String>? = []
    /// Those that no stage makes itself, with the place where the first one is named: they must be there.
    public private(set) var required: [String: Span] = [:]
    private var made: Set<String> = []

    /// - Parameter builtin: the builtin that a stage calls; nil where the stage calls an `fn` or nothing known.
    init(of stages: [Call], _ builtin: (String) -> Builtin?) {
        for stage in stages {
            guard let verb = builtin(stage.name), verb.columnUse != .everything else { break }
            var isKnown = true
            for argument in stage.arguments {
                isKnown = read(argument.value, isOwn: !stage.mayHoldInnerRows) && isKnown
            }
            if !isKnown { break }
            // A name that is invented is asked for too: that it exists already is a mistake to be told.
            for argument in stage.arguments {
                guard let label = argument.label else { continue }
                names?.insert(label.name)
                made.insert(label.name)
            }
            if verb.columnUse == .closing { return }
        }
        names = nil
    }

    /// Notes the columns that an expression reads; false where it reads the whole row.
    private mutating func read(_ expression: Expression, isOwn: Bool) -> Bool {
        switch expression.kind {
        case .row: return false
        case .field(let name):
            names?.insert(name)
            if isOwn, !made.contains(name), required[name] == nil { required[name] = expression.span }
        default: break
        }
        // Dots of inner verbs mean other rows, whose columns need not be here.
        let isOwn = isOwn && expression.calls.isEmpty
        for child in expression.children where !read(child, isOwn: isOwn) { return false }
        return true
    }
}

extension Call {
    /// Whether dots in the arguments may belong to rows of their own: where pipelines stand in them.
    fileprivate var mayHoldInnerRows: Bool {
        var holds = false
        for argument in arguments {
            argument.value.forEach { if case .pipeline = $0.kind { holds = true } }
        }
        return holds
    }
}
