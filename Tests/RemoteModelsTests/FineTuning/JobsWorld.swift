import Distillation
import Foundation
import OpenAIWire
import OrderedCollections
import RemoteModels
import Synchronization
import Tables

/// A service with files, jobs and deployments, all of it in memory and in a time of its own, whose clients can be killed
/// at any instant.
///
/// A killed client is not heard any more and writes nothing any more; what the service has taken stays.
final class JobsWorld: Sendable {
    /// What happens to the client at one of its effects: requests that it sends, checkpoints that it writes.
    enum Death: Sendable { case before, after }

    struct State: Sendable {
        var time = 1_000_000.0
        var files: [FileObject] = []
        var contents: [String: [UInt8]] = [:]
        var jobs: [FineTuningJobRequest] = []
        var began: [Double] = []
        var cancelled: Set<Int> = []
        var deployments: OrderedDictionary<String, (model: String, began: Double)> = [:]
        var puts = 0
        var uploads = 0
        var log: [String] = []
        var heads: [String: [String]] = [:]
        var checkpoints: [String: Data] = [:]
        // The client's life.
        var effects = 0
        var deathAt: (Int, Death)?
        var isDead = false
        /// Answers that replace the service's own, by "METHOD path".
        var answers: [String: (Int, String)] = [:]
        /// Requests whose answer is lost on the way, by "METHOD path", so often.
        var lost: [String: Int] = [:]
        var interruptAt: Double?
    }

    let state = Mutex(State())
    let flavour: ServiceProfile.Flavour
    let keepsMetadata: Bool
    /// Status by seconds since the job began, the last one for good.
    let course: [(Double, String)]
    let failure: FineTuningJob.Failure?
    /// Seconds from a job's success to its model's name.
    let nameDelay: Double

    init(
        _ flavour: ServiceProfile.Flavour = .openai, keepsMetadata: Bool = true,
        course: [(Double, String)] = [(0, "validating_files"), (10, "queued"), (20, "running"), (80, "succeeded")],
        failure: FineTuningJob.Failure? = nil, nameDelay: Double = 0
    ) {
        self.nameDelay = nameDelay
        self.flavour = flavour
        self.keepsMetadata = keepsMetadata
        self.course = course
        self.failure = failure
    }

    func read<Result>(_ body: (State) -> Result) -> Result { state.withLock { body($0) } }

    // MARK: The client

    var profile: ServiceProfile {
        ServiceProfile(
            flavour: flavour,
            endpoint: flavour == .azure ? "https://lab.openai.azure.com/openai/v1" : "https://api.openai.com/v1",
            key: .environment("KEY"), features: [.fineTuning],
            deployment: flavour == .azure
                ? ServiceProfile.Deployment(
                    account: "https://management.azure.com/accounts/lab", token: .environment("TOKEN"))
                : nil)
    }

    /// A new process: alive, and with other randomness.
    func client(killedAt death: (Int, Death)? = nil, seed: UInt64 = 1) -> RemoteFineTuning {
        state.withLock { state in
            state.effects = 0
            state.deathAt = death
            state.isDead = false
            state.interruptAt = nil
        }
        return RemoteFineTuning(profile, kernel: "lab", surroundings: surroundings(seed: seed))
    }

    func surroundings(seed: UInt64 = 1) -> RemoteSurroundings {
        RemoteSurroundings(
            now: { self.read(\.time) }, date: { self.read(\.time) }, seed: seed,
            secrets: ServiceSecret(environment: ["KEY": "sk-test", "TOKEN": "token-test"]),
            network: TransportLender { Pool(self) })
    }

    /// What a training tells.
    final class Told: Sendable {
        struct Words: Sendable {
            var stages: [String] = []
            var notes: [String] = []
            var steps: [TrainingStep] = []
        }
        let words = Mutex(Words())
        var stages: [String] { words.withLock(\.stages) }
        var notes: [String] { words.withLock(\.notes) }
        var steps: [TrainingStep] { words.withLock(\.steps) }
    }

    func supervision(_ told: Told = Told(), offer: @escaping @Sendable (String) -> Bool = { _ in false })
        -> TrainingSupervision
    {
        TrainingSupervision(
            checkpoints: Checkpoints(world: self),
            cancellation: Cancellation {
                self.read { state in state.isDead || state.interruptAt.map { state.time >= $0 } ?? false }
            },
            report: { step in told.words.withLock { $0.steps.append(step) } },
            stage: { words in told.words.withLock { if $0.stages.last != words { $0.stages.append(words) } } },
            tell: { words in told.words.withLock { $0.notes.append(words) } },
            offer: { question in
                told.words.withLock { $0.notes.append("? \(question)") }
                return offer(question)
            })
    }

    /// Counts an effect; true where the client does not live to cause it.
    private func diesBefore(_ state: inout State) -> Bool {
        guard !state.isDead else { return true }
        state.effects += 1
        if let (count, death) = state.deathAt, state.effects == count {
            state.isDead = true
            return death == .before
        }
        return false
    }

    struct Checkpoints: CheckpointStoring {
        let world: JobsWorld
        func read(_ key: String) -> Data? { world.read { $0.checkpoints[key] } }
        func write(_ key: String, _ pieces: [Data]) throws {
            world.state.withLock { state in
                guard !world.diesBefore(&state) else { return }
                state.checkpoints[key] = pieces.reduce(Data(), +)
            }
        }
        func remove(_ key: String) {
            world.state.withLock { state in
                guard !world.diesBefore(&state) else { return }
                state.checkpoints[key] = nil
            }
        }
        func finish(_ key: String) {}
        func settleFinished(areKept: Bool) {}
        func removeOthers() {}
    }

    final class Pool: TransportPool {
        let world: JobsWorld
        let pending = Mutex<[TransportEvent]>([])

        init(_ world: JobsWorld) { self.world = world }

        func start(_ request: HTTPExchange.Request, as id: Int) {
            guard let result = world.exchange(request) else { return }
            pending.withLock { $0.append(TransportEvent(id: id, result: result, seconds: 0.01)) }
        }

        func events(waiting seconds: Double) -> [TransportEvent] {
            let events = pending.withLock { pending in
                defer { pending = [] }
                return pending
            }
            if events.isEmpty { world.state.withLock { $0.time += seconds } }
            return events
        }

        func cancel(_ id: Int) { pending.withLock { $0 = [] } }
        func cancelAll() { pending.withLock { $0 = [] } }
    }

    // MARK: The service

    /// - Returns: nil where the client is dead by the time of the answer.
    func exchange(_ request: HTTPExchange.Request) -> Result<HTTPExchange.Response, HTTPExchange.Failure>? {
        state.withLock { state -> Result<HTTPExchange.Response, HTTPExchange.Failure>? in
            guard !diesBefore(&state) else { return nil }
            let url = URLComponents(string: request.url)
            let path = (url?.path ?? "").replacingOccurrences(of: "/openai/v1", with: "/v1")
            let what = "\(request.method.rawValue) \(path)"
            state.log.append(what)
            for (name, value) in request.fields { state.heads[name.lowercased(), default: []].append(value) }
            if let (status, body) = state.answers[what] { return .success(.init(status, body: Array(body.utf8))) }
            let answer = respond(request.method, path, url?.queryItems ?? [], request.body ?? [], &state)
            if let count = state.lost[what], count > 0 {
                state.lost[what] = count - 1
                return .failure(.init(.network(.cut), hasLeft: true))
            }
            if state.isDead { return nil }
            return .success(.init(answer.0, body: JSON.bytes(answer.1)))
        }
    }

    private static func refusal(_ status: Int, _ message: String, _ code: String) -> (Int, Value) {
        (status, ["error": ["message": .string(message), "type": "invalid_request_error", "code": .string(code)]])
    }

    private func respond(
        _ method: HTTPExchange.Method, _ path: String, _ query: [URLQueryItem], _ body: [UInt8], _ state: inout State
    ) -> (Int, Value) {
        let parts = path.split(separator: "/").map(String.init)
        if parts.first == "accounts" { return deployments(method, Array(parts.dropFirst(2)), body, &state) }
        switch (method, parts.dropFirst().first, parts.count) {
        case (.get, "files", 2): return (200, page(state.files.reversed(), query).json)
        case (.post, "files", 2): return (200, upload(body, &state).json)
        case (.get, "files", 3):
            guard let file = state.files.first(where: { $0.id == parts[2] }) else { break }
            return (200, file.json)
        case (.get, "files", 4):
            return (200, .string("unused"))
        case (.post, "fine_tuning", 3):
            guard let request = try? FineTuningJobRequest(bytes: body) else { break }
            state.jobs.append(request)
            state.began.append(state.time)
            return (200, job(state.jobs.count - 1, state).json)
        case (.get, "fine_tuning", 3):
            let all = state.jobs.indices.reversed().map { job($0, state) }
            let key = query.first { $0.name == "metadata[distnb_key]" }?.value
            return (200, page(all.filter { key == nil || $0.metadata["distnb_key"] == key }, query).json)
        case (_, "fine_tuning", 4...):
            guard let index = Int(parts[3].dropFirst("ftjob-".count)), state.jobs.indices.contains(index) else { break }
            switch (method, parts.count > 4 ? parts[4] : "") {
            case (.get, ""): return (200, job(index, state).json)
            case (.get, "events"): return (200, page(events(index, state).reversed(), query).json)
            case (.get, "checkpoints"): return (200, page(checkpoints(index, state), query).json)
            case (.post, "cancel"):
                state.cancelled.insert(index)
                return (200, job(index, state).json)
            default: break
            }
        case (.post, "chat", 3):
            let model = (try? JSON.parse(body))?[field: "model"].text ?? ""
            guard state.deployments[model] != nil else {
                return Self.refusal(404, "The API deployment for this resource does not exist.", "DeploymentNotFound")
            }
            return Self.refusal(400, "[] is too short - 'messages'", "")
        default: break
        }
        return Self.refusal(404, "no \(method.rawValue) \(path)", "not_found")
    }

    private func page<Element: Listed>(_ all: [Element], _ query: [URLQueryItem]) -> WirePage<Element> {
        let limit = query.first { $0.name == "limit" }?.value.flatMap { Int($0) } ?? 20
        let after = query.first { $0.name == "after" }?.value
        let start = after.flatMap { id in all.firstIndex { $0.id == id } }.map { $0 + 1 } ?? 0
        return WirePage(Array(all[start...].prefix(limit)), hasMore: all.count - start > limit)
    }

    private func upload(_ body: [UInt8], _ state: inout State) -> FileObject {
        state.uploads += 1
        let text = String(decoding: body, as: UTF8.self)
        let boundary = text.split(separator: "\r\n").first.map { String($0.dropFirst(2)) } ?? ""
        let form = try? MultipartForm(body: body, contentType: "multipart/form-data; boundary=\(boundary)")
        let part = form?["file"]
        let file = FileObject(
            id: "file-\(state.uploads)", size: part?.content.count ?? 0, created: Int(state.time),
            name: part?.filename ?? "", purpose: .fineTune)
        state.files.append(file)
        state.contents[file.id] = part?.content ?? []
        return file
    }

    private func job(_ index: Int, _ state: State) -> FineTuningJob {
        let request = state.jobs[index]
        let age = state.time - state.began[index]
        let status = state.cancelled.contains(index) ? "cancelled" : course.last { $0.0 <= age }?.1 ?? "queued"
        let isDone = status == course.last?.1 && course.last?.1 == "succeeded"
        let model =
            flavour == .azure
            ? "\(request.model).ft-\(index)" : "ft:\(request.model):org:\(request.suffix ?? ""):\(index)"
        return FineTuningJob(
            id: "ftjob-\(index)", created: Int(state.began[index]), model: request.model,
            trainingFile: request.trainingFile, validationFile: request.validationFile,
            method: FineTuningMethod(
                .supervised,
                Hyperparameters(epochs: request.method.hyperparameters?.epochs ?? .value(2), batchSize: .value(-1))),
            status: JobStatus(rawValue: status),
            fineTunedModel: isDone && age >= (course.last?.0 ?? 0) + nameDelay ? model : nil,
            finished: isDone ? Int(state.began[index] + 80) : nil, trainedTokens: isDone ? 1_234 : nil,
            failure: status == "failed" ? failure : nil, seed: request.seed ?? 0,
            metadata: keepsMetadata ? request.metadata : nil, organization: "org")
    }

    /// A step each 10 seconds of running, six in all, with a message before.
    private func events(_ index: Int, _ state: State) -> [FineTuningEvent] {
        let age = state.time - state.began[index]
        var events = [FineTuningEvent(id: "e\(index)-0", created: Int(state.began[index]), message: "Created")]
        for step in 1...6 where age >= 20 + Double(step) * 10 {
            events.append(
                FineTuningEvent(
                    id: "e\(index)-\(step)", created: Int(state.began[index]) + 20 + step * 10,
                    message: "Step \(step)/6: training loss=\(1.0 / Double(step))",
                    metrics: TrainingMetrics(step: step, loss: 1.0 / Double(step), validLoss: 2.0)))
        }
        return events
    }

    private func checkpoints(_ index: Int, _ state: State) -> [FineTuningCheckpoint] {
        guard state.time - state.began[index] >= 80 else { return [] }
        return [3, 6].map { step in
            FineTuningCheckpoint(
                id: "c\(step)", created: 0, job: "ftjob-\(index)", model: "ft:x:ckpt-step-\(step)", step: step,
                metrics: TrainingMetrics(step: step, fullValidLoss: 0.5 + 1.0 / Double(step)))
        }
    }

    private func deployments(
        _ method: HTTPExchange.Method, _ parts: [String], _ body: [UInt8], _ state: inout State
    ) -> (Int, Value) {
        func shown(_ name: String) -> Value? {
            guard let (model, began) = state.deployments[name] else { return nil }
            let state: ProvisioningState = state.time - began < 20 ? .creating : .succeeded
            return Deployment(
                id: "/accounts/lab/deployments/\(name)", name: name, state: state,
                as: Deployment(model: model, sku: "standard", capacity: 1)
            ).json
        }
        guard parts.first == "deployments" else { return Self.refusal(404, "no account", "ParentResourceNotFound") }
        guard parts.count == 2 else {
            return (200, ["value": .list(state.deployments.keys.compactMap(shown))])
        }
        switch method {
        case .get: return shown(parts[1]).map { (200, $0) } ?? Self.refusal(404, "none", "DeploymentNotFound")
        case .put:
            state.puts += 1
            let model = (try? Deployment(bytes: body))?.model ?? ""
            if state.deployments[parts[1]] == nil { state.deployments[parts[1]] = (model, state.time) }
            return (201, shown(parts[1]) ?? .null)
        case .delete: return (state.deployments.removeValue(forKey: parts[1]) == nil ? 204 : 202, .null)
        case .post: return Self.refusal(405, "PUT deploys", "")
        }
    }
}

extension FineTuneJob {
    /// A job of so many rows.
    static func lesson(
        rows: Int = 12, validation: Int = 3, options: FineTuneOptions = FineTuneOptions(), given: Set<String> = [],
        suffix: String? = nil, model: String = "gpt-4.1-mini-2025-04-14"
    ) -> FineTuneJob {
        func row(_ number: Int, _ kind: String) -> [Distillation.ChatMessage] {
            [
                ChatMessage(role: "system", content: "You are Cora."),
                ChatMessage(role: "user", content: "\(kind) question \(number)?"),
                ChatMessage(role: "assistant", content: "Answer \(number)."),
            ]
        }
        let specification = ModelSpecification(id: model)
        return FineTuneJob(
            base: Model(
                alias: "student", specification: specification, identity: ModelIdentity(endpoint: "lab", id: model)),
            examples: (0..<rows).map { row($0, "training") },
            validation: (0..<validation).map { row($0, "validation") },
            options: options, given: given, suffix: suffix)
    }
}
