internal import Distillation
internal import Foundation
internal import OpenAIWire
internal import OrderedCollections
internal import Tables

/// One training at a service, from the rows to the model that answers: each step is written down before the next begins.
struct JobLife {
    private let parent: RemoteFineTuning
    private let job: FineTuneJob
    private let files: (training: TrainingFile, validation: TrainingFile?)
    private let choices: TrainingChoices
    private let supervision: TrainingSupervision
    private let service: JobService
    private let deployments: ModelDeployments?
    private var record: JobRecord
    /// The job at its end, and who watched it, where this run did.
    private var ended: FineTuningJob?
    private var following: JobFollowing?

    init(
        _ parent: RemoteFineTuning, _ job: FineTuneJob, files: (training: TrainingFile, validation: TrainingFile?),
        choices: TrainingChoices, supervision: TrainingSupervision, record: JobRecord
    ) {
        self.parent = parent
        self.job = job
        self.files = files
        self.choices = choices
        self.supervision = supervision
        self.record = record
        service = JobService(parent.client, cancellation: supervision.cancellation)
        deployments = parent.profile.deployment.map {
            ModelDeployments($0, kernel: parent.kernel, surroundings: parent.surroundings)
        }
    }

    private var cancellation: Cancellation { supervision.cancellation }
    private var host: String { parent.client.endpoint.host }

    mutating func run() throws -> FineTuneResult {
        while true {
            switch record.phase {
            case .uploading:
                try sendFiles()
                keep(.creating)
            case .creating:
                record.remember(try findOrCreate())
                keep(.following)
            case .following: try follow()
            case .trained:
                guard deployments != nil else { return try result() }
                keep(.deploying)
            case .deploying:
                try deploy()
                return try result()
            }
        }
    }

    /// Writes down how far it is.
    private mutating func keep(_ phase: JobRecord.Phase) {
        record.phase = phase
        write()
    }

    private func write() {
        do {
            try supervision.checkpoints.write(record.key, [Data(record.bytes)])
        } catch {
            supervision.checkpointFailed(error)
        }
    }

    // MARK: Files

    private mutating func sendFiles() throws {
        if let deployments, record.base == job.base.specification.id {
            supervision.stage("looking at the model")
            // Also shows whether the token opens the account, before anything is paid for.
            record.base = try deployments.trainableModel(behind: record.base, cancellation: cancellation)
        }
        if let before = job.baseWeights.flatMap(JobRecord.init(bytes:))?.model { record.base = before }
        record.training.id = try present(files.training, known: record.training.id)
        write()
        if let validation = files.validation {
            let id = try present(validation, known: record.validation?.id)
            record.validation?.id = id
            write()
        }
        for id in [record.training.id, record.validation?.id].compactMap(\.self) { try waitUntilUsable(id) }
    }

    /// The id of a file at the service: the one that is there, or the one that is sent now.
    private func present(_ file: TrainingFile, known: String?) throws -> String {
        supervision.stage("sending \(file.role.rawValue) rows")
        if let known, try service.file(known) != nil { return known }
        if let found = try service.file(named: file.name) { return found.id }
        return try once {
            try service.upload(file)
        } orFound: {
            try service.file(named: file.name)
        }.id
    }

    /// Azure takes only files that it has looked through.
    private func waitUntilUsable(_ id: String) throws {
        guard parent.profile.flavour == .azure else { return }
        var pauses = LookPauses(most: 15)
        while let file = try service.file(id), let status = file.status, status != .processed {
            if status == .error {
                throw ProviderError(
                    "The service cannot use the file \(file.name ?? id): \(file.statusDetails ?? "it gives no reason").",
                    hint: "look at the rows that it names; each needs a user's message and a reply")
            }
            supervision.stage("validating files")
            try parent.surroundings.pause(pauses.pause(hasChanged: false), cancellation: cancellation)
        }
    }

    /// Does what must not be done twice. Where it is not known whether it was done, it is looked for before it is done
    /// again.
    private func once<Outcome>(
        _ act: () throws -> Outcome, orFound look: () throws -> Outcome?
    ) throws -> Outcome {
        var failures = 0
        while true {
            do {
                return try act()
            } catch let refusal as ServiceRefusal where (400..<500).contains(refusal.status) && refusal.status != 408 {
                throw refusal
            } catch is Interrupted {
                throw Interrupted()
            } catch {
                failures += 1
                // What was taken may take a while to be seen.
                try parent.surroundings.pause(Double(5 * failures), cancellation: cancellation)
                if let found = try look() { return found }
                guard failures < 3 else { throw error }
            }
        }
    }

    // MARK: The job

    /// The job of this attempt: one that is there already, or one that is asked for now.
    private func findOrCreate() throws -> FineTuningJob {
        supervision.stage("asking for a job")
        if let found = try search() {
            supervision.tell("The job \(found.id) is under way at \(host) already; this run goes on with it.")
            return found
        }
        guard let training = record.training.id else {
            throw ProviderError("The service gave the file of training rows no id.", hint: "run the cell again")
        }
        let request = FineTuningJobRequest(
            model: record.base, trainingFile: training, validationFile: record.validation?.id, suffix: record.suffix,
            seed: record.seed, method: FineTuningMethod(.supervised, choices.hyperparameters ?? Hyperparameters()),
            metadata: [JobService.keyName: record.key, JobService.attemptName: record.attempt])
        do throws(WireError) {
            try request.checkBounds()
        } catch {
            throw ProviderError(error.description, hint: error.hint)
        }
        let hasKeys = parent.profile.features.contains(.idempotency)
        let begun = try once {
            try service.create(request, key: hasKeys ? record.attempt : nil)
        } orFound: {
            try search()
        }
        supervision.tell("The job \(begun.id) trains \(record.base) at \(host) on \(job.examples.count) rows.")
        return begun
    }

    /// The job that an earlier run asked for without having heard of its id; also one of the same key that is under way,
    /// which would be paid for twice otherwise.
    private func search() throws -> FineTuningJob? {
        var found: FineTuningJob?
        do {
            try service.jobs(withKey: record.key) { job in
                if isOurs(job) { found = job }
                // Another key shows that the service does not filter; all are looked at below.
                return found == nil && job.metadata[JobService.keyName] == record.key
            }
        } catch let refusal as ServiceRefusal where refusal.status == 400 || refusal.status == 422 {
            // Nor does one that refuses the filter.
        }
        guard found == nil else { return found }
        try service.jobs(withKey: nil) { job in
            if isOurs(job) || looksLikeOurs(job) { found = job }
            return found == nil && isSince(job, before: 86_400)
        }
        return found
    }

    private func isOurs(_ found: FineTuningJob) -> Bool {
        if found.metadata[JobService.attemptName] == record.attempt { return true }
        return found.metadata[JobService.keyName] == record.key && !found.status.isFinal
    }

    /// Where a service keeps no metadata: a job of the same files, model and seed, asked for since this attempt began.
    private func looksLikeOurs(_ found: FineTuningJob) -> Bool {
        found.metadata.isEmpty && found.trainingFile == record.training.id
            && found.validationFile == record.validation?.id && found.seed == record.seed
            && found.model.map { $0 == record.base || $0.hasPrefix("\(record.base)-") } ?? false
            && isSince(found, before: 3_600) && found.status != .failed && !found.isCancelled
    }

    /// Whether a job was asked for since this attempt began, or at most so many seconds before: two machines' clocks
    /// differ.
    private func isSince(_ found: FineTuningJob, before seconds: Double) -> Bool {
        found.created.map { Double($0) >= record.started - seconds } ?? true
    }

    /// Follows the job to its end. A job that the service does not have any more is forgotten, and asked for anew.
    private mutating func follow() throws {
        guard let id = record.job else { return keep(.creating) }
        var following = JobFollowing(id, service, supervision, parent.surroundings, epochs: knownEpochs)
        let found: FineTuningJob?
        do {
            found = try following.toItsEnd()
        } catch is Interrupted {
            try leave(id)
        } catch {
            tellThatItGoesOn(id)
            throw error
        }
        guard let ended = found else {
            supervision.tell("\(host) has no job \(id) any more; a new one is asked for.")
            record.forgetJob()
            return keep(.uploading)
        }
        if ended.status == .succeeded, ended.fineTunedModel == nil {
            // It was paid for: the job is not forgotten.
            throw ProviderError(
                "The job \(id) has succeeded, but \(host) names no model.",
                hint: "the service may still be checking it: run the cell again later, it asks for no new job")
        }
        guard ended.fineTunedModel != nil, ended.status != .failed, !ended.isCancelled else {
            supervision.checkpoints.remove(record.key)
            throw JobFailure.ended(ended, trouble: following.trouble, endpoint: parent.client.endpoint)
        }
        record.remember(ended)
        (self.ended, self.following) = (ended, following)
        keep(.trained)
    }

    /// The user stops watching: the job is the service's, and goes on unless it is cancelled there.
    private func leave(_ id: String) throws -> Never {
        let wantsEnd = supervision.offer(
            "The job \(id) goes on at \(host) and is paid for there. Cancel it? (No: the next run picks it up.)")
        guard wantsEnd else {
            tellThatItGoesOn(id)
            throw Interrupted()
        }
        do {
            try JobService(parent.client, cancellation: .never).cancel(id)
        } catch {
            tellThatItGoesOn(id)
            throw ProviderError(
                "The job \(id) could not be cancelled: \(error)", hint: "cancel it in the service's own pages")
        }
        supervision.checkpoints.remove(record.key)
        throw ProviderError(
            "The job \(id) was cancelled, as you asked; what it trained until then is the service's to charge.",
            hint: "running the cell again asks for a new job")
    }

    private func tellThatItGoesOn(_ id: String) {
        supervision.tell(
            "The job \(id) goes on at \(host), whether this program runs or not. Running the cell again picks it up.")
    }

    private var knownEpochs: Int? { record.hyperparameters[field: "n_epochs"].integer }

    // MARK: The model

    private mutating func deploy() throws {
        guard let deployments, let model = record.model, let id = record.job else { return }
        let name = DeploymentName.of(job: id)
        if record.deployment != name {
            record.deployment = name
            write()
        }
        supervision.stage("deploying")
        do {
            try deployments.deploy(model, as: name, cancellation: cancellation) {
                supervision.stage("deploying: \($0)")
            }
            try waitUntilAnswering(name)
        } catch is Interrupted {
            supervision.tell(
                "The model \(model) is trained. It may be deployed as \(name) already, which costs by the hour; "
                    + "distnb deployments list --kernel \(parent.kernel) shows it.")
            throw Interrupted()
        }
        supervision.tell(
            "\(model) is deployed as \(name): that costs by the hour until it is deleted, whether it is asked or not. "
                + "distnb deployments delete \(name) --kernel \(parent.kernel)")
    }

    /// A new deployment may be unknown to the service for some minutes ("If you created the deployment within the last 5
    /// minutes, please wait a moment", Azure's `DeploymentNotFound`). A request without messages is refused in another way
    /// once it is known, and costs nothing.
    private func waitUntilAnswering(_ name: String) throws {
        let call = ServiceCall(
            .post, "/chat/completions", body: .json(["model": .string(name), "messages": []]), isRepeatable: true)
        var pauses = LookPauses(least: 2, most: 20)
        for _ in 0..<40 {
            do {
                _ = try parent.client.send(call, cancellation: cancellation)
                return
            } catch let refusal as ServiceRefusal {
                guard refusal.status == 404 else { return }
            }
            supervision.stage("deploying: not answering yet")
            try parent.surroundings.pause(pauses.pause(hasChanged: false), cancellation: cancellation)
        }
    }

    private mutating func result() throws -> FineTuneResult {
        guard let id = record.job, let model = record.model else {
            throw ProviderError("The job ended without a model's name.", hint: "run the cell again")
        }
        // Where an earlier run saw its end, what it measured is still there to be read.
        var following =
            following ?? JobFollowing(id, service, supervision, parent.surroundings, epochs: knownEpochs)
        if ended == nil { ended = try following.once() }
        if let ended { record.remember(ended) }
        let steps = try following.measured(ended)
        let seconds = record.created.flatMap { begun in record.finished.map { Double(max(0, $0 - begun)) } }
        return FineTuneResult(
            weights: record.bytes, steps: steps, keptStep: steps.last?.step,
            specification: job.base.specification.trained(as: record.deployment ?? model),
            receipt: TrainingReceipt(options: options, tokens: record.trainedTokens, seconds: seconds))
    }

    /// How it was trained, as far as the service tells.
    private var options: Value {
        // What a service left open is "auto", or -1.
        func number(_ name: String) -> Value {
            let value = record.hyperparameters[field: name]
            return value.double.map { $0 >= 0 } == true ? value : .null
        }
        func text(_ text: String?) -> Value { text.map { .string($0) } ?? .null }
        return [
            "method": .string(job.options.method.name), "epochs": number("n_epochs"),
            "batch_size": number("batch_size"), "learning_rate_multiplier": number("learning_rate_multiplier"),
            "seed": .integer(record.seed), "suffix": text(record.suffix), "base": text(record.base),
            "job": text(record.job), "model": text(record.model), "deployment": text(record.deployment),
            "trained_tokens": record.trainedTokens.map { .integer($0) } ?? .null,
        ]
    }
}
