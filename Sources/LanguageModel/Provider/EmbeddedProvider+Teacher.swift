internal import Distillation

extension EmbeddedProvider {
    /// The teacher of a job, loaded, with the job's rows as it reads them.
    /// - Throws: `ProviderError` for a teacher whose probabilities are not to be had, or of another vocabulary.
    func trainingTeacher(of job: FineTuneJob, student: LoadedLanguage) throws -> TrainingTeacher? {
        let method = job.options.method
        guard method.needsTeacher else { return nil }
        guard let teacher = job.teacher else {
            throw ProviderError(
                "`method: \"\(method.name)\"` needs a teacher.",
                hint: "finetune student, method: \"\(method.name)\", teacher: cora"
            )
        }
        let model = teacher.model
        guard model.identity.endpoint == job.base.identity.endpoint else {
            throw ProviderError.noProbabilities(of: model.displayName, method: method)
        }
        let language = try language(of: model.specification)
        if model.specification.id != job.base.specification.id,
            let difference = language.tokenizer.difference(from: student.tokenizer)
        {
            throw ProviderError.otherVocabulary(
                of: model.displayName, than: job.base.displayName, difference: difference, method: method)
        }
        let transformer = try transformer(of: model, language, blobs: teacher.blobs)
        // Of a model that was trained the projections are a copy.
        let isItsOwn = model.trainedWeights != nil || model.specification.adapter != nil
        return TrainingTeacher(
            transformer: transformer, ownBytes: isItsOwn ? transformer.weights.byteCount : 0,
            identity: model.identity.id,
            examples: try teacher.examples.map(language.template.example),
            validation: try teacher.validation.map(language.template.example), tokenizer: student.tokenizer)
    }
}
