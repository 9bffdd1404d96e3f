public import OrderedCollections
public import Tables

/// OpenAI's `text_similarity` grader: how alike two filled templates are, from 0 to 1 (`cosine`: from −1 to 1).
public struct TextSimilarity: Sendable, Hashable {
    /// How texts are compared.
    public enum Metric: Sendable, Hashable {
        /// By their words or letters.
        case text(TextMetric)
        /// By what they mean: the cosine between their embeddings.
        case cosine

        /// OpenAI's name.
        public var name: String {
            switch self {
            case .text(let metric): metric.rawValue
            case .cosine: "cosine"
            }
        }

        /// - Parameter name: OpenAI's.
        public init?(name: String) {
            if name == "cosine" {
                self = .cosine
            } else if let metric = TextMetric(rawValue: name) {
                self = .text(metric)
            } else {
                return nil
            }
        }

        /// OpenAI's names of all.
        public static let names = ["cosine"] + TextMetric.allCases.map(\.rawValue)
    }

    public let input: Template
    public let reference: Template
    public let metric: Metric
    /// From which score on an answer passes.
    public let passThreshold: Double?

    public init(input: Template, reference: Template, metric: Metric, passThreshold: Double? = nil) {
        self.input = input
        self.reference = reference
        self.metric = metric
        self.passThreshold = passThreshold
    }

    /// The two texts of a row.
    /// - Throws: `RowError` where a template's value is missing or an error.
    public func texts(of row: Record) throws(RowError) -> (input: String, reference: String) {
        (try input.filled(with: row), try reference.filled(with: row))
    }
}
