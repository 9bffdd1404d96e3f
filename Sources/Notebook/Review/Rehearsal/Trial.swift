internal import Distillation
internal import Synchronization
internal import Tables
internal import Verbs

/// How quick models are on this machine, measured on a few of the requests that a notebook would send, and on a few
/// steps of its trainings.
///
/// The replies are kept in the store like all others: nothing is computed in vain. Only models that run on this machine
/// are tried: others cost money, and how quick they are depends on their servers.
struct Trial {
    /// Tokens a second, prompts and replies together, by the model's alias and layers.
    private var generating: [String: Double] = [:]
    /// Tokens a second, prompts included, by how is trained.
    private var training: [String: Double] = [:]
    /// Seconds that it took.
    private(set) var seconds = 0.0
    /// What did not work, in sentences.
    private(set) var problems: [String] = []

    /// Seconds that a trial may take.
    static let limit = 20.0

    /// - Parameter seconds: how long it may take.
    init(_ rehearsal: Rehearsal, in lab: Lab, seconds limit: Double = Trial.limit) {
        // Elsewhere a trial would be paid for, and nobody has agreed to that yet.
        func isHere(_ model: Model) -> Bool { lab.kernel.host(of: model.specification) == nil }
        let asked = rehearsal.cells.map(\.asked)
        let trainings = asked.flatMap(\.trainings).filter {
            isHere($0.job.base) && $0.job.teacher.map { isHere($0.model) } ?? true
        }
        var samples: [String: RehearsalProvider.Sample] = [:]
        for sample in asked.flatMap(\.samples)
        where isHere(sample.model) && sample.tokens > samples[Self.key(sample.model)]?.tokens ?? 0 {
            // What is not trained yet cannot be tried; its base is as quick.
            if sample.model.trainedWeights.map(lab.blobs.contains) ?? true { samples[Self.key(sample.model)] = sample }
        }
        var jobs: [String: RehearsalProvider.Training] = [:]
        for found in trainings where jobs[Self.key(found.job)] == nil { jobs[Self.key(found.job)] = found }
        let start = lab.now()
        let share = limit / Double(max(1, samples.count + jobs.count))
        for key in samples.keys.sorted() {
            guard let sample = samples[key] else { continue }
            let rate = measured(in: lab, seconds: share) { cancellation in
                try Self.generate(sample, lab, cancellation)
            }
            if let rate { generating[key] = rate }
        }
        for key in jobs.keys.sorted() {
            guard let job = jobs[key]?.job, job.teacher == nil, job.base.trainedWeights == nil else { continue }
            let rate = measured(in: lab, seconds: share) { cancellation in try Self.train(job, lab, cancellation) }
            if let rate { training[key] = rate }
        }
        seconds = lab.now() - start
    }

    private mutating func measured(
        in lab: Lab, seconds: Double, _ work: (Cancellation) throws -> Double?
    ) -> Double? {
        let end = lab.now() + seconds
        let (now, outer) = (lab.now, lab.cancellation)
        do {
            return try work(Cancellation { outer.isRequested() || now() >= end })
        } catch let error as ProviderError {
            problems.append(error.description)
        } catch is Interrupted {
            return nil
        } catch {
            problems.append("\(error)")
        }
        return nil
    }

    /// Tokens a second of the sample; nil where time was over before the first reply.
    private static func generate(_ sample: RehearsalProvider.Sample, _ lab: Lab, _ cancellation: Cancellation) throws
        -> Double?
    {
        // The first request of all also loads the weights, which takes no part in what the others take.
        func run(_ requests: [CompletionRequest]) throws -> (tokens: Int, seconds: Double) {
            let start = lab.now()
            var tokens = 0
            do {
                try lab.provider.complete(
                    requests, with: sample.model, blobs: lab.blobs, cancellation: cancellation
                ) { index, result in
                    guard case .success(let completion) = result else { return }
                    tokens += completion.usage.promptTokens + completion.usage.completionTokens
                    try lab.store?.keep(
                        StoredCompletion(
                            request: requests[index], completion: completion, modelName: sample.model.displayName,
                            metadata: [:], createdAt: lab.now()), replacing: false)
                }
            } catch is Interrupted {}
            return (tokens, lab.now() - start)
        }
        _ = try run(Array(sample.requests.prefix(1)))
        let rest = Array(sample.requests.dropFirst())
        guard !rest.isEmpty else { return nil }
        let (tokens, seconds) = try run(rest)
        return tokens > 0 && seconds > 0 ? Double(tokens) / seconds : nil
    }

    /// Steps of a training that a trial makes; the first is slower than the others.
    private static let steps = 4

    private static func train(_ job: FineTuneJob, _ lab: Lab, _ cancellation: Cancellation) throws -> Double? {
        var last: TrainingStep?
        let done = Flag()
        let supervision = TrainingSupervision(
            cancellation: Cancellation { cancellation.isRequested() || done.isSet },
            report: { step in
                last = step
                if step.step >= Self.steps { done.set() }
            })
        do {
            _ = try lab.provider.fineTune(job.shortened(to: steps), supervision: supervision)
        } catch is Interrupted {}
        return last.flatMap { $0.tokensPerSecond > 0 ? $0.tokensPerSecond : nil }
    }

    /// Seconds that a cell's requests and trainings take, with what its data steps took; nil where a rate is unknown.
    func seconds(of cell: Rehearsal.Cell) -> Double? {
        var sum = cell.seconds
        for sample in cell.asked.samples where sample.tokens > 0 {
            guard let rate = generating[Self.key(sample.model)] else { return nil }
            sum += Double(sample.tokens) / rate
        }
        for found in cell.asked.trainings {
            guard let rate = training[Self.key(found.job)] else { return nil }
            let measurements =
                found.job.options.evaluateEvery.map {
                    found.job.options.steps(rows: found.job.examples.count) / max(1, $0)
                } ?? found.job.options.epochs
            // Measuring a row is a third of learning from it: the way forward without the way back.
            sum +=
                (Double(found.tokens) * Double(found.job.options.epochs)
                    + Double(found.validationTokens) * Double(measurements) / 3) / rate
        }
        return sum
    }

    private static func key(_ model: Model) -> String {
        "\(model.alias) \(model.specification.layers?.count ?? 0)"
    }

    private static func key(_ job: FineTuneJob) -> String {
        "\(key(job.base)) \(job.options.update.rawValue) \(job.options.rank) \(job.options.batchSize)"
    }
}

/// Set once, asked often.
private final class Flag: Sendable {
    private let state = Atomic<Bool>(false)
    var isSet: Bool { state.load(ordering: .relaxed) }
    func set() { state.store(true, ordering: .relaxed) }
}

extension FineTuneJob {
    /// The same job on the rows of its first steps, without measurements.
    fileprivate func shortened(to steps: Int) -> FineTuneJob {
        var options = options
        options.watch = []
        options.patience = nil
        options.evaluateEvery = nil
        options.epochs = 1
        let (rows, overflow) = options.rowsAStep.multipliedReportingOverflow(by: steps)
        return FineTuneJob(
            base: base, baseWeights: baseWeights, examples: Array(examples.prefix(overflow ? .max : rows)),
            validation: [], options: options)
    }
}
