internal import OrderedCollections
internal import Tables

/// What names and dots mean at a moment of evaluation.
struct Frame {
    /// Names from cells above and `let`s of this one.
    var bindings: Bindings
    /// An `fn`'s parameters.
    var locals: Bindings = [:]
    /// What the dot means.
    var row: RowScope?
    /// The groups that aggregates run over, inside `group`.
    var group: GroupScope?
    /// Whether a row is at hand here or where the `fn` was called: faults are error values then.
    var isInRow = false
    /// How deep calls are nested.
    var depth = 0

    func value(of name: String) -> Value? { locals[name] ?? bindings[name] }
}

/// A row or element that the dot means.
enum RowScope {
    case row(DataSet, Int)
    case element(Value)

    /// The whole row or element.
    var value: Value {
        switch self {
        case .row(let rows, let index): .record(rows.row(index))
        case .element(let value): value
        }
    }

    /// A column, or null where there is none.
    func field(_ name: String) -> Value {
        switch self {
        case .row(let rows, let index): rows.value(index, name)
        case .element(.record(let fields)): fields[name] ?? .null
        case .element(.error(let error)): .error(error)
        case .element(.opaque(let domain)): domain.member(name) ?? .null
        case .element: .null
        }
    }
}
