public import Distillation
public import PipelineRuntime
public import PipelineSyntax
public import Tables

/// What verbs reach of the world: the kernel's models, the store, files, progress.
///
/// One lab serves one notebook. Whoever embeds the language builds it; verbs only ask.
public final class Lab: LanguageHost {
    public let kernel: KernelProfile
    public let provider: any ModelProvider
    public let store: (any CompletionStoring)?
    public let blobs: any BlobStoring
    public let files: any ProjectFiles
    /// Whether the user, or the deadline, wants the work to stop.
    public let cancellation: Cancellation
    /// When the cell at hand has taken too long.
    public let deadline: Deadline
    /// How much memory the cell at hand may fill.
    public let memory: MemoryLimit
    /// What the run at hand may spend.
    public let spending: SpendingLimit
    public let progress: ProgressSink
    /// Seconds since 1970.
    public let now: @Sendable () -> Double
    /// Where trainings that are under way survive a kill.
    public let checkpoints: any CheckpointStoring
    /// Where teachers' probabilities are kept.
    public let softLabels: any SoftLabelStoring
    /// Asks the person at the terminal a yes-or-no question; false where nobody is there.
    public let offer: @Sendable (String) -> Bool
    /// Whether stored completions, and checkpoints of trainings, are to be ignored.
    public var ignoresStore = false
    /// Counts what the verbs ask of models.
    public let meter = UsageMeter()
    /// How often the cell at hand failed its checks before: with each time, `check` tells more.
    public var earlierAttempts = 0

    public init(
        kernel: KernelProfile, provider: any ModelProvider, store: (any CompletionStoring)?, blobs: any BlobStoring,
        files: any ProjectFiles, cancellation: Cancellation, progress: ProgressSink,
        checkpoints: any CheckpointStoring = NoCheckpoints(), softLabels: any SoftLabelStoring = NoSoftLabels(),
        offer: @escaping @Sendable (String) -> Bool = { _ in false }, memory: MemoryLimit? = nil,
        now: @escaping @Sendable () -> Double
    ) {
        self.kernel = kernel
        let spending = SpendingLimit(now: now)
        self.spending = spending
        self.provider = MeteredProvider(provider, meter: meter, limit: spending, kernel: kernel)
        let meter = meter
        self.store = store.map { MeteredStore($0, meter: meter) }
        self.blobs = blobs
        self.files = files
        let deadline = Deadline(now: now)
        self.deadline = deadline
        let memory = memory ?? MemoryLimit(now: now)
        self.memory = memory
        self.cancellation = Cancellation {
            cancellation.isRequested() || deadline.isPassed || memory.isExceeded || spending.isTimeOver
        }
        self.progress = progress
        self.checkpoints = checkpoints
        self.softLabels = softLabels
        self.offer = offer
        self.now = now
    }

    public var isInterrupted: Bool { cancellation.isRequested() }
}

extension KernelProfile {
    /// The mistake of naming a model that the kernel lacks.
    public func unknownModel(_ alias: String, at span: Span, in source: SourceText) -> Diagnostic {
        let close = Suggestion.closest(to: alias, among: models.keys)
        return Diagnostic(
            .unknownModel, at: span, in: source,
            "Expected a model of the kernel `\(name)`: \(models.keys.sorted().joined(separator: ", ")).",
            hint: close.map { "did you mean \"\($0)\"?" } ?? "choose one of these, or another kernel: --kernel NAME")
    }
}

extension Invocation {
    /// The lab that the verb works in.
    /// - Throws: a diagnostic where the language runs without one.
    var lab: Lab {
        get throws {
            guard let lab = context.host as? Lab else {
                throw failure(.engine, "Expected a kernel; `\(call.name)` needs one.")
            }
            return lab
        }
    }

    /// Reads a file of the project.
    /// - Throws: a diagnostic at the argument that names it.
    func read(_ path: String, at parameter: String) throws -> [UInt8] {
        do {
            return try lab.files.read(path)
        } catch let error as FileError {
            throw fileFailure(error, at: parameter)
        }
    }

    /// Opens a file of the project, to be read part by part.
    /// - Throws: a diagnostic at the argument that names it.
    func open(_ path: String, at parameter: String) throws -> any ByteSource {
        do {
            return try lab.files.open(path)
        } catch let error as FileError {
            throw fileFailure(error, at: parameter)
        }
    }

    func fileFailure(_ error: FileError, at parameter: String) -> Diagnostic {
        let code: DiagnosticCode =
            switch error.reason {
            case .missing: .missingFile
            case .outsideRoot: .outsideRoot
            case .unreadable: .unreadableFile
            case .cannotWrite: .cannotWrite
            }
        return failure(code, at: parameter, error.detail, hint: error.hint)
    }

    /// Turns what providers and stores throw into diagnostics at the verb.
    func withProviderFailures<Result>(_ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as ProviderError {
            throw failure(.engine, error.description, hint: error.hint)
        } catch let error as BudgetSpent {
            throw failure(.budgetSpent, error.description, hint: error.hint)
        } catch is Interrupted {
            throw failure(
                .interrupted, "The cell was interrupted; what is done so far is kept.", hint: "run it again to go on")
        } catch let error as BlobError {
            throw failure(
                .missingState, error.description, hint: "run the cell that made the model or its lessons again")
        } catch let error as KernelError {
            throw failure(.engine, error.description)
        }
    }
}
