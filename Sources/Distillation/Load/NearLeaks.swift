internal import Tables

/// Held-out texts that are nearly the same as texts that are trained on.
///
/// Lineage refuses rows that are the same; a score on rows that differ by a word is as flattering and needs other means:
/// see `NearDuplicates`.
public struct NearLeaks: Sendable, Equatable {
    /// A held-out text with what it is like.
    public struct Pair: Sendable, Equatable {
        public let heldOut: String
        public let trained: String
        /// Jaccard index of their runs of five letters.
        public let similarity: Double
    }

    /// Held-out texts that were looked at.
    public let total: Int
    /// How many of them are like one that is trained on.
    public let count: Int
    /// Some of them, those first that differ most: they tell whether the threshold is right.
    public let examples: [Pair]

    /// Unless somebody says otherwise.
    public static let usualSimilarity = 0.9

    /// - Parameters:
    ///   - similarity: from where texts are nearly the same, above 0, at most 1.
    ///   - check: called now and then; what it throws ends the search.
    public init(
        heldOut: [String], trained: [String], similarity: Double = usualSimilarity, examples limit: Int = 3,
        check: () throws -> Void
    ) rethrows {
        var known = NearDuplicates(similarity: similarity)
        for (number, text) in trained.enumerated() {
            if number % 256 == 0 { try check() }
            known.insert(text, number: number)
        }
        var found: [Pair] = []
        for (number, text) in heldOut.enumerated() {
            if number % 256 == 0 { try check() }
            if let finding = known.nearest(to: text) {
                found.append(Pair(heldOut: text, trained: trained[finding.original], similarity: finding.similarity))
            }
        }
        total = heldOut.count
        count = found.count
        examples = Array(
            found.enumerated().sorted { ($0.element.similarity, $0.offset) < ($1.element.similarity, $1.offset) }
                .prefix(limit).map(\.element))
    }

    /// The same, without a way to end it.
    public init(heldOut: [String], trained: [String], similarity: Double = usualSimilarity, examples limit: Int = 3) {
        self.init(heldOut: heldOut, trained: trained, similarity: similarity, examples: limit, check: {})
    }

    /// What a pair looks like, in a line for people.
    public static func line(_ pair: Pair) -> String {
        "\(Excerpt.of(pair.heldOut)), as \(Excerpt.of(pair.trained)) is trained on "
            + "(similarity \(Number.fixed(pair.similarity, decimals: 2)))"
    }
}

/// The beginning of a text, quoted, in one line.
public enum Excerpt {
    public static func of(_ text: String, length: Int = 60) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > length ? "\"\(line.prefix(max(1, length - 1)))…\"" : "\"\(line)\""
    }
}
