internal import Distillation

/// Rows with the teacher's probabilities of their replies' tokens.
struct SoftLabelledRows: BatchSource {
    let examples: [TrainingExample]
    let validation: [TrainingExample]
    let teacher: TrainingTeacher
    let table: SoftLabelTable
    let options: SoftLabelOptions

    func batch(_ rows: [Int], stream: String, values: [Float]) -> TrainingBatch {
        batch(rows.map { (examples[$0], teacher.examples[$0]) })
    }

    func validation(_ rows: Range<Int>) -> TrainingBatch {
        batch(rows.map { (validation[$0], teacher.validation[$0]) })
    }

    private func batch(_ rows: [(student: TrainingExample, teacher: TrainingExample)]) -> TrainingBatch {
        TrainingBatch(
            examples: rows.map(\.student),
            objective: .softLabels(
                table.labels(rows.map(\.teacher)), ratio: Float(options.ratio), temperature: Float(options.temperature))
        )
    }
}
