internal import OrderedCollections
internal import Tables

/// Brings notebooks of older formats to the present one, a step a version.
enum FormatUpgrades {
    /// Version → what makes the next one of it. A step never changes once it was shipped.
    private static let steps: [Int: @Sendable (inout NotebookDocument) -> Void] = [
        1: stateUnderItsOwnName
    ]

    /// Upgrades a document that has something of ours; others are left as they are.
    static func apply(to document: inout NotebookDocument) {
        guard var version = document.own["format"]?.integer else { return }
        while version < NotebookDocument.formatVersion, let step = steps[version] {
            step(&document)
            version += 1
        }
        document.own["format"] = .integer(version)
    }

    /// 1 → 2: a cell's `metadata.distnb` was the state itself; now the state is one field of it, beside what a
    /// workshop handed out.
    private static func stateUnderItsOwnName(_ document: inout NotebookDocument) {
        for index in document.cells.indices where document.cells[index].own["status"] != nil {
            document.cells[index].own = ["state": .record(document.cells[index].own)]
        }
    }
}
