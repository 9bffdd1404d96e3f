internal import OrderedCollections
internal import Tables

/// Collects cells that are read from formats without ids.
struct CellBuilder {
    private(set) var cells: [NotebookCell] = []
    private var ids: Set<String> = []

    /// Adds a cell; its id follows from its place and source, so that the same file gives the same notebook.
    mutating func add(_ kind: NotebookCell.Kind, _ source: String, title: String = "") {
        let id = CellID.make(from: "\(cells.count + 1)\u{0}\(source)", avoiding: ids)
        ids.insert(id)
        cells.append(
            NotebookCell(id: id, kind: kind, source: source, metadata: title.isEmpty ? [:] : ["title": .string(title)]))
    }
}
