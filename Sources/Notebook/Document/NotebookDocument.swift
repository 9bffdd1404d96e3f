public import OrderedCollections
public import Tables

/// A notebook as nbformat 4.5 has it, in memory.
public struct NotebookDocument: Sendable, Equatable {
    /// The version of `metadata.distnb` that this code reads and writes.
    public static let formatVersion = 2

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

    /// Blobs that were packed into the file: SHA-256 → base64.
    public var packedBlobs: Record {
        get { own["blobs"]?.record ?? [:] }
        set { own["blobs"] = newValue.isEmpty ? nil : .record(newValue) }
    }

    /// The ids of the cells that a workshop handed out as exercises.
    public var exercises: [String] {
        get { (own["exercises"]?.list ?? []).compactMap(\.text) }
        set { own["exercises"] = newValue.isEmpty ? nil : .list(newValue.map { .string($0) }) }
    }

    /// The cell of an id, or nil.
    public func index(of id: String) -> Int? { cells.firstIndex { $0.id == id } }

    /// Removes outputs, state or both from all cells; with both it is as it was written, ready to hand out.
    public mutating func clear(outputs: Bool = true, state: Bool = true) {
        for index in cells.indices { cells[index].clear(outputs: outputs, state: state) }
        guard state else { return }
        parameters = [:]
        packedBlobs = [:]
    }

    /// The names of all blobs that the cells' state refers to.
    public var blobReferences: Set<String> {
        Set(cells.compactMap(\.state).flatMap { $0.blobs + ($0.report?.blobs ?? []) })
    }
}
