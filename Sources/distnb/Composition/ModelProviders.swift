internal import Distillation
internal import Foundation
internal import LanguageModel
internal import RemoteModels

/// Makes what runs a kernel's models: the embedded engine, a service, a tape, or several of them side by side.
struct ModelProviders {
    let profile: KernelProfile
    let activity: ActivityReport
    let surroundings: RemoteSurroundings

    /// - Parameter tape: what answers for the recorded models, where the kernel is a tape.
    /// - Throws: `KernelError` for a provider that there is not.
    func provider(tape: Tape?) throws -> any ModelProvider {
        let names = Set(profile.models.values.compactMap(\.provider) + [profile.embedding?.provider].compactMap(\.self))
        var others: [String: any ModelProvider] = [:]
        for name in names where name != profile.provider { others[name] = try single(name, tape) }
        let own = try single(profile.provider, tape)
        return others.isEmpty ? own : RoutedProvider(kernel: profile, own: own, others: others)
    }

    private func single(_ name: String, _ tape: Tape?) throws -> any ModelProvider {
        if name == KernelProfile.embedded {
            let provider = EmbeddedProvider(
                weights: Home.weights, kernel: profile.folders, embedding: profile.embedding)
            activity.watch(provider.activity)
            return provider
        }
        if name == KernelProfile.tapeProvider, let tape { return TapeProvider(tape) }
        if name == profile.service?.flavour.rawValue, let provider = RemoteProvider(profile, surroundings: surroundings)
        {
            return provider
        }
        throw KernelError(
            "The kernel \(profile.name) needs the provider \(name), which this version does not have; there are "
                + "embedded, openai, azure and compatible.")
    }
}
