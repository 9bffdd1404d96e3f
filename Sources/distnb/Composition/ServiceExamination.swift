internal import Distillation
internal import Foundation
internal import Notebook
internal import OrderedCollections
internal import RemoteModels
internal import Tables

/// Looks whether a kernel's service can be used: its key, the way to it, its models, what it can do. Asks for nothing
/// that is paid for, and never shows a key.
struct ServiceExamination {
    private let service: ServiceProfile
    private let kernel: KernelProfile
    private let isAsked: Bool
    // One for all: a command that prints the key is run once.
    private let surroundings = Secrets.surroundings

    /// - Parameter isAsked: whether the service may be called.
    init(_ service: ServiceProfile, of kernel: KernelProfile, isAsked: Bool) {
        self.service = service
        self.kernel = kernel
        self.isAsked = isAsked
    }

    /// Where the key comes from and whether it is there, in a sentence.
    var keyLine: String {
        guard let place = ServiceSecret.place(service.key) else { return "It needs no key." }
        switch (service.key, surroundings.secrets.isThere(service.key)) {
        case (.optional, false?): return "Its key would come from \(place), which is not set: none is sent."
        case (_, false?): return "Its key comes from \(place), which is not set."
        case (_, true?): return "Its key comes from \(place), which is set."
        case (_, nil): return "Its key comes from \(place)."
        }
    }

    var findings: [Finding] {
        var findings = [key]
        guard isAsked else {
            findings.append(
                Finding(.good, "\(service.endpoint) was not called: distnb doctor --kernel \(kernel.name) does"))
            return findings
        }
        guard findings[0].level != .problem else { return findings + features }
        return findings + reach() + features
    }

    private var key: Finding {
        let text = keyLine.dropLast()
        guard isAsked else { return Finding(.good, String(text)) }
        do {
            // A command is run: whether it prints a key is what is wanted to be known.
            _ = try surroundings.secrets.read(service.key, for: kernel.name)
            return Finding(.good, String(text))
        } catch let error as ProviderError {
            return Finding(.problem, error.description, hint: error.hint)
        } catch {
            return Finding(.problem, "\(error)")
        }
    }

    /// One listing of models, once, with its time.
    private func reach() -> [Finding] {
        var once = service
        once.limits.tries = 1
        once.limits.timeout = min(service.limits.timeout, 20)
        let client = ServiceClient(ServiceEndpoint(once, kernel: kernel.name), surroundings: surroundings)
        let start = ProcessInfo.processInfo.systemUptime
        do {
            let answer = try client.send(ServiceCall(.get, "/models", timeout: 20))
            let seconds = ProcessInfo.processInfo.systemUptime - start
            let list = ((try? JSON.parse(answer.body)) ?? .null)[field: "data"].list ?? []
            let there = Finding(
                .good,
                "\(service.endpoint) answers in \(Int((seconds * 1_000).rounded())) ms and lists \(list.count) "
                    + "model\(list.count == 1 ? "" : "s")")
            return [there] + models(list)
        } catch let refusal as ServiceRefusal {
            return [Finding(.problem, refusal.words.description, hint: refusal.words.hint)]
        } catch let error as ProviderError {
            return [Finding(.problem, error.description, hint: error.hint)]
        } catch {
            return [Finding(.problem, "\(service.endpoint): \(error)")]
        }
    }

    private func models(_ list: [Value]) -> [Finding] {
        guard service.flavour != .azure else {
            return [
                Finding(
                    .good,
                    "models are deployments, which this list does not name: "
                        + kernel.aliasesAway.map { "\($0) is \(kernel.models[$0]?.id ?? "")" }.joined(separator: ", "))
            ]
        }
        let names = list.compactMap { $0[field: "id"].text }
        return kernel.aliasesAway.map { alias in
            let id = kernel.models[alias]?.id ?? ""
            if id == "*" {
                if names.count == 1 { return Finding(.good, "\(alias): \(names[0]), the only model there") }
                return Finding(
                    .problem, "\(alias): the server has \(names.count) models, and none is named",
                    hint: names.first.map { "export DISTNB_\(alias.uppercased())=\($0)" } ?? "load a model there")
            }
            guard let model = list.first(where: { $0[field: "id"].text == id }) else {
                return Finding(
                    .problem, "\(alias): \(id) is not among its models",
                    hint: names.isEmpty
                        ? "load a model there"
                        : "it has " + names.prefix(8).joined(separator: ", ")
                            + (names.count > 8 ? ", …" : ""))
            }
            if let day = model[field: "shutdown_date"].text {
                return Finding(
                    .warning, "\(alias): \(id) is there until \(day)",
                    hint: "choose another one in time, in your own kernel.json: docs/kernels.md")
            }
            return Finding(.good, "\(alias): \(id) is there")
        }
    }

    /// What the kernel says that the service can do, and what is done here instead.
    private var features: [Finding] {
        let words: [(ServiceProfile.Feature, String)] = [
            (.storedCompletions, "stored completions"), (.fineTuning, "fine-tuning"), (.evals, "evals"),
            (.graders, "graders"), (.embeddings, "embeddings"), (.logprobs, "log-probabilities"), (.seed, "seeds"),
        ]
        let has = words.filter { service.features.contains($0.0) }.map(\.1)
        var findings = [
            Finding(.good, "the service does: " + (["chat completions"] + has).joined(separator: ", "))
        ]
        var here: [String] = ["stored completions", "evals", "graders"].filter { !has.contains($0) }
        if kernel.embedding.map({ kernel.service(of: $0) == nil }) ?? false { here.append("embeddings") }
        let trained = kernel.models.filter { kernel.service(of: $0.value) == nil }.keys.sorted()
        if !trained.isEmpty { here.append("fine-tuning of \(trained.joined(separator: ", "))") }
        if !here.isEmpty { findings.append(Finding(.good, "done on this machine: " + here.joined(separator: ", "))) }
        if !service.features.contains(.fineTuning), trained.isEmpty {
            findings.append(
                Finding(
                    .warning, "no model of this kernel can be fine-tuned",
                    hint: "extend the kernel embedded, or give a student \"provider\": \"embedded\": docs/kernels.md"))
        }
        if service.flavour == .azure, service.deployment == nil {
            findings.append(
                Finding(
                    .warning, "what is fine-tuned cannot be deployed: the resource is not named",
                    hint:
                        "export AZURE_OPENAI_RESOURCE=$(az cognitiveservices account show -n NAME -g GROUP --query id -o tsv)"
                ))
        }
        return findings
    }
}
