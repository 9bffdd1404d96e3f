internal import Distillation
internal import OpenAIWire

/// Watches a job at a service until it ends.
struct JobFollowing {
    private let id: String
    private let service: JobService
    private let supervision: TrainingSupervision
    private let surroundings: RemoteSurroundings
    private var steps: TrainingSteps
    /// Steps that were told.
    private var reported: Set<Int> = []
    /// What its events say went wrong.
    private(set) var trouble: [String] = []
    private var lastEvent: String?
    private var lastStatus: JobStatus?

    /// - Parameter epochs: how often each row is seen, where that is known.
    init(
        _ id: String, _ service: JobService, _ supervision: TrainingSupervision, _ surroundings: RemoteSurroundings,
        epochs: Int?
    ) {
        self.id = id
        self.service = service
        self.supervision = supervision
        self.surroundings = surroundings
        steps = TrainingSteps(epochs: epochs)
    }

    /// Looks until the job has ended.
    /// - Returns: nil where the service has no such job.
    mutating func toItsEnd() throws -> FineTuningJob? {
        var pauses = LookPauses()
        var nameless = 0
        var silences = 0
        while true {
            let job: FineTuningJob
            let hasEvents: Bool
            do {
                guard let found = try service.job(id) else { return nil }
                (job, hasEvents) = (found, try readEvents(found))
                silences = 0
            } catch let refusal as ServiceRefusal where (400..<500).contains(refusal.status) {
                throw refusal
            } catch is Interrupted {
                throw Interrupted()
            } catch {
                // A network that is away for a while costs nothing: the job does not need it.
                silences += 1
                guard silences < 10 else { throw error }
                supervision.stage("the service is silent, looking again")
                try surroundings.pause(30, cancellation: supervision.cancellation)
                continue
            }
            let hasChanged = job.status != lastStatus
            // Who paused it may take days to let it go on.
            if hasChanged { pauses = job.status == .paused ? LookPauses(least: 30, most: 60) : LookPauses() }
            lastStatus = job.status
            if job.status == .succeeded, job.fineTunedModel == nil { nameless += 1 }
            // Its name may come a moment after its end.
            if Self.hasEnded(job), nameless == 0 || job.fineTunedModel != nil || nameless > 20 { return job }
            supervision.stage(Self.words(for: job.status))
            try surroundings.pause(pauses.pause(hasChanged: hasEvents), cancellation: supervision.cancellation)
        }
    }

    /// Looks once, at a job that an earlier run saw the end of.
    mutating func once() throws -> FineTuningJob? {
        guard let job = try service.job(id) else { return nil }
        _ = try readEvents(job)
        return job
    }

    /// The steps of a job that has ended, with what checkpoints and the file with the metrics say besides its events;
    /// those that were not told yet are told.
    ///
    /// Measurements that cannot be had cost no model: what is known without them is taken.
    mutating func measured(_ job: FineTuningJob?) throws -> [TrainingStep] {
        do {
            for checkpoint in try service.checkpoints(of: id) { steps.add(checkpoint) }
            for file in job?.resultFiles ?? [] { steps.add(MetricsTable(bytes: try service.content(of: file))) }
        } catch is Interrupted {
            throw Interrupted()
        } catch let refusal as ServiceRefusal where [404, 405, 501].contains(refusal.status) {
            // A service that keeps neither.
        } catch {
            supervision.tell("What the job measured along the way could not be read to its end: \(error)")
        }
        let all = steps.finished
        for step in all where !reported.contains(step.step) { supervision.report(step) }
        if steps.validatesByBatch {
            supervision.tell("The service measured the validation loss on a few rows at a time, not on all of them.")
        }
        return all
    }

    /// Whether a job will not change any more: it says so, or it has a time at which it ended, under whatever word.
    static func hasEnded(_ job: FineTuningJob) -> Bool {
        if job.status.isFinal { return true }
        let known: Set<JobStatus> = [.validatingFiles, .queued, .running, .paused, .pending]
        return !known.contains(job.status) && (job.finished ?? 0) > 0
    }

    private static func words(for status: JobStatus) -> String {
        switch status {
        case .validatingFiles: "validating files"
        case .paused: "paused at the service"
        default: String(status.rawValue.map { $0 == "_" ? " " : $0 })
        }
    }

    /// Reads what happened since the last look, and tells of it.
    /// - Returns: whether anything had.
    private mutating func readEvents(_ job: FineTuningJob) throws -> Bool {
        let events: [FineTuningEvent]
        do {
            events = try service.events(of: id, since: lastEvent)
        } catch let refusal as ServiceRefusal where refusal.status == 404 || refusal.status == 405 {
            // A server that has jobs and tells nothing of how they go.
            return false
        }
        for event in events {
            if let step = steps.add(event, now: surroundings.date(), finish: job.estimatedFinish),
                reported.insert(step.step).inserted
            {
                supervision.report(step)
            }
            if event.level == .error || event.level == .warning { trouble.append(event.message) }
        }
        lastEvent = events.last?.id ?? lastEvent
        return !events.isEmpty
    }
}
