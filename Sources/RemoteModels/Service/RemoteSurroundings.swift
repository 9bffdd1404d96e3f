internal import Foundation

/// What a client of services has around it: time, chance, secrets and the network. Tests give their own.
package struct RemoteSurroundings: Sendable {
    /// Seconds of a clock that never goes back.
    package var now: @Sendable () -> Double
    /// Seconds since 1970, for what services say in dates.
    package var date: @Sendable () -> Double
    /// Of the pauses between tries.
    package var seed: UInt64
    package var secrets: ServiceSecret
    package var network: TransportLender

    package init(
        now: @escaping @Sendable () -> Double, date: @escaping @Sendable () -> Double, seed: UInt64,
        secrets: ServiceSecret, network: TransportLender
    ) {
        self.now = now
        self.date = date
        self.seed = seed
        self.secrets = secrets
        self.network = network
    }

    /// The real ones.
    /// - Parameters:
    ///   - environment: where keys may stand.
    ///   - agent: what the program calls itself, as in `distnb/1.0.0`.
    ///   - told: called with each secret that is read, so that it can be kept out of files.
    package static func real(
        environment: [String: String], agent: String, told: @escaping @Sendable (String) -> Void = { _ in }
    ) -> RemoteSurroundings {
        RemoteSurroundings(
            now: { ProcessInfo.processInfo.systemUptime }, date: { Date().timeIntervalSince1970 },
            seed: UInt64.random(in: .min ... .max), secrets: ServiceSecret(environment: environment, told: told),
            network: TransportLender { CurlPool(agent: agent) })
    }
}
