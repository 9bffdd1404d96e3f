public import Tables

/// Answers that are there already, for a service's own graders.
public struct ServiceGradingJob: Sendable {
    /// A row: what templates call `item`, and the text of the answer.
    public struct Row: Sendable {
        public let item: Record
        public let output: String

        public init(item: Record, output: String) {
            self.item = item
            self.output = output
        }
    }

    /// OpenAI's JSON of the grader, under its name, with the service's own names of models.
    public let grader: Value
    public let rows: [Row]

    public init(grader: Value, rows: [Row]) {
        self.grader = grader
        self.rows = rows
    }
}

/// What a service's grader gave.
public struct ServiceGrades: Sendable {
    /// What it gave a row: a score, and those of the parts of a `multi` by their names.
    public struct Grade: Sendable {
        public let score: Result<Double, RowError>
        public let parts: [String: Double]

        public init(score: Result<Double, RowError>, parts: [String: Double] = [:]) {
            self.score = score
            self.parts = parts
        }
    }

    /// One for each row, in their order.
    public let grades: [Grade]
    /// Where the service shows them to people; nil where it doesn't.
    public let report: String?
    /// Tokens of the service's judges, as far as it says.
    public let usage: Usage

    public init(grades: [Grade], report: String? = nil, usage: Usage = Usage(promptTokens: 0, completionTokens: 0)) {
        self.grades = grades
        self.report = report
        self.usage = usage
    }
}
