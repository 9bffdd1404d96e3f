internal import ArgumentParser
internal import Distillation
internal import LanguageServer
internal import Synchronization

struct LanguageServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lsp",
        abstract: "Serve editors: mistakes, completion, help and layout, by the language server protocol.",
        discussion: "Editors start it and talk to it over standard input and output; it runs and writes nothing.")

    /// Some clients say so; there is no other way.
    @Flag(help: ArgumentHelp("Talk over standard input and output, as it does anyway.", visibility: .hidden))
    var stdio = false

    func run() throws {
        let kernels = KnownKernels()
        let server = LanguageServer(
            surroundings: Surroundings(kernel: { kernels.profile(named: $0) }), version: Distnb.configuration.version)
        var loop = LanguageServerLoop(server)
        throw ExitCode(loop.run())
    }
}

/// Kernels that were looked for, as long as the server runs: with every key they are asked for again.
private final class KnownKernels: Sendable {
    private let known = Mutex<[String: KernelProfile?]>([:])

    /// The kernel of a name; nil where there is none that can be used.
    func profile(named name: String) -> KernelProfile? {
        if let found = known.withLock({ $0[name] }) { return found }
        let profile = try? KernelFolders.profile(named: name)
        known.withLock { $0[name] = .some(profile) }
        return profile
    }
}
