internal import Tables

/// Keeps every completion from the moment it arrives, so that none is asked for twice.
public protocol CompletionStoring: Sendable {
    /// The completion of a request, where it is there.
    func completion(for key: CompletionKey) throws -> Completion?

    /// Keeps a completion; tags are joined with those that are there.
    /// - Parameter replacing: whether it takes the place of one that is there already, which stays otherwise.
    func keep(_ completion: StoredCompletion, replacing: Bool) throws

    /// Changes whenever completions or tags were added.
    func revision() throws -> String

    /// Completions that fit, oldest first.
    func completions(_ filter: CompletionFilter) throws -> [StoredCompletion]
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

    public init(
        request: CompletionRequest, completion: Completion, modelName: String, metadata: [String: String],
        createdAt: Double
    ) {
        self.request = request
        self.completion = completion
        self.modelName = modelName
        self.metadata = metadata
        self.createdAt = createdAt
    }
}

/// Which completions to read back.
public struct CompletionFilter: Sendable {
    /// Tags that must all be there.
    public var metadata: [String: String]
    /// Not before, seconds since 1970.
    public var since: Double?
    public var limit: Int?

    public init(metadata: [String: String] = [:], since: Double? = nil, limit: Int? = nil) {
        self.metadata = metadata
        self.since = since
        self.limit = limit
    }
}
