/// Which of several compared models the others are measured against.
///
/// The rule looks at who the models are and never at how they did: a reference picked for its grades would make the
/// others look worse than they are.
public struct ReferenceModel: Sendable, Hashable {
    /// Why it is the reference, in the order in which the rule asks.
    public enum Reason: String, Sendable, CaseIterable {
        /// The cell said so with `to:`.
        case named = "named"
        /// It taught another of the models; of several teachers the last one listed.
        case taught = "taught"
        /// It stands behind the kernel's alias `teacher`.
        case alias = "alias"
        /// It is the last one listed.
        case last = "last"
    }

    /// Its place in the list.
    public let index: Int
    public let reason: Reason

    /// - Parameters:
    ///   - models: all that are compared, in order.
    ///   - named: the place of the one that the cell names.
    /// - Returns: nil where there are fewer than two.
    public init?(among models: [Model], named: Int? = nil) {
        guard models.count > 1, let last = models.indices.last else { return nil }
        let taught = models.reduce(into: Set<String>()) { $0.formUnion($1.lineage.teachers) }
        if let named, models.indices.contains(named) {
            (index, reason) = (named, .named)
        } else if let teacher = models.lastIndex(where: { taught.contains($0.identity.id) }) {
            (index, reason) = (teacher, .taught)
        } else if let teacher = models.lastIndex(where: { $0.alias == "teacher" && $0.trainedWeights == nil }) {
            (index, reason) = (teacher, .alias)
        } else {
            (index, reason) = (last, .last)
        }
    }

    /// The model that a reader asks about: the last one listed that was fine-tuned, else the last one that is not the
    /// reference.
    public func candidate(among models: [Model]) -> Int? {
        let others = models.indices.filter { $0 != index }
        return others.last { models[$0].trainedWeights != nil } ?? others.last
    }
}
