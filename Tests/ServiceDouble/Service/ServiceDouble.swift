internal import Foundation
internal import Synchronization
internal import Tables

/// A service that speaks OpenAI's API on 127.0.0.1, keeps count of what was paid for, and fails as it is told to.
///
/// ```swift
/// let service = try ServiceDouble(.init(key: "sk-test", faults: .script([.unavailable, .resetAfterGenerating])))
/// // … a client asks service.baseURL …
/// #expect(service.ledger.paidTwice.isEmpty)
/// ```
/// It ends with the object. What it answers is a function of the request alone; what fails, of the plan of faults and
/// the order in which requests come.
public final class ServiceDouble: Sendable {
    private let listener: HTTPListener
    private let service: Service

    /// The port on 127.0.0.1.
    public var port: Int { listener.port }

    /// The host's address, without a path: `http://127.0.0.1:8123`.
    public var address: String { "http://127.0.0.1:\(listener.port)" }

    /// The address with the path under which the API lies: what clients call the base URL.
    public var baseURL: String { address + "/" + service.options.flavour.base.joined(separator: "/") }

    /// What was asked and paid for so far.
    public var ledger: Ledger { service.ledger.withLock { $0 } }

    /// How many requests came so far; cheaper than the whole ledger.
    public var requestCount: Int { service.ledger.withLock { $0.count } }

    /// Calls back once, on a thread of the double's, when so many requests have come; at once where they have.
    public func notify(atRequest count: Int, _ action: @escaping @Sendable () -> Void) {
        let isThere = service.ledger.withLock { ledger in
            if ledger.count < count { ledger.waiting.append(.init(isMet: { $0.count >= count }, action: action)) }
            return ledger.count >= count
        }
        if isThere { action() }
    }

    /// Calls back once, when the next request of a kind comes: after it was read, before anything comes of it.
    /// - Parameter suffix: what its path ends in.
    public func notify(atNext method: String, _ suffix: String, _ action: @escaping @Sendable () -> Void) {
        service.ledger.withLock { ledger in
            let begin = ledger.count
            ledger.waiting.append(
                .init(
                    isMet: { ledger in
                        guard let last = ledger.requests.last, last.ordinal >= begin else { return false }
                        return last.method == method && last.path.hasSuffix(suffix)
                    }, action: action))
        }
    }

    /// - Throws: `POSIXError` where the port is taken.
    public init(_ options: Options = Options()) throws {
        let service = Service(options)
        self.service = service
        listener = try HTTPListener(port: options.port)
        listener.start(pace: .init(bytes: options.pace.bytes, seconds: options.pace.seconds)) { connection in
            service.serve(&connection)
        }
    }

    deinit { stop() }

    /// Ends it; connections that are open are cut.
    public func stop() { listener.stop() }

    /// Requests that come from now on meet other faults; the plan counts them from 0.
    public func fail(by plan: FaultPlan) { service.plan.withLock { $0 = (plan, 0) } }

    /// Jobs, runs of evals and deployments go on by one step: the clock of `Progress.bySteps`.
    public func step() { service.world.withLock { $0.step(service.options) } }

    /// Counts from zero, as after a start.
    public func forgetLedger() {
        service.ledger.withLock { ledger in
            let (inFlight, waiting) = (ledger.inFlight, ledger.waiting)
            ledger = Ledger()
            ledger.inFlight = inFlight
            ledger.waiting = waiting
        }
    }
}

extension ServiceDouble.Flavour {
    /// The path's parts before the API's.
    var base: [String] { self == .azure ? ["openai", "v1"] : ["v1"] }
}
