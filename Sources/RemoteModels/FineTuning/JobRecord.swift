internal import Foundation
internal import OpenAIWire
internal import OrderedCollections
internal import Tables

/// Where a job is in its life: what must survive a kill, and what a trained model remembers of how it was made. No keys.
struct JobRecord: Sendable, Equatable {
    /// How far the job is.
    enum Phase: String, Sendable {
        /// Files are looked for and sent.
        case uploading
        /// The job is being asked for: it may exist without its id having arrived.
        case creating
        /// The job has an id.
        case following
        /// The model is there.
        case trained
        /// The model is being deployed, or is.
        case deploying
    }

    /// A file at the service.
    struct File: Sendable, Equatable {
        var name: String
        /// Nil until it is there.
        var id: String?
    }

    /// The hash of all that the result depends on.
    let key: String
    /// Tells this attempt from earlier ones with the same key.
    private(set) var attempt: String
    let endpoint: String
    /// When the attempt began, seconds since 1970 by this machine's clock.
    let started: Double
    var phase: Phase
    /// What is trained, as the service's jobs name it.
    var base: String
    var training: File
    var validation: File?
    var suffix: String?
    var seed: Int
    var job: String?
    var model: String?
    var deployment: String?
    /// As the service settled on them.
    var hyperparameters: Value = .null
    var trainedTokens: Int?
    /// Seconds since 1970 by the service's clock.
    var created: Int?
    var finished: Int?

    init(
        key: String, attempt: String, endpoint: String, started: Double, base: String, training: String,
        validation: String?, suffix: String?, seed: Int
    ) {
        self.key = key
        self.attempt = attempt
        self.endpoint = endpoint
        self.started = started
        phase = .uploading
        self.base = base
        self.training = File(name: training)
        self.validation = validation.map { File(name: $0) }
        self.suffix = suffix
        self.seed = seed
    }

    /// Takes over what a finished job says of itself.
    mutating func remember(_ job: FineTuningJob) {
        self.job = job.id
        model = job.fineTunedModel ?? model
        hyperparameters = job.hyperparameters?.json ?? hyperparameters
        trainedTokens = job.trainedTokens ?? trainedTokens
        created = job.created ?? created
        finished = job.finished ?? finished
        seed = job.seed ?? seed
    }

    /// Begins anew with the same files, where the service does not have the job any more.
    mutating func forgetJob() {
        attempt = String(SHA256Name.of("\(attempt) \(job ?? "")").prefix(32))
        (job, model, deployment) = (nil, nil, nil)
        (trainedTokens, created, finished) = (nil, nil, nil)
        hyperparameters = .null
    }

    var value: Value {
        func file(_ file: File?) -> Value {
            file.map { ["name": .string($0.name), "id": $0.id.map { .string($0) } ?? .null] } ?? .null
        }
        func text(_ text: String?) -> Value { text.map { .string($0) } ?? .null }
        func whole(_ number: Int?) -> Value { number.map { .integer($0) } ?? .null }
        return [
            "format": "distnb.fine_tuning_job", "version": 1, "key": .string(key), "attempt": .string(attempt),
            "endpoint": .string(endpoint), "started": .double(started), "phase": .string(phase.rawValue),
            "base": .string(base), "training_file": file(training), "validation_file": file(validation),
            "suffix": text(suffix), "seed": .integer(seed), "job": text(job), "fine_tuned_model": text(model),
            "deployment": text(deployment), "hyperparameters": hyperparameters,
            "trained_tokens": whole(trainedTokens), "created_at": whole(created), "finished_at": whole(finished),
        ]
    }

    /// Reads what `value` wrote; nil for anything else, and for what is damaged.
    init?(bytes: [UInt8]) {
        guard let json = try? JSON.parse(bytes), json[field: "format"].text == "distnb.fine_tuning_job",
            let key = json[field: "key"].text, let attempt = json[field: "attempt"].text,
            let endpoint = json[field: "endpoint"].text,
            let phase = json[field: "phase"].text.flatMap(Phase.init), let base = json[field: "base"].text,
            let training = json[field: "training_file"][field: "name"].text
        else { return nil }
        self.init(
            key: key, attempt: attempt, endpoint: endpoint, started: json[field: "started"].double ?? 0, base: base,
            training: training, validation: json[field: "validation_file"][field: "name"].text,
            suffix: json[field: "suffix"].text, seed: json[field: "seed"].integer ?? 0)
        self.phase = phase
        self.training.id = json[field: "training_file"][field: "id"].text
        self.validation?.id = json[field: "validation_file"][field: "id"].text
        job = json[field: "job"].text
        model = json[field: "fine_tuned_model"].text
        deployment = json[field: "deployment"].text
        hyperparameters = json[field: "hyperparameters"]
        trainedTokens = json[field: "trained_tokens"].integer
        created = json[field: "created_at"].integer
        finished = json[field: "finished_at"].integer
    }

    var bytes: [UInt8] { JSON.bytes(value) }
}
