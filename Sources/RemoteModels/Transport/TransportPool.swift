/// Exchanges that are under way at the same time, driven by the thread that asks for what became of them: there is no
/// thread for each.
///
/// A pool is used by one thread at a time; `TransportLender` sees to it.
package protocol TransportPool: AnyObject, Sendable {
    /// Begins an exchange. It goes on only while `events` is called.
    /// - Parameter id: what its event will carry; no other exchange that is under way has it.
    func start(_ request: HTTPExchange.Request, as id: Int)

    /// What ended, waiting for it if nothing did.
    /// - Parameter seconds: how long at the most; with no exchange under way it waits so long.
    func events(waiting seconds: Double) -> [TransportEvent]

    /// Ends an exchange without an event.
    func cancel(_ id: Int)

    /// Ends all exchanges without events.
    func cancelAll()
}

/// The end of an exchange.
package struct TransportEvent: Sendable {
    package let id: Int
    package let result: Result<HTTPExchange.Response, HTTPExchange.Failure>
    /// Seconds from the request's first byte to the response's last.
    package let seconds: Double

    package init(
        id: Int, result: Result<HTTPExchange.Response, HTTPExchange.Failure>, seconds: Double
    ) {
        self.id = id
        self.result = result
        self.seconds = seconds
    }
}
