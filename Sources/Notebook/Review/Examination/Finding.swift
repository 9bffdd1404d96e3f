/// What an examination found: of the machine, or of a notebook.
public struct Finding: Sendable, Equatable {
    public enum Level: Sendable, Equatable {
        /// As it should be, or only told.
        case good
        /// It works, but not as well as it might, or the result will say less.
        case warning
        /// It will not work.
        case problem
    }

    public let level: Level
    /// In a sentence or less, without a full stop.
    public let text: String
    /// How to mend it; nil where nothing needs mending.
    public let hint: String?

    public init(_ level: Level, _ text: String, hint: String? = nil) {
        self.level = level
        self.text = text
        self.hint = hint
    }
}

/// Findings about one thing.
public struct FindingGroup: Sendable {
    public let title: String
    public let findings: [Finding]

    public init(_ title: String, _ findings: [Finding]) {
        self.title = title
        self.findings = findings
    }
}
