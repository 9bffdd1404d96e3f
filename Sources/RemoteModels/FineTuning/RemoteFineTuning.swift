package import Distillation
internal import OpenAIWire
internal import Tables

/// Fine-tuning by jobs of a service.
///
/// What is paid for is asked for once. Each thing that comes to be there, files, job, model, deployment, is written down
/// under the job's key as soon as its id is known, and what was asked for without its id having arrived is looked for by
/// its name or its metadata before it is asked for again. So a run that was killed at any instant goes on where the
/// service is.
package struct RemoteFineTuning: Sendable {
    let profile: ServiceProfile
    let kernel: String
    let surroundings: RemoteSurroundings
    let client: ServiceClient

    package init(_ profile: ServiceProfile, kernel: String, surroundings: RemoteSurroundings) {
        self.profile = profile
        self.kernel = kernel
        self.surroundings = surroundings
        client = ServiceClient(ServiceEndpoint(profile, kernel: kernel), surroundings: surroundings)
    }

    /// The key of all that a job's result depends on: the service, the model, the rows, and what the cell says of how it
    /// is trained. Options that the service chooses are no part of it.
    /// - Throws: `ProviderError` where the job cannot be done here.
    package func key(of job: FineTuneJob) throws -> String {
        let files = try files(of: job)
        let choices = TrainingChoices(job, for: profile.flavour)
        let parts: Value = [
            "version": 1, "endpoint": .string(profile.endpoint), "model": .string(job.base.specification.id),
            "weights": job.base.trainedWeights.map { .string($0) } ?? .null,
            "training": .string(files.training.name), "validation": files.validation.map { .string($0.name) } ?? .null,
            "method": .string(job.options.method.name), "hyperparameters": choices.hyperparameters?.json ?? .null,
            "seed": choices.seed.map { .integer($0) } ?? .null, "suffix": choices.suffix.map { .string($0) } ?? .null,
        ]
        return SHA256Name.of(JSON.text(parts, .canonical))
    }

    /// Trains a model at the service, or goes on with the training that an earlier run began.
    /// - Throws: `ProviderError`, `Interrupted`.
    package func run(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        try checkThatItCanBeDone(job)
        let files = try files(of: job)
        let choices = TrainingChoices(job, for: profile.flavour)
        for note in choices.notes { supervision.tell(note) }
        let key = try key(of: job)
        var life = JobLife(
            self, job, files: files, choices: choices, supervision: supervision,
            record: record(key, job, files, choices, supervision))
        do {
            return try life.run()
        } catch let refusal as ServiceRefusal {
            throw refusal.words
        }
    }

    /// What would be refused later is refused before anything is sent and paid for.
    private func checkThatItCanBeDone(_ job: FineTuneJob) throws {
        guard job.options.method == .sft else {
            throw ProviderError.noProbabilities(
                of: job.teacher?.model.displayName ?? "the teacher", method: job.options.method)
        }
        guard profile.features.contains(.fineTuning) else {
            throw ProviderError(
                "The service of the kernel \(kernel) trains no models.",
                hint:
                    "--kernel embedded trains on this machine, openai and azure at theirs; a server of yours that has "
                    + "/fine_tuning/jobs says so in kernel.json: \"has\": [\"fine_tuning\", …]")
        }
        if profile.flavour == .azure, profile.deployment == nil {
            throw ProviderError(
                "On Azure a fine-tuned model answers only once it is deployed; the kernel \(kernel) does not say where.",
                hint: "set metadata.distnb.deployment in kernel.json: {\"account\": \"https://management.azure.com/"
                    + "subscriptions/…/resourceGroups/…/providers/Microsoft.CognitiveServices/accounts/…\", \"token\": "
                    + "{\"command\": [\"az\", \"account\", \"get-access-token\", \"--query\", \"accessToken\", \"-o\", \"tsv\"]}}"
            )
        }
    }

    private func files(of job: FineTuneJob) throws -> (training: TrainingFile, validation: TrainingFile?) {
        (
            try TrainingFile(job.examples, .training, for: profile.flavour),
            job.validation.isEmpty ? nil : try TrainingFile(job.validation, .validation, for: profile.flavour)
        )
    }

    /// What an earlier run wrote down, or the beginning of a new attempt.
    private func record(
        _ key: String, _ job: FineTuneJob, _ files: (training: TrainingFile, validation: TrainingFile?),
        _ choices: TrainingChoices, _ supervision: TrainingSupervision
    ) -> JobRecord {
        if let kept = supervision.checkpoints.read(key).flatMap({ JobRecord(bytes: Array($0)) }), kept.key == key {
            return kept
        }
        let now = surroundings.date()
        return JobRecord(
            key: key, attempt: String(SHA256Name.of("\(key) \(surroundings.seed) \(now)").prefix(32)),
            endpoint: profile.endpoint, started: now, base: job.base.specification.id, training: files.training.name,
            validation: files.validation?.name, suffix: choices.suffix,
            // Of the key where the cell names none: the same cell sends the same one, and it tells jobs apart where a
            // service keeps no metadata.
            seed: choices.seed ?? Int(UInt32(key.prefix(8), radix: 16).map { $0 & 0x7FFF_FFFF } ?? 0))
    }
}
