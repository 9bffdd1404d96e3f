internal import Foundation
internal import Notebook
internal import RemoteModels

/// The keys of this process: where they come from, and that none of them gets into a file.
enum Secrets {
    /// Keys that commands print and services give, as they become known.
    private static let ledger = SecretLedger()

    /// Keys and tokens of the environment must not get into files, nor where the user's home is.
    static var redaction: Redaction {
        let environment = ProcessInfo.processInfo.environment
        let endings = ["_KEY", "_TOKEN", "_SECRET", "_PASSWORD"]
        let secrets = environment.filter { name, _ in endings.contains { name.uppercased().hasSuffix($0) } }
        return Redaction(
            secrets: Array(secrets.values), home: environment["HOME"] ?? NSHomeDirectory(), ledger: ledger)
    }

    /// The network, the clock and the keys of the environment, for kernels that reach a service.
    static var surroundings: RemoteSurroundings {
        RemoteSurroundings.real(
            environment: ProcessInfo.processInfo.environment, agent: "distnb/\(Distnb.version)", told: ledger.insert)
    }
}
