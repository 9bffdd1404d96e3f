/// What is known of a training before its first step.
public struct TrainingPreparation: Sendable {
    /// Rows that are longer than what may be read, and so are left out whole: an answer that is cut would teach to stop
    /// in the middle.
    public struct LeftOut: Sendable, Hashable {
        /// Their places among the rows given.
        public var rows: [Int]
        /// Tokens of the longest.
        public var longest: Int

        public init(rows: [Int] = [], longest: Int = 0) {
            self.rows = rows
            self.longest = longest
        }
    }

    /// Rows that are trained on.
    public var rows: Int
    /// Tokens of these rows, prompts and answers.
    public var tokens: Int
    /// Tokens among them that the model learns to predict.
    public var targets: Int
    /// Rows that are measured.
    public var validationRows: Int
    /// Tokens that a row may have.
    public var limit: Int
    public var leftOut: LeftOut
    public var validationLeftOut: LeftOut
    public var memory: TrainingMemory

    public init(
        rows: Int, tokens: Int, targets: Int, validationRows: Int, limit: Int, leftOut: LeftOut,
        validationLeftOut: LeftOut, memory: TrainingMemory
    ) {
        self.rows = rows
        self.tokens = tokens
        self.targets = targets
        self.validationRows = validationRows
        self.limit = limit
        self.leftOut = leftOut
        self.validationLeftOut = validationLeftOut
        self.memory = memory
    }
}

/// The memory that a training takes at its peak, by what it is for.
public struct TrainingMemory: Sendable, Hashable {
    public struct Part: Sendable, Hashable {
        /// For people: "activations".
        public var name: String
        public var bytes: Int
        /// Whether it is taken already, before the training begins.
        public var isHeld: Bool

        public init(_ name: String, bytes: Int, isHeld: Bool = false) {
            self.name = name
            self.bytes = bytes
            self.isHeld = isHeld
        }
    }

    public var parts: [Part]

    public init(_ parts: [Part]) { self.parts = parts }

    /// All parts, in bytes.
    public var total: Int { sum(parts) }

    /// What is not yet taken, in bytes.
    public var additional: Int { sum(parts.filter { !$0.isHeld }) }

    private func sum(_ parts: [Part]) -> Int {
        parts.reduce(0) { sum, part in
            let (next, overflow) = sum.addingReportingOverflow(part.bytes)
            return overflow ? Int.max : next
        }
    }
}
