internal import OrderedCollections
public import Tables

/// What a cell's output was as a value, where that is a report such as a comparison and no name has it: other commands
/// read it of a saved notebook. Nothing is computed from it, so it makes no cell stale when its blobs are missing.
public struct CellReport: Sendable, Equatable {
    /// The encoded value.
    public var value: Value
    /// Blobs that it refers to.
    public var blobs: [String]

    public init(value: Value, blobs: [String]) {
        self.value = value
        self.blobs = blobs
    }

    /// As it stands in the cell's state.
    var state: Value {
        var fields: Record = ["value": value]
        if !blobs.isEmpty { fields["blobs"] = .list(blobs.map { .string($0) }) }
        return .record(fields)
    }

    /// Reads what `state` wrote; nil where there is none.
    init?(state: Value) {
        guard let value = state.record?["value"] else { return nil }
        self.init(value: value, blobs: (state[field: "blobs"].list ?? []).compactMap(\.text))
    }
}
