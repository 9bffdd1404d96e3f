/// How far a long step is. The front end adds rate and time left.
public struct Progress: Sendable {
    /// What is being done: "generate cora".
    public var label: String
    public var done: Int
    public var total: Int
    /// What is counted: "rows", "steps".
    public var unit: String
    /// More to say: "loss 0.41", "12 stored".
    public var detail: String

    public init(_ label: String, done: Int, total: Int, unit: String, detail: String = "") {
        self.label = label
        self.done = done
        self.total = total
        self.unit = unit
        self.detail = detail
    }
}

/// Where progress goes.
public struct ProgressSink: Sendable {
    public let report: @Sendable (Progress) -> Void

    public init(_ report: @escaping @Sendable (Progress) -> Void) { self.report = report }

    /// Nowhere.
    public static let none = ProgressSink { _ in }
}
