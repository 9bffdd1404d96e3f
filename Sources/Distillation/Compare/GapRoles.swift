/// Who is whose untrained self and teacher among models that are compared.
public struct GapRoles {
    private let models: [Model]

    public init(_ models: [Model]) { self.models = models }

    /// The places of a trained model's untrained self and of its teacher; nil where one of them is not compared.
    ///
    /// A student that learnt from gold has no teacher of its own: it is measured against the teacher of the other
    /// students, or else against the one model that is left.
    public func references(of index: Int) -> (untrained: Int, teacher: Int)? {
        let model = models[index]
        guard model.trainedWeights != nil,
            let untrained = models.firstIndex(where: {
                $0.trainedWeights == nil && $0.specification == model.specification
            })
        else { return nil }
        let own = teacher(among: model.lineage.teachers)
        let others = models.reduce(into: Set<String>()) { $0.formUnion($1.lineage.teachers) }
        guard let teacher = own ?? teacher(among: others) ?? onlyOther, teacher != untrained, teacher != index else {
            return nil
        }
        return (untrained, teacher)
    }

    private func teacher(among ids: Set<String>) -> Int? { models.firstIndex { ids.contains($0.identity.id) } }

    /// The one model that was not fine-tuned here and is nobody's untrained self.
    private var onlyOther: Int? {
        let trained = models.filter { $0.trainedWeights != nil }.map(\.specification)
        let rest = models.indices.filter {
            models[$0].trainedWeights == nil && !trained.contains(models[$0].specification)
        }
        return rest.count == 1 ? rest[0] : nil
    }
}
