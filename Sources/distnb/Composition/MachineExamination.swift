internal import Distillation
internal import Foundation
internal import LanguageModel
internal import ModelLibrary
internal import Notebook
internal import RemoteModels
internal import Verbs

/// Looks whether this machine can do what kernels ask of it.
struct MachineExamination {
    let groups: [FindingGroup]

    /// - Parameter kernel: the one that matters; all that are there unless given.
    init(kernel: String?) {
        let names = kernel.map { [$0] } ?? KernelFolders.available
        var kernels = names.map { Self.kernel($0, isAsked: kernel != nil) }
        if kernels.isEmpty {
            kernels = [
                FindingGroup(
                    "kernels",
                    [
                        Finding(
                            .problem, "there are none beside the program", hint: "install distnb whole, with kernels/")
                    ])
            ]
        }
        groups = [FindingGroup("machine", Self.machine())] + kernels
    }

    /// Below this much free disk a training's checkpoints and blobs may not fit.
    private static let leastDisk = 2_000_000_000
    /// Below this much memory the lab's training does not fit.
    private static let leastMemory = 2_000_000_000

    private static func machine() -> [Finding] {
        let threads = EngineMachine.threads
        var findings = [
            Finding(.good, "\(threads) thread\(threads == 1 ? "" : "s") (DISTNB_THREADS sets another number)"),
            EngineMachine.hasAVX2
                ? Finding(
                    .good, "AVX2 and FMA are used\(EngineMachine.hasTiles ? ", matrix products by AMX tiles" : "")")
                : Finding(
                    .warning, "the processor has no AVX2: the portable kernels are several times slower",
                    hint: "any x86 processor since 2013 has it; in a virtual machine pass the host's processor through"),
        ]
        let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        if let available = MemoryLimit.availableBytes() {
            let text = "\(ByteText.of(available)) of \(ByteText.of(physical)) memory are free"
            findings.append(
                available < leastMemory
                    ? Finding(.warning, text, hint: "close other programs, or train fewer rows at a time (batch_size:)")
                    : Finding(.good, text))
        } else {
            findings.append(Finding(.good, "\(ByteText.of(physical)) memory"))
        }
        for (what, path) in [("the models", Home.path), ("notebooks here", FileManager.default.currentDirectoryPath)] {
            if let free = free(path) {
                let text = "\(ByteText.of(free)) of disk are free for \(what)"
                findings.append(
                    free < leastDisk
                        ? Finding(.warning, text, hint: "make room: distnb models list says what the models take")
                        : Finding(.good, text))
            }
        }
        return findings
    }

    /// Free bytes where a path is, or will be.
    private static func free(_ path: String) -> Int? {
        var path = path
        while path != "/", !FileManager.default.fileExists(atPath: path) {
            path = URL(fileURLWithPath: path).deletingLastPathComponent().path
        }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
    }

    /// - Parameter isAsked: whether somebody named the kernel: only then its service is called.
    private static func kernel(_ name: String, isAsked: Bool) -> FindingGroup {
        let title = "kernel \(name)"
        guard !name.hasPrefix(KernelProfile.tapePrefix) else {
            return FindingGroup(title, [Finding(.good, "it replays a tape: no key is needed, no host is called")])
        }
        let profile: KernelProfile
        do {
            profile = try KernelFolders.profile(named: name)
        } catch {
            guard isAsked || !KernelFolders.isShipped(name) else {
                return FindingGroup(title, [Finding(.good, "not set up: \(error)")])
            }
            return FindingGroup(title, [Finding(.problem, "\(error)", hint: "see docs/kernels.md")])
        }
        let service = profile.service.map { ServiceExamination($0, of: profile, isAsked: isAsked) }
        let provider = EmbeddedProvider(weights: Home.weights, kernel: profile.folders)
        let here = profile.models.filter { profile.provider(of: $0.value) == KernelProfile.embedded }
        let findings = here.keys.sorted().map { alias -> Finding in
            guard let model = here[alias] else { return Finding(.good, alias) }
            do {
                let identity = try provider.identity(of: model, trainedWeights: nil)
                let hash = identity.id.drop { $0 != ":" }.dropFirst().prefix(12)
                let checked =
                    model.sha256 == nil ? "SHA-256 \(hash)…, the kernel names none" : "SHA-256 \(hash)… as it should be"
                return Finding(.good, "\(alias): \(model.id) is here, \(checked)")
            } catch let error as ProviderError {
                // Of a kernel that nobody asked for, what is missing is no trouble yet.
                return Finding(
                    isAsked || service == nil ? .problem : .good, "\(alias): \(error.description)", hint: error.hint)
            } catch {
                return Finding(.problem, "\(alias): \(error)")
            }
        }
        guard let service else {
            return FindingGroup(
                title, findings + [Finding(.good, "it runs on this machine: no key is needed, no host is called")])
        }
        return FindingGroup(title, service.findings + findings)
    }
}
