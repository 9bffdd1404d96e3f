public import OrderedCollections
public import Tables

/// A cell of a notebook.
public struct NotebookCell: Sendable {
    public enum Kind: String, Sendable { case code, markdown, raw }

    /// Stable for the cell's life.
    public let id: String
    public var kind: Kind { didSet { written = nil } }
    public var source: String { didSet { written = nil } }
    /// All metadata, other tools' included; ours is in `distnb`.
    public var metadata: Record { didSet { written = nil } }
    /// Outputs as nbformat has them; code cells only.
    public var outputs: [Value] { didSet { written = nil } }
    public var executionCount: Int? { didSet { written = nil } }
    /// Fields that are not ours, such as `attachments`.
    public var other: Record { didSet { written = nil } }

    /// The cell's canonical bytes in a file, as long as it is unchanged: saving copies them instead of writing
    /// the cell anew, which keeps large notebooks fast.
    var written: ArraySlice<UInt8>?

    public init(
        id: String, kind: Kind, source: String, metadata: Record = [:], outputs: [Value] = [],
        executionCount: Int? = nil, other: Record = [:]
    ) {
        self.id = id
        self.kind = kind
        self.source = source
        self.metadata = metadata
        self.outputs = outputs
        self.executionCount = executionCount
        self.other = other
    }

    /// Ours at cell level.
    public var own: Record {
        get { metadata["distnb"]?.record ?? [:] }
        set { metadata["distnb"] = newValue.isEmpty ? nil : .record(newValue) }
    }

    /// What running the cell left, where it was run.
    public var state: CellState? {
        get { own["state"].flatMap(CellState.init) }
        set { own["state"] = newValue?.value }
    }

    /// The source as it was handed out to learners, where a workshop did.
    public var handout: String? {
        get { own["handout"]?.text }
        set { own["handout"] = newValue.map { .string($0) } }
    }

    /// Labels that Jupyter and its tools share.
    public var tags: [String] { (metadata["tags"]?.list ?? []).compactMap(\.text) }

    /// Whether the cell is meant to fail, for instance to show a message: a run goes on after it.
    public var expectsFailure: Bool { tags.contains("raises-exception") }

    /// Removes outputs and count, state, or all of them.
    public mutating func clear(outputs removesOutputs: Bool = true, state removesState: Bool = true) {
        if removesState { state = nil }
        guard removesOutputs, !outputs.isEmpty || executionCount != nil else { return }
        outputs = []
        executionCount = nil
    }
}

extension NotebookCell: Equatable {
    /// Equal in all that a file holds of them.
    public static func == (one: NotebookCell, other: NotebookCell) -> Bool {
        one.id == other.id && one.kind == other.kind && one.source == other.source && one.outputs == other.outputs
            && one.metadata == other.metadata && one.executionCount == other.executionCount && one.other == other.other
    }
}
