internal import Tables

/// Keeps every completion from the moment it arrives, so that none is asked for twice.
public protocol CompletionStoring: Sendable {
    /// The completion of a request, where it is there.
    func completion(for key: CompletionKey) throws -> Completion?

    /// Keeps a completion; tags are joined with those that are there.
    /// - Parameter replacing: whether it takes the place of one that is there already, which stays otherwise.
    func keep(_ completion: StoredCompletion, replacing: Bool) throws

    /// Keeps several at once, all or none.
    func keep(_ completions: [StoredCompletion], replacing: Bool) throws

    /// Remembers that requests are about to leave for a service that is paid for them; `keep` and `settle` forget it.
    func willSend(_ keys: [CompletionKey], at seconds: Double) throws

    /// Forgets requests that were sent and that the service is known not to have answered.
    func settle(_ keys: [CompletionKey]) throws

    /// Requests among these that were sent, whose answers never arrived and are not known to be missing: the process
    /// was killed, or the connection broke.
    func unsettled(among keys: [CompletionKey]) throws -> Set<CompletionKey>

    /// Changes whenever completions or tags were added.
    func revision() throws -> String

    /// Completions that fit, oldest first.
    func completions(_ filter: CompletionFilter) throws -> [StoredCompletion]

    /// Takes away completions whose time is over, where it is time to look for them. To be called where no cell of the
    /// notebook at hand is going to look one up.
    /// - Returns: how many; nil where it was not the time.
    func removeExpired() throws -> Int?
}

/// Stores whose models run in this process, where nothing is sent.
extension CompletionStoring {
    public func keep(_ completions: [StoredCompletion], replacing: Bool) throws {
        for completion in completions { try keep(completion, replacing: replacing) }
    }

    public func willSend(_ keys: [CompletionKey], at seconds: Double) throws {}

    public func settle(_ keys: [CompletionKey]) throws {}

    public func unsettled(among keys: [CompletionKey]) throws -> Set<CompletionKey> { [] }

    public func removeExpired() throws -> Int? { nil }
}

/// A completion with what it answered.
public struct StoredCompletion: Sendable {
    public let request: CompletionRequest
    public let completion: Completion
    /// What the model was called when it was asked.
    public let modelName: String
    /// Tags given by `store: {…}`.
    public let metadata: [String: String]
    /// Seconds since 1970.
    public let createdAt: Double
    /// Under what it is stored: the request's key, but for an imported completion whose request is not known in full.
    /// Such a one is found by its tags and words, and answers no request.
    public let key: CompletionKey

    /// - Parameter key: the request's unless given.
    public init(
        request: CompletionRequest, completion: Completion, modelName: String, metadata: [String: String],
        createdAt: Double, key: CompletionKey? = nil
    ) {
        self.request = request
        self.completion = completion
        self.modelName = modelName
        self.metadata = metadata
        self.createdAt = createdAt
        self.key = key ?? request.key
    }
}

/// Which completions to read back.
public struct CompletionFilter: Sendable {
    /// Tags that must all be there.
    public var metadata: [String: String]
    /// Not before, seconds since 1970.
    public var since: Double?
    /// Before, seconds since 1970.
    public var until: Double?
    /// What the model was called, or its id.
    public var model: String?
    /// The one model that answered.
    public var identity: ModelIdentity?
    /// Words that stand in the conversation or the answer, in capitals or not.
    public var words: String?
    /// Only those with tags, or only those without; nil for both.
    public var isTagged: Bool?
    public var limit: Int?
    /// Whether the limit keeps the newest; they still come oldest first.
    public var takesNewest: Bool

    public init(
        metadata: [String: String] = [:], since: Double? = nil, until: Double? = nil, model: String? = nil,
        identity: ModelIdentity? = nil, words: String? = nil, isTagged: Bool? = nil, limit: Int? = nil,
        takesNewest: Bool = false
    ) {
        self.metadata = metadata
        self.since = since
        self.until = until
        self.model = model
        self.identity = identity
        self.words = words
        self.isTagged = isTagged
        self.limit = limit
        self.takesNewest = takesNewest
    }

    /// Whether the words stand in a completion; without words they do.
    public func words(standIn stored: StoredCompletion) -> Bool {
        guard let words, !words.isEmpty else { return true }
        let wanted = words.lowercased()
        return stored.completion.text.lowercased().contains(wanted)
            || stored.request.messages.contains { $0.content.lowercased().contains(wanted) }
    }
}
