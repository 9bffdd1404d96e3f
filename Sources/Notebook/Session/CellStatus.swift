/// Whether a cell's saved outputs are what running it now would give.
public enum CellStatus: Sendable, Equatable {
    /// Outputs and state fit the code and all it depends on.
    case current
    case notRun
    /// The code, a cell above, a parameter, a file or the kernel changed since.
    case stale
    case failed
    case interrupted
    /// The outputs fit, but saved state is missing; the cell must run again before others can use it.
    case missingState
    /// The code is not a program.
    case broken

    /// For people, in a word or two.
    public var label: String {
        switch self {
        case .current: "current"
        case .notRun: "not run"
        case .stale: "stale"
        case .failed: "failed"
        case .interrupted: "interrupted"
        case .missingState: "state missing"
        case .broken: "broken"
        }
    }

    /// Whether `run` runs the cell.
    public var needsRun: Bool { self != .current }
}
