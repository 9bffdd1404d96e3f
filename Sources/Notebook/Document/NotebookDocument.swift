public import OrderedCollections
public import Tables

/// A notebook as nbformat 4.5 has it, in memory.
public struct NotebookDocument: Sendable, Equatable {
    /// The version of `metadata.distnb` that this code reads and writes.
    public static let formatVersion = 1

    public var cells: [NotebookCell]
    /// All notebook metadata, other tools' included.
    public var metadata: Record

    public init(cells: [NotebookCell] = [], metadata: Record = [:]) {
        self.cells = cells
        self.metadata = metadata
    }

    /// A new notebook of our language on a kernel.
    public static func empty(kernel: String) -> NotebookDocument {
        var document = NotebookDocument()
        document.kernel = kernel
        return document
    }

    /// Ours at notebook level.
    public var own: Record {
        get { metadata["distnb"]?.record ?? [:] }
        set { metadata["distnb"] = .record(newValue) }
    }

    /// The kernel's name; setting it keeps Jupyter's `kernelspec` in step.
    public var kernel: String {
        get { own["kernel"]?.text ?? "embedded" }
        set {
            own["kernel"] = .string(newValue)
            own["format"] = .integer(Self.formatVersion)
            metadata["kernelspec"] = [
                "display_name": .string("distnb (\(newValue))"), "language": "distnb", "name": .string(newValue),
            ]
            metadata["language_info"] = [
                "file_extension": ".dist", "mimetype": "text/x-distnb", "name": "distnb", "pygments_lexer": "text",
            ]
        }
    }

    /// The values of parameters that the saved outputs were made with, where they differ from the source.
    public var parameters: Record {
        get { own["parameters"]?.record ?? [:] }
        set { own["parameters"] = newValue.isEmpty ? nil : .record(newValue) }
    }

    /// The code cells' places among all cells; people number code cells from 1.
    public var codeCells: [Int] { cells.indices.filter { cells[$0].kind == .code } }

    /// Removes outputs, state and counts: as it was written, ready to hand out.
    public mutating func clear() {
        for index in cells.indices { cells[index].clear() }
        parameters = [:]
    }
}

/// A cell of a notebook.
public struct NotebookCell: Sendable, Equatable {
    public enum Kind: String, Sendable { case code, markdown, raw }

    /// Stable for the cell's life.
    public var id: String
    public var kind: Kind
    public var source: String
    public var metadata: Record
    /// Outputs as nbformat has them; code cells only.
    public var outputs: [Value]
    public var executionCount: Int?
    /// Fields that are not ours, such as `attachments`.
    public var other: Record

    public init(
        id: String, kind: Kind, source: String, metadata: Record = [:], outputs: [Value] = [],
        executionCount: Int? = nil,
        other: Record = [:]
    ) {
        self.id = id
        self.kind = kind
        self.source = source
        self.metadata = metadata
        self.outputs = outputs
        self.executionCount = executionCount
        self.other = other
    }

    /// What running the cell left, where it was run.
    public var state: CellState? {
        get { metadata["distnb"].flatMap(CellState.init) }
        set { metadata["distnb"] = newValue?.value }
    }

    /// Removes outputs, state and count.
    public mutating func clear() {
        metadata["distnb"] = nil
        outputs = []
        executionCount = nil
    }
}
