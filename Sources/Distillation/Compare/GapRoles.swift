/// Who is whose untrained self and teacher among models that are compared.
public struct GapRoles {
    private let models: [Model]

    /// - Parameter models: all that are compared, in order.
    public init(_ models: [Model]) { self.models = models }

    /// The places of a trained model's untrained self (the same weights and system prompt) and of its teacher; nil where
    /// one of them is not compared.
    ///
    /// A student that learnt from gold has no teacher of its own; it is measured against the teacher of the other
    /// students.
    public func references(of index: Int) -> (untrained: Int, teacher: Int)? {
        let model = models[index]
        guard model.trainedWeights != nil,
            let untrained = models.firstIndex(where: {
                $0.trainedWeights == nil && $0.system == model.system
                    && $0.specification.isSameModel(as: model.specification)
            })
        else { return nil }
        guard let teacher = teacher(of: index), teacher != untrained else { return nil }
        return (untrained, teacher)
    }

    /// The place of a trained model's teacher, or of the other students' where it learnt from gold; nil where it is not
    /// compared.
    public func teacher(of index: Int) -> Int? {
        let own = models[index].lineage.teachers
        let others = models.reduce(into: Set<String>()) { $0.formUnion($1.lineage.teachers) }
        guard let teacher = teacher(among: own) ?? (own.isEmpty ? teacher(among: others) : nil), teacher != index
        else { return nil }
        return teacher
    }

    private func teacher(among ids: Set<String>) -> Int? { models.firstIndex { ids.contains($0.identity.id) } }
}
