internal import Distillation
internal import OpenAIWire
internal import Tables

/// Sends the requests of a run and brings their answers, all on the caller's thread: it starts what may leave, waits for
/// what ends, and hands over what arrived.
struct CompletionRun {
    /// Why nothing new is sent any more.
    private enum Ending {
        case interrupted
        case failed(any Error)

        var error: any Error {
            switch self {
            case .interrupted: Interrupted()
            case .failed(let error): error
            }
        }
    }

    /// A request that is under way.
    private struct Flight {
        var job: RequestQueue.Job
        /// The dialect that it was written in.
        let version: Int
        let streams: Bool
        let began: Double
    }

    /// Seconds for which answers under way are waited for when the run ends early: they are paid for.
    static let grace = 5.0
    /// Seconds before each look for an answer that was lost: services list what they keep with a delay.
    static let lookUpPauses = [0.5, 1.5, 4]
    /// From so many tokens on a reply is streamed, so that a long one is not cut off while it still grows. Short ones are
    /// not: reading each token by itself costs more.
    static let longReply = 1_024

    private let requests: [CompletionRequest]
    private let service: CompletionService
    private let encoding: CompletionEncoding
    private let supervision: CompletionSupervision
    private let pool: any TransportPool
    private let surroundings: RemoteSurroundings

    private var dialect: CompletionDialect
    private var queue: RequestQueue
    private var flights: [Int: Flight] = [:]
    private var concurrency: AdaptiveConcurrency
    private var rates: RateWindow
    private var threshold: SuccessThreshold
    private var backoff: Backoff
    private var deliveries: [CompletionSupervision.Delivery] = []
    private var report = TrafficReport()
    private var ending: Ending?
    private var began = 0.0
    private var reportedAt = -1.0
    private var number = 0
    /// Until when the service wants nothing, and until when the limits per minute are used up.
    private var pausedUntil = 0.0
    private var heldUntil = 0.0
    private var wasHeard = false
    /// How often in a row nobody was there, and since when.
    private var silences = 0
    private var silentSince = 0.0
    private var isFull = false
    /// Faults since the last good answer.
    private var faultsInARow = 0
    private var isSlow = false
    private var canLookUp: Bool

    init(
        _ requests: [CompletionRequest], service: CompletionService, encoding: CompletionEncoding,
        dialect: CompletionDialect, supervision: CompletionSupervision, pool: any TransportPool,
        surroundings: RemoteSurroundings
    ) {
        self.requests = requests
        self.service = service
        self.encoding = encoding
        self.dialect = dialect
        self.supervision = supervision
        self.pool = pool
        self.surroundings = surroundings
        let limits = service.limits
        queue = RequestQueue(count: requests.count)
        concurrency = AdaptiveConcurrency(most: limits.inFlight)
        rates = RateWindow(limits)
        threshold = SuccessThreshold(share: limits.success)
        backoff = Backoff(seed: surroundings.seed)
        canLookUp = encoding.isStored
    }

    private var now: Double { surroundings.now() }

    /// - Returns: what was learnt of the parameters, for the next run.
    /// - Throws: `ProviderError`, `Interrupted`, and what the supervision throws.
    mutating func run() throws -> CompletionDialect {
        began = now
        try announce()
        while ending == nil, !(queue.isEmpty && flights.isEmpty) {
            launch()
            takeEvents(waiting: pause)
            // What may leave does so before the store is written to: the service works meanwhile.
            launch()
            try deliver()
            try announce()
            tell()
            if ending == nil, supervision.cancellation.isRequested() { ending = .interrupted }
        }
        if let ending {
            try finish()
            throw ending.error
        }
        tell(isLast: true)
        return dialect
    }

    // MARK: Sending

    /// A few more than can leave at once are announced, so that nothing waits for the store; few enough that hardly any is
    /// taken for sent when the process is killed.
    private mutating func announce() throws {
        let ahead = concurrency.limit / 2 + 1
        guard ending == nil, queue.announcedCount < (ahead + 1) / 2 else { return }
        let free = max(0, concurrency.limit - flights.count)
        let unsettled = supervision.unsettled
        let step = canLookUp ? RequestQueue.Job.Step.lookUp(0) : .send
        let places = queue.announce(free + ahead - queue.announcedCount) { index in
            unsettled.contains(index) ? .init(index, step: step, isLost: true) : .init(index)
        }
        if !places.isEmpty { try supervision.sending(places) }
    }

    private mutating func launch() {
        guard ending == nil else { return }
        let now = now
        while flights.count < concurrency.limit, now >= pausedUntil, now >= heldUntil, let job = queue.take(at: now) {
            let tokens = job.step == .send ? CompletionEncoding.tokens(of: requests[job.index]) : 0
            let delay = rates.delay(tokens: tokens, at: now)
            guard delay <= 0 else {
                heldUntil = now + delay
                queue.put(job, due: heldUntil)
                return
            }
            rates.send(tokens: tokens)
            start(job, at: now)
        }
    }

    private mutating func start(_ job: RequestQueue.Job, at now: Double) {
        var job = job
        number += 1
        let request = requests[job.index]
        switch job.step {
        case .lookUp:
            pool.start(service.lookUp(request.key), as: number)
            flights[number] = Flight(job: job, version: dialect.version, streams: false, began: now)
        case .send:
            if job.isLost, !encoding.hasIdempotency {
                report.uncertain += 1
                job.isUncertain = true
            }
            if let cause = job.cause { report.retries[cause, default: 0] += 1 }
            job.cause = nil
            job.isLost = false
            job.sendings += 1
            job.sentAt = job.sentAt ?? surroundings.date()
            // Under one Idempotency-Key the body stays the same, also after a restart.
            let isLong = request.sampling.maxTokens >= Self.longReply || (isSlow && !encoding.hasIdempotency)
            let streams = dialect.takes("stream") && isLong
            let body = encoding.bytes(request, dialect, streams: streams)
            pool.start(
                service.send(body, key: encoding.hasIdempotency ? request.key : nil, streams: streams), as: number)
            flights[number] = Flight(job: job, version: dialect.version, streams: streams, began: now)
        }
        report.mostInFlight = max(report.mostInFlight, flights.count)
    }

    /// How long to wait for something to end before looking again.
    private var pause: Double {
        let now = now
        var wake = now + 0.1
        if flights.count < concurrency.limit {
            let gate = max(pausedUntil, heldUntil)
            if gate > now {
                wake = min(wake, gate)
            } else if let due = queue.nextDue, due > now {
                wake = min(wake, due)
            }
        }
        return max(0.001, wake - now)
    }

    // MARK: What ended

    private mutating func takeEvents(waiting seconds: Double) {
        isFull = flights.count >= concurrency.limit
        for event in pool.events(waiting: seconds) {
            guard let flight = flights.removeValue(forKey: event.id) else { continue }
            if case .success(let response) = event.result {
                wasHeard = true
                silences = 0
                rates.learn(response.fields, of: event.id, at: now)
            }
            switch flight.job.step {
            case .send: takeReply(event, flight)
            case .lookUp(let count): takeListing(event, flight, count)
            }
            if ending == nil, let error = threshold.verdict { ending = .failed(error) }
        }
    }

    private mutating func takeReply(_ event: TransportEvent, _ flight: Flight) {
        let reading = AnswerReading(
            faults: service.faults, model: encoding.model, streams: flight.streams, seconds: event.seconds,
            hasAnswered: wasHeard)
        var job = flight.job
        switch reading.verdict(on: event.result) {
        case .answered(var completion):
            faultsInARow = 0
            concurrency.answered(after: now - flight.began, isFull: isFull, at: now)
            if case .success(let response) = event.result, service.isReplay(response) { report.recovered += 1 }
            if !dialect.takes("stop") { completion = completion.cut(before: requests[job.index].sampling.stop) }
            settle(job, .success(completion))
        case .failed(let error): settle(job, .failure(error))
        case .refusedParameter(let name, let fault):
            // Others were under way when it was learnt.
            if flight.version == dialect.version {
                guard let note = dialect.learn(name, model: encoding.model) else {
                    guard fault.kind == .endsRun else { return settle(job, .failure(fault.rowError)) }
                    return end(fault.providerError, job)
                }
                if !note.isEmpty { report.notes.append(note) }
            }
            job.sendings -= 1
            queue.put(job, due: now)
        case .end(let error): end(error, job)
        case .again(let fault): takeFault(fault, job, flight, seconds: event.seconds)
        }
    }

    /// Nothing else is sent; this one was not answered.
    private mutating func end(_ error: ProviderError, _ job: RequestQueue.Job) {
        if ending == nil { ending = .failed(error) }
        queue.put(job, due: now)
    }

    private mutating func takeFault(
        _ fault: AnswerReading.Fault, _ job: RequestQueue.Job, _ flight: Flight, seconds: Double
    ) {
        var job = job
        slowDown(fault)
        faultsInARow += 1
        if fault.cause == .timeout { isSlow = true }
        if fault.isUnreachable {
            job.sendings -= 1
            return waitForService(fault, job, flight)
        }
        job.fault = fault.words
        job.cause = fault.cause
        job.seconds = seconds
        if fault.isLost { job.isLost = true }
        if canLookUp, fault.isLost || fault.isDoubtful {
            job.step = .lookUp(0)
            return queue.put(job, due: now + Self.lookUpPauses[0])
        }
        sendAgain(job)
    }

    /// Where nobody is there all wait: it is not the request's fault, and so counts for none of its tries.
    private mutating func waitForService(
        _ fault: AnswerReading.Fault, _ job: RequestQueue.Job, _ flight: Flight
    ) {
        // Those that left together found the same.
        if silences == 0 || flight.began > silentSince {
            silences += 1
            silentSince = now
            pausedUntil = max(pausedUntil, now + backoff.pause(after: silences))
            if silences >= (wasHeard ? service.limits.tries : CallReading.knocks), ending == nil {
                ending = .failed(ProviderError(fault.words, hint: fault.hint))
            }
        }
        var job = job
        if job.step == .send { job.cause = fault.cause }
        queue.put(job, due: pausedUntil)
    }

    private mutating func slowDown(_ fault: AnswerReading.Fault) {
        if fault.isCongestion { concurrency.refused(at: now) }
        guard let wait = fault.wait, wait > 0 else { return }
        let until = now + wait
        report.waited += max(0, until - max(now, pausedUntil))
        pausedUntil = max(pausedUntil, until)
    }

    private mutating func sendAgain(_ job: RequestQueue.Job) {
        var job = job
        job.step = .send
        guard job.sendings < service.limits.tries else {
            let tries = job.sendings == 1 ? "once" : "\(job.sendings) times"
            return settle(job, .failure(RowError("no answer, sent \(tries): \(job.fault)")))
        }
        // Where others are answered meanwhile the fault was an accident, and a short pause is enough.
        queue.put(job, due: now + backoff.pause(after: max(1, min(job.sendings, faultsInARow))))
    }

    private mutating func takeListing(_ event: TransportEvent, _ flight: Flight, _ count: Int) {
        var job = flight.job
        switch service.listing(event.result, sentAt: job.sentAt) {
        case .found(let chat):
            report.recovered += 1
            job.isLost = false
            do {
                settle(job, .success(try ReplyReading.completion(chat, seconds: job.seconds ?? event.seconds)))
            } catch let error as RowError {
                settle(job, .failure(error))
            } catch {
                settle(job, .failure(RowError("what the service kept is no reply: \(error)")))
            }
        case .none: lookAgain(&job, count, wasThere: true)
        case .again(let fault) where fault.isUnreachable: waitForService(fault, job, flight)
        case .again(let fault):
            slowDown(fault)
            lookAgain(&job, count, wasThere: false)
        case .impossible:
            canLookUp = false
            sendAgain(job)
        }
    }

    /// - Parameter wasThere: whether the service said that it had no such completion.
    private mutating func lookAgain(_ job: inout RequestQueue.Job, _ count: Int, wasThere: Bool) {
        let next = count + 1
        guard next < Self.lookUpPauses.count, !(wasThere && encoding.hasIdempotency) else {
            // It keeps all of them, and not this one: it was not answered.
            if wasThere { job.isLost = false }
            return sendAgain(job)
        }
        job.step = .lookUp(next)
        queue.put(job, due: now + Self.lookUpPauses[next])
    }

    // MARK: Handing over

    private mutating func settle(_ job: RequestQueue.Job, _ result: Result<Completion, RowError>) {
        switch result {
        case .success:
            report.answered += 1
            threshold.countAnswer()
        case .failure(let error):
            report.failed += 1
            threshold.countFailure(String((job.fault.isEmpty ? error.message : job.fault).prefix(200)))
        }
        deliveries.append(
            CompletionSupervision.Delivery(
                index: job.index, result: result, isUncertain: job.isUncertain || job.isLost))
    }

    private mutating func deliver() throws {
        guard !deliveries.isEmpty else { return }
        let arrived = deliveries
        deliveries = []
        try supervision.deliver(arrived)
    }

    private mutating func tell(isLast: Bool = false) {
        let now = now
        report.inFlight = flights.count
        report.limit = concurrency.limit
        report.seconds = now - began
        guard isLast || now - reportedAt >= 0.2 else { return }
        reportedAt = now
        supervision.report(report)
    }

    /// Takes what still arrives in time, and says of everything else that was announced and surely not answered that it
    /// is not on its way.
    private mutating func finish() throws {
        let end = now + Self.grace
        while flights.values.contains(where: { $0.job.step == .send }), now < end {
            takeEvents(waiting: min(0.1, max(0.001, end - now)))
            try deliver()
            tell()
        }
        for id in flights.keys { pool.cancel(id) }
        flights = [:]
        report.waited -= min(report.waited, max(0, pausedUntil - now))
        for job in queue.drain() where !job.isLost && !job.isUncertain {
            deliveries.append(
                CompletionSupervision.Delivery(index: job.index, result: .failure(RowError("it was not asked"))))
        }
        try deliver()
        tell(isLast: true)
    }
}

extension Completion {
    /// The reply as it would have been had it ended before the first of these texts.
    fileprivate func cut(before stops: [String]) -> Completion {
        let places = stops.compactMap { $0.isEmpty ? nil : text.firstRange(of: $0)?.lowerBound }
        guard let place = places.min() else { return self }
        var copy = self
        copy.text = String(text[..<place])
        copy.finishReason = "stop"
        return copy
    }
}
