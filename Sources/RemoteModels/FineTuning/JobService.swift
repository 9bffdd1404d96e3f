internal import Distillation
internal import OpenAIWire
internal import Tables

/// The calls of a service's API that fine-tuning takes. Each blocks until it is answered.
struct JobService: Sendable {
    /// A listing is followed so many pages; an account with more is not searched to its end.
    private static let mostPages = 100
    private static let pageSize = 100

    private let client: ServiceClient
    private let cancellation: Cancellation

    init(_ client: ServiceClient, cancellation: Cancellation) {
        self.client = client
        self.cancellation = cancellation
    }

    // MARK: Files

    /// Sends a file, once: where the answer is lost, it is found again by its name.
    func upload(_ file: TrainingFile) throws -> FileObject {
        let form = MultipartForm(file: file.bytes, name: file.name, purpose: .fineTune).encoded()
        return try object(
            ServiceCall(.post, "/files", body: .bytes(form.body, type: form.contentType)))
    }

    /// A file that the account already has; nil where it has none of that name that can be used.
    func file(named name: String) throws -> FileObject? {
        try first("/files", [("purpose", FilePurpose.fineTune.rawValue)]) { (file: FileObject) in
            file.name == name && file.status != .error && file.status != "deleted" && file.status != "deleting"
        }
    }

    /// A file by its id; nil where it is not there any more.
    func file(_ id: String) throws -> FileObject? { try existing("/files/\(ServiceCall.segment(id))") }

    func content(of file: String) throws -> [UInt8] {
        try send(ServiceCall(.get, "/files/\(ServiceCall.segment(file))/content")).body
    }

    // MARK: Jobs

    /// Asks for a job, once: whether it may be asked for again is not for HTTP to decide.
    /// - Parameter key: by which the service knows the request if it comes twice; nil where it knows no such keys.
    func create(_ request: FineTuningJobRequest, key: String?) throws -> FineTuningJob {
        try object(
            ServiceCall(
                .post, "/fine_tuning/jobs", body: .json(request.json), idempotencyKey: key, isRepeatable: key != nil))
    }

    /// A job by its id; nil where the service has none.
    func job(_ id: String) throws -> FineTuningJob? { try existing(path(id)) }

    /// Goes through the account's jobs, newest first.
    /// - Parameters:
    ///   - key: only jobs with this `distnb_key`, where the service filters by metadata; nil for all.
    ///   - visit: false ends it.
    func jobs(withKey key: String?, visit: (FineTuningJob) -> Bool) throws {
        try pages("/fine_tuning/jobs", key.map { [(name: "metadata[\(Self.keyName)]", value: $0)] } ?? [], visit: visit)
    }

    /// The name of our key in a job's metadata, and of the attempt.
    static let keyName = "distnb_key"
    static let attemptName = "distnb_attempt"

    func cancel(_ id: String) throws {
        _ = try send(ServiceCall(.post, "\(path(id))/cancel", body: .none, isRepeatable: true))
    }

    /// The events that a job had since one that is known, oldest first.
    func events(of id: String, since known: String?) throws -> [FineTuningEvent] {
        var found: [FineTuningEvent] = []
        try pages("\(path(id))/events", []) { (event: FineTuningEvent) in
            guard event.id != known || event.id.isEmpty else { return false }
            found.append(event)
            return true
        }
        // The newest come first (openai/openai-openapi, listFineTuningEvents); times decide where a server thinks
        // otherwise.
        let newestFirst = (found.first?.created ?? 0) >= (found.last?.created ?? 0)
        return newestFirst ? found.reversed() : found
    }

    /// What a job kept along the way; none where the service keeps none.
    func checkpoints(of id: String) throws -> [FineTuningCheckpoint] {
        var found: [FineTuningCheckpoint] = []
        try pages("\(path(id))/checkpoints", []) { (checkpoint: FineTuningCheckpoint) in
            found.append(checkpoint)
            return true
        }
        return found
    }

    private func path(_ id: String) -> String { "/fine_tuning/jobs/\(ServiceCall.segment(id))" }

    // MARK: How they are sent

    private func send(_ call: ServiceCall) throws -> ServiceAnswer { try client.send(call, cancellation: cancellation) }

    private func object<Object: WireObject>(_ call: ServiceCall) throws -> Object {
        let answer = try send(call)
        do throws(WireError) {
            return try Object(bytes: answer.body)
        } catch {
            throw ProviderError(
                "\(client.endpoint.host) answered \(call.method.rawValue) \(call.path) with what cannot be read. \(error)",
                hint: "does the address lead to a server with this part of OpenAI's API?")
        }
    }

    private func existing<Object: WireObject>(_ path: String) throws -> Object? {
        do {
            return try object(ServiceCall(.get, path))
        } catch let refusal as ServiceRefusal where refusal.status == 404 {
            return nil
        }
    }

    private func first<Element: Listed>(
        _ path: String, _ query: [(name: String, value: String)], where fits: (Element) -> Bool
    ) throws -> Element? {
        var found: Element?
        try pages(path, query) { (element: Element) in
            if fits(element) { found = element }
            return found == nil
        }
        return found
    }

    /// Goes through a listing page by page.
    /// - Parameter visit: false ends it.
    private func pages<Element: Listed>(
        _ path: String, _ query: [(name: String, value: String)], visit: (Element) -> Bool
    ) throws {
        var after: String?
        for _ in 0..<Self.mostPages {
            var parameters = query + [(name: "limit", value: String(Self.pageSize))]
            if let after { parameters.append((name: "after", value: after)) }
            let page: WirePage<Element> = try object(ServiceCall(.get, path, query: parameters))
            for element in page.elements { guard visit(element) else { return } }
            guard let next = page.next, next != after else { return }
            after = next
        }
    }
}
