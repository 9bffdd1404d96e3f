public import Tables

/// Answers many requests to one model, asking for none that the store already holds.
public struct GenerationRun {
    public let model: Model
    public let provider: any ModelProvider
    public let store: (any CompletionStoring)?
    public let blobs: any BlobStoring
    public let cancellation: Cancellation
    public let progress: ProgressSink
    /// Seconds since 1970, for the store.
    public let now: @Sendable () -> Double
    /// Tags for the store.
    public let metadata: [String: String]
    /// Whether stored completions are not to be used.
    public let ignoresStore: Bool
    /// What progress says is done.
    public let label: String
    /// Told, in a sentence, what happened on the way to a service that is worth knowing.
    public let tell: (String) -> Void

    public init(
        model: Model, provider: any ModelProvider, store: (any CompletionStoring)?, blobs: any BlobStoring,
        cancellation: Cancellation, progress: ProgressSink, now: @escaping @Sendable () -> Double,
        metadata: [String: String] = [:], ignoresStore: Bool = false, label: String? = nil,
        tell: @escaping (String) -> Void = { _ in }
    ) {
        self.model = model
        self.provider = provider
        self.store = store
        self.blobs = blobs
        self.cancellation = cancellation
        self.progress = progress
        self.now = now
        self.metadata = metadata
        self.ignoresStore = ignoresStore
        self.label = label ?? "generate \(model.displayName)"
        self.tell = tell
    }

    /// The completions in the order of the requests. Equal requests are asked once.
    ///
    /// Each completion is in the store before the next is waited for: killed at any moment, a second run
    /// asks only for the rest.
    /// - Parameter tryingFirst: whether the first request is asked alone, and no other where it fails.
    /// - Throws: `ProviderError`, `Interrupted`, what the store throws, and the `RowError` of a trial that failed.
    public func completions(
        _ requests: [CompletionRequest], tryingFirst: Bool = false
    ) throws -> [Result<Completion, RowError>] {
        var answers: [CompletionKey: Result<Completion, RowError>] = [:]
        var open: [CompletionRequest] = []
        var known: Set<CompletionKey> = []
        for request in requests where known.insert(request.key).inserted {
            if !ignoresStore, let stored = try store?.completion(for: request.key) {
                answers[request.key] = .success(stored)
                if !metadata.isEmpty { try keep(stored, for: request) }
            } else {
                open.append(request)
            }
        }
        let storedCount = answers.count
        let total = known.count
        let detail = storedCount > 0 ? "\(storedCount) from the store" : ""
        progress.report(
            Progress(label, done: storedCount, total: total, unit: "rows", detail: detail))
        func ask(_ asked: ArraySlice<CompletionRequest>) throws {
            guard !asked.isEmpty else { return }
            let asked = Array(asked)
            var traffic = TrafficReport()
            defer {
                traffic.sentence(label).map(tell)
                for note in traffic.notes { tell("\(label): \(note).") }
            }
            try send(asked) {
                traffic = $0
            } deliver: { deliveries in
                for delivery in deliveries { answers[asked[delivery.index].key] = delivery.result }
                let words = [detail, traffic.detail].filter { !$0.isEmpty }.joined(separator: ", ")
                progress.report(Progress(label, done: answers.count, total: total, unit: "rows", detail: words))
            }
        }
        if tryingFirst, let first = open.first {
            try ask(open.prefix(1))
            if case .failure(let error)? = answers[first.key] { throw error }
            open.removeFirst()
        }
        try ask(open[...])
        return requests.map { answers[$0.key] ?? .failure(RowError("the model gave no answer")) }
    }

    /// Sends requests and keeps what arrives before it is told.
    private func send(
        _ asked: [CompletionRequest], report: @escaping (TrafficReport) -> Void,
        deliver: @escaping ([CompletionSupervision.Delivery]) -> Void
    ) throws {
        let unsettled = try store?.unsettled(among: asked.map(\.key)) ?? []
        let supervision = CompletionSupervision(
            cancellation: cancellation, metadata: metadata, isStored: !metadata.isEmpty,
            unsettled: unsettled.isEmpty ? [] : Set(asked.indices.filter { unsettled.contains(asked[$0].key) }),
            sending: { places in try store?.willSend(places.map { asked[$0].key }, at: now()) },
            report: report
        ) { deliveries in
            var completed: [StoredCompletion] = []
            var unanswered: [CompletionKey] = []
            for delivery in deliveries {
                switch delivery.result {
                case .success(let completion): completed.append(stored(completion, for: asked[delivery.index]))
                case .failure: if !delivery.isUncertain { unanswered.append(asked[delivery.index].key) }
                }
            }
            if !completed.isEmpty { try store?.keep(completed, replacing: ignoresStore) }
            if !unanswered.isEmpty { try store?.settle(unanswered) }
            deliver(deliveries)
        }
        try provider.complete(asked, with: model, blobs: blobs, supervision: supervision)
    }

    private func keep(_ completion: Completion, for request: CompletionRequest) throws {
        try store?.keep(stored(completion, for: request), replacing: ignoresStore)
    }

    private func stored(_ completion: Completion, for request: CompletionRequest) -> StoredCompletion {
        StoredCompletion(
            request: request, completion: completion, modelName: model.displayName, metadata: metadata,
            createdAt: now())
    }
}
