internal import Foundation
internal import OrderedCollections
internal import Synchronization
internal import Tables

/// The service behind the sockets: takes requests, lets them fail as planned, keeps count.
final class Service: Sendable {
    let options: ServiceDouble.Options
    let ledger = Mutex(Ledger())
    /// What it keeps: stored completions, files, jobs.
    let world = Mutex(World())
    /// The plan of faults, and how many requests it has concerned.
    let plan: Mutex<(plan: FaultPlan, count: Int)>
    let replies = ReplyTable()
    let limiter: RateLimiter?
    private let slots: DispatchSemaphore?

    init(_ options: ServiceDouble.Options) {
        self.options = options
        plan = Mutex((options.faults, 0))
        limiter = options.limit.map(RateLimiter.init)
        slots = options.capacity.map { DispatchSemaphore(value: max(1, $0.slots)) }
        guard options.flavour == .azure else { return }
        world.withLock { world in
            for name in options.models { world.deployments[name] = Deployment(name) }
        }
    }

    // MARK: One connection

    /// Answers requests until the connection ends.
    func serve(_ connection: inout HTTPConnection) {
        while let head = try? connection.readHead() {
            let fault = fault(for: head)
            if fault == .resetWhileReading {
                connection.readSome()
                _ = arrive(HTTPRequest(head: head, body: []), fault)
                depart(0)
                _ = connection.send(.nothing(.reset), closing: true)
                return
            }
            guard let body = try? connection.readBody(of: head) else { return }
            let request = HTTPRequest(head: head, body: body)
            let visit = Visit(ordinal: arrive(request, fault), fault: fault)
            let began = DispatchTime.now().uptimeNanoseconds
            var reply = answer(request, visit)
            if options.repeatsKey { reply = reply.repeating(request.head.headers["authorization"]) }
            if !reply.isMute {
                let milliseconds = (DispatchTime.now().uptimeNanoseconds - began) / 1_000_000
                reply.headers += [
                    ("x-request-id", "req_\(visit.ordinal)"), ("openai-processing-ms", String(milliseconds)),
                ]
            }
            // Before it is sent: who has the reply in hand may look at the counters, or ask again.
            depart(reply.isMute ? 0 : reply.status)
            guard connection.send(reply, closing: head.closes) else { return }
        }
    }

    private func fault(for head: HTTPHead) -> Fault? {
        plan.withLock { state in
            guard state.plan.scope.contains(head) else { return nil }
            defer { state.count += 1 }
            return state.plan.fault(state.count)
        }
    }

    private func arrive(_ request: HTTPRequest, _ fault: Fault?) -> Int {
        let (ordinal, actions) = ledger.withLock { ledger -> (Int, [@Sendable () -> Void]) in
            let ordinal = ledger.count
            ledger.count += 1
            ledger.firstAt = ledger.firstAt ?? Service.now
            ledger.inFlight += 1
            ledger.mostInFlight = max(ledger.mostInFlight, ledger.inFlight)
            if let fault { ledger.faults[fault, default: 0] += 1 }
            if ledger.requests.count < options.recorded {
                ledger.requests.append(
                    Ledger.Request(
                        ordinal: ordinal, method: request.head.method, path: request.head.path,
                        target: request.head.target, headers: request.head.headers, body: request.body, fault: fault))
            }
            guard !ledger.waiting.isEmpty else { return (ordinal, []) }
            let seen = ledger
            let due = ledger.waiting.filter { $0.isMet(seen) }.map(\.action)
            ledger.waiting.removeAll { $0.isMet(seen) }
            return (ordinal, due)
        }
        for action in actions { action() }
        return ordinal
    }

    private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    private func depart(_ status: Int) {
        ledger.withLock { ledger in
            ledger.inFlight -= 1
            ledger.lastAt = Service.now
            ledger.statuses[status, default: 0] += 1
        }
    }

    // MARK: One request

    private func answer(_ request: HTTPRequest, _ visit: Visit) -> HTTPReply {
        if visit.fault == .resetBeforeGenerating { return .nothing(.reset) }
        if request.head.segments.first == "double" { return control(request) }
        do throws(Refusal) {
            let (route, arguments) = try route(for: request.head)
            try checkKey(request.head, route)
            if let refused = visit.fault?.refusal(options) { return refused }
            let reply = try route.answer(self, Call(request: request, arguments: arguments, visit: visit))
            return visit.fault?.spoiling(reply, options) ?? reply
        } catch {
            if error.status == 429 { ledger.withLock { $0.refusedByLimit += 1 } }
            return error.reply(options.flavour)
        }
    }

    /// What is the double's own: its counters.
    private func control(_ request: HTTPRequest) -> HTTPReply {
        guard request.head.segments == ["double", "report"] else {
            return Refusal(404, "The double has /double/report.").reply(.openAI)
        }
        return HTTPReply(ledger.withLock { $0.report })
    }

    private func checkKey(_ head: HTTPHead, _ route: Route) throws(Refusal) {
        guard let key = route.isManagement ? options.managementToken : options.key else { return }
        let bearer = head.headers["authorization"].flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
        let given = options.flavour == .azure && !route.isManagement ? head.headers["api-key"] ?? bearer : bearer
        guard let given, !given.isEmpty else {
            throw Refusal(
                401, "You didn't provide an API key; it goes into the Authorization header as `Bearer YOUR_KEY`.")
        }
        // As OpenAI does: what is shown of a wrong key is its beginning and its end.
        guard given == key else {
            let shown = given.count > 12 ? "\(given.prefix(8))***\(given.suffix(4))" : "***"
            throw Refusal(401, "Incorrect API key provided: \(shown).", code: "invalid_api_key")
        }
    }

    // MARK: Work

    /// Does what takes time, within the capacity.
    /// - Throws: a refusal where nothing is free and nothing may wait.
    func working<Result>(_ work: () -> Result) throws(Refusal) -> Result {
        guard let slots, let capacity = options.capacity else { return work() }
        if capacity.queues {
            slots.wait()
        } else if slots.wait(timeout: .now()) != .success {
            throw .rateLimited("More than \(capacity.slots) requests at once. Ask again later.")
        }
        defer { slots.signal() }
        return work()
    }
}

/// Which request of all it is, and what befalls it.
struct Visit: Sendable {
    let ordinal: Int
    let fault: Fault?
}

/// A request on its route.
struct Call: Sendable {
    let request: HTTPRequest
    /// What stands at the route's placeholders.
    let arguments: [String]
    let visit: Visit

    var head: HTTPHead { request.head }

    /// The argument at a placeholder.
    func argument(_ index: Int) -> String { arguments.indices.contains(index) ? arguments[index] : "" }

    /// The body as a JSON record.
    func body() throws(Refusal) -> Record {
        guard let value = try? JSON.parse(request.body), case .record(let record) = value else {
            throw Refusal(400, "The body of your request could not be parsed as JSON.")
        }
        return record
    }
}

extension FaultPlan.Scope {
    func contains(_ head: HTTPHead) -> Bool {
        guard head.segments.first != "double" else { return false }
        switch self {
        case .everything: return true
        case .path(let text): return head.path.contains(text)
        case .generation:
            return head.method == "POST"
                && (head.path.hasSuffix("/chat/completions") || head.path.hasSuffix("/embeddings"))
        }
    }
}
