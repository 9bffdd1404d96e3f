extension Model {
    /// The model as a comparison keeps it, so that `choose` can give it back: with what it saw of rows, without what it
    /// remembers of its training, which its own cell keeps.
    /// - Parameter name: what the comparison calls it.
    public func compared(as name: String) -> Model {
        Model(
            name: name, alias: alias, suffix: suffix, specification: specification, identity: identity, system: system,
            trainedWeights: trainedWeights, lineage: lineage, stoppedAfter: stoppedAfter)
    }
}

extension Comparison {
    /// The grades of one grader, as the rules of choosing take them.
    public func grades(by grader: String) -> ComparisonReport.Grades {
        let names = entries.filter { $0.grader == grader }.map(\.model)
        let scale = reports.first { $0.grader == grader }?.scale
        return ComparisonReport.Grades(
            grader: grader, models: names, grades: names.map { grades(of: $0, by: grader) },
            range: scale.flatMap { $0.isKnown ? $0.low...$0.high : nil })
    }
}
