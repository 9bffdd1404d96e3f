internal import Distillation
internal import Foundation
internal import Notebook
internal import OrderedCollections
internal import PipelineRuntime
internal import RemoteModels
internal import Tables
internal import Terminal
internal import Verbs

/// Puts a session together: the only place that makes providers and stores.
struct Workbench {
    let console: Console
    let progress: ProgressPrinter
    let activity = ActivityReport()
    /// What an hour of this machine costs, as the command line says; nil leaves it to the environment and the kernel.
    var machineHour: Double?

    init(console: Console) {
        self.console = console
        progress = ProgressPrinter(console: console)
    }

    /// A session for a notebook file.
    /// - Parameters:
    ///   - kernel: what the command line says; the notebook's own unless given.
    ///   - parameters: `name=value` as written.
    /// - Throws: `Refusal`.
    func session(
        file: String, kernel: String? = nil, parameters: [String] = [], root: String? = nil,
        usesSavedParameters: Bool = false
    ) throws -> NotebookSession {
        let signature = FileSignature(of: file)
        let (document, bytes) = try Self.read(file)
        // A link and what it leads to are one notebook, with one lock and one store.
        let url = URL(fileURLWithPath: file).resolvingSymlinksInPath()
        let file = url.path
        if let root {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: root, isDirectory: &isFolder), isFolder.boolValue else {
                throw Refusal("--root takes a folder that is there; \(root) is none.", isUsage: true)
            }
        }
        let given = try ParameterArguments(parameters)
        var bindings = given.bindings
        if usesSavedParameters, parameters.isEmpty {
            for (name, value) in document.parameters { bindings[name] = Self.expanded(value) }
        }
        let files = RootedFiles(
            root: root ?? url.deletingLastPathComponent().path, granted: Self.granted(given.bindings),
            isOwn: root == nil)
        let lab = try self.lab(
            kernel: kernel ?? document.kernel, isTyped: kernel != nil, folder: url.deletingLastPathComponent().path,
            notebook: url.lastPathComponent, files: files, packed: document.packedBlobs)
        let session = NotebookSession(
            document: document, file: NotebookFile(path: file, bytes: bytes, signature: signature), lab: lab,
            files: files,
            parameters: bindings, redaction: Secrets.redaction)
        if !usesSavedParameters, let unknown = session.unknownParameters.first {
            let known = session.cells.flatMap { $0.parameters.keys }
            throw Refusal(
                "The notebook has no parameter \(unknown); "
                    + (known.isEmpty ? "it has none." : "it has \(known.joined(separator: ", "))."), isUsage: true)
        }
        return session
    }

    /// A session of a copy in another folder: it reads the notebook's files, and writes, stores and remembers only in
    /// that folder.
    /// - Parameters:
    ///   - document: the copy; it is written into the folder.
    ///   - file: where the original is.
    func scratchCopy(
        _ document: NotebookDocument, of file: String, in folder: String, kernel: String?, parameters: [String],
        root: String?
    ) throws -> NotebookSession {
        let url = URL(fileURLWithPath: file).resolvingSymlinksInPath()
        let copy = folder + "/" + url.lastPathComponent
        var document = document
        let bytes = NotebookCodec.encode(&document)
        try AtomicFile.replace(copy, with: bytes)
        var bindings: Bindings = [:]
        for (name, value) in document.parameters { bindings[name] = Self.expanded(value) }
        let given = try ParameterArguments(parameters).bindings
        bindings.merge(given) { $1 }
        // Only the command line grants files outside the root: the others are what a stranger may have saved.
        let files = RootedFiles(
            root: root ?? url.deletingLastPathComponent().path, granted: Self.granted(given), output: folder,
            isOwn: root == nil)
        let lab = try self.lab(
            kernel: kernel ?? document.kernel, isTyped: kernel != nil, folder: folder, notebook: url.lastPathComponent,
            files: files)
        return NotebookSession(
            document: document, file: NotebookFile(path: copy, bytes: bytes, signature: FileSignature(of: copy)),
            lab: lab, files: files,
            parameters: bindings, redaction: Secrets.redaction)
    }

    /// Files that parameters name and so grant.
    private static func granted(_ bindings: Bindings) -> [String] {
        bindings.values.compactMap(\.text).filter { $0.hasPrefix("/") && FileManager.default.fileExists(atPath: $0) }
    }

    /// A saved parameter as it was given: its home folder was written as `~`.
    private static func expanded(_ value: Value) -> Value {
        guard let text = value.text, text.hasPrefix("~/") else { return value }
        let home = ProcessInfo.processInfo.environment["HOME"] ?? NSHomeDirectory()
        return .string(home + text.dropFirst())
    }

    /// A session without a file, in the current folder.
    func scratchSession(kernel: String?, document: NotebookDocument? = nil) throws -> NotebookSession {
        let folder = FileManager.default.currentDirectoryPath
        let files = RootedFiles(root: folder)
        let lab = try self.lab(
            kernel: kernel ?? KernelProfile.embedded, isTyped: true, folder: folder, notebook: nil, files: files)
        return NotebookSession(
            document: document ?? .empty(kernel: lab.kernel.name), file: nil, lab: lab, files: files,
            redaction: Secrets.redaction)
    }

    /// A session without a notebook, for what a script says: it reads the script's folder.
    /// - Parameter folder: the script's; the current one for a script from standard input.
    /// - Throws: `Refusal`.
    func scriptSession(kernel: String, folder: String?, root: String?, parameters: [String]) throws -> NotebookSession {
        let folder = folder ?? FileManager.default.currentDirectoryPath
        let given = try ParameterArguments(parameters)
        let files = RootedFiles(root: root ?? folder, granted: Self.granted(given.bindings), isOwn: root == nil)
        let lab = try self.lab(kernel: kernel, isTyped: true, folder: folder, notebook: nil, files: files)
        return NotebookSession(
            document: .empty(kernel: lab.kernel.name), file: nil, lab: lab, files: files, parameters: given.bindings,
            redaction: Secrets.redaction)
    }

    /// A session's notebook on another kernel; the old session must not be used any more.
    func session(
        _ session: NotebookSession, onKernel kernel: String, _ parameters: [String], _ root: String?
    ) throws -> NotebookSession {
        do {
            if let path = session.path {
                // A wrong name is told before anything is given up; then the lock goes from one session to the other.
                let changed = try self.session(file: path, kernel: kernel, parameters: parameters, root: root)
                session.releaseLock()
                try changed.open()
                return changed
            }
            return try scratchSession(kernel: kernel, document: session.document)
        } catch let error as KernelError {
            throw Refusal(error.description)
        }
    }

    /// - Throws: `Refusal` where the variable is no price.
    private static func machineHourOfEnvironment() throws -> Double? {
        guard let text = ProcessInfo.processInfo.environment[MachineHour.variable], !text.isEmpty else { return nil }
        guard let dollars = MachineHour.dollars(text) else {
            throw Refusal("\(MachineHour.variable) takes dollars, such as 0.40; it is \(text).", isUsage: true)
        }
        return dollars
    }

    /// - Parameter isTyped: whether the user named the kernel, and not the notebook.
    private func lab(
        kernel name: String, isTyped: Bool, folder: String, notebook: String?, files: RootedFiles, packed: Record = [:]
    ) throws -> Lab {
        try FileFailure.translating { try StateFolder.refuseLinks(in: folder) }
        let tape = try TapeFile.tape(of: name, isTyped: isTyped, besides: folder)
        var profile = try KernelFolders.profile(named: tape == nil ? name : KernelProfile.embedded)
        if let tape { profile = KernelProfile(tape: tape, others: profile) }
        profile.machineHour = try machineHour ?? Self.machineHourOfEnvironment() ?? profile.machineHour
        let providers = ModelProviders(profile: profile, activity: activity, surroundings: Secrets.surroundings)
        return Lab(
            kernel: profile, provider: try providers.provider(tape: tape),
            store: try CompletionShelf.store(in: folder),
            blobs: BlobFolder(folder: folder + "/.distnb/blobs", packed: packed),
            files: files, cancellation: Interrupts.cancellation, progress: progress.sink,
            checkpoints: CheckpointFolder(folder: "\(folder)/.distnb/checkpoints/\(notebook ?? "scratch")"),
            softLabels: SoftLabelFolder(folder: "\(folder)/.distnb/soft-labels"), offer: progress.offer,
            now: { Date().timeIntervalSince1970 })
    }

    /// Reads a notebook file.
    static func read(_ file: String) throws -> (NotebookDocument, [UInt8]) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
            let others = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
                $0.hasSuffix(".distnb") && $0 != ".distnb"
            }.sorted()
            throw Refusal(
                "There is no file \(file)."
                    + (others.isEmpty ? "" : " That folder has \(others.joined(separator: ", "))."))
        }
        guard !isFolder.boolValue else { throw Refusal("\(file) is a folder, not a notebook.") }
        guard let data = FileManager.default.contents(atPath: file) else { throw Refusal("\(file) may not be read.") }
        let bytes = Array(data)
        do throws(NotebookError) {
            return (try NotebookCodec.decode(bytes), bytes)
        } catch {
            let advice = file.hasSuffix(".dist") ? " A script becomes one by `distnb import \(file)`." : ""
            throw Refusal("\(file) is not a notebook: \(error).\(advice)")
        }
    }
}
