internal import PipelineSyntax

/// Which columns of its head a pipeline needs, as far as its text tells.
enum ColumnDemand {
    /// The names of the columns that suffice; nil where any column may matter.
    /// - Parameter builtin: the builtin that a stage calls; nil where the stage calls an `fn` or nothing known.
    static func columns(of stages: [Call], _ builtin: (String) -> Builtin?) -> Set<String>? {
        var needed: Set<String> = []
        for stage in stages {
            guard let verb = builtin(stage.name), verb.columnUse != .everything else { return nil }
            for argument in stage.arguments {
                // A name that is invented is asked for too: that it exists already is a mistake to be told.
                if let label = argument.label { needed.insert(label.name) }
                var usesWholeRow = false
                argument.value.forEach { part in
                    switch part.kind {
                    case .field(let name): needed.insert(name)
                    case .row: usesWholeRow = true
                    default: break
                    }
                }
                if usesWholeRow { return nil }
            }
            if verb.columnUse == .closing { return needed }
        }
        return nil
    }
}
