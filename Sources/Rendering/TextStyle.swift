/// Where text goes: how wide it is, and whether it may be coloured.
public struct TextStyle: Sendable {
    /// Columns of the terminal or page.
    public var width: Int
    /// Whether ANSI colours may be used.
    public var usesColour: Bool

    /// Whether sentences are folded between words: on a terminal, which would break them anywhere.
    public var folds: Bool

    public init(width: Int = 100, usesColour: Bool = false, folds: Bool = false) {
        self.folds = folds
        self.width = max(20, width)
        self.usesColour = usesColour
    }

    /// What follows ESC in the sequences that `paint` writes.
    static let sequences = Role.allCases.map { "[\($0.rawValue)m" } + ["[0m"]

    enum Role: String, CaseIterable { case bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36" }

    /// The text in a role, where colours may be used.
    func paint(_ text: String, _ role: Role) -> String {
        usesColour && !text.isEmpty ? "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// What stands out.
    public func bold(_ text: String) -> String { paint(text, .bold) }

    /// What is gone, or wrong.
    public func red(_ text: String) -> String { paint(text, .red) }

    /// What is new, or right.
    public func green(_ text: String) -> String { paint(text, .green) }

    /// What matters less.
    public func dim(_ text: String) -> String { paint(text, .dim) }

    /// What asks for attention.
    public func yellow(_ text: String) -> String { paint(text, .yellow) }
}
