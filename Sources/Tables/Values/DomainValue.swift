/// A value that the language passes around without looking inside: data sets, models, graders, reports.
///
/// Its state is plain data: `encoded` turns it into JSON-like values (large parts into blobs), and a
/// `ValueCodec` with its decoder registered brings it back on another machine.
public protocol DomainValue: Sendable {
    /// The word that marks this kind in a saved file.
    static var tag: String { get }

    /// What people call it, with its article: "rows", "a model".
    var kindName: String { get }

    /// The value of a member, or nil where there is none of that name.
    func member(_ name: String) -> Value?

    /// The members' names, for messages and completion.
    var memberNames: [String] { get }

    /// The state as JSON-like values (null, booleans, numbers, strings, lists, records).
    /// - Throws: What `encoder.blobs` throws.
    func encoded(with encoder: inout ValueEncoder) throws -> Value

    /// The rows, where the value is rows in some dress.
    var asRows: DataSet? { get }

    /// What it shows of itself as a cell's output.
    var presentation: [PresentationBlock] { get }

    /// What it is, in one line: what a `let` prints.
    var summary: String { get }

    /// Whether it is kept with its cell where it is only shown and bound to no name: what other commands read of a saved
    /// notebook.
    var isReport: Bool { get }

    /// Whether two values are the same, for `==`.
    func isSame(as other: any DomainValue) -> Bool

    /// The same value under the name that `let` gives it first; most kinds have no name.
    func named(_ name: String) -> any DomainValue
}

extension DomainValue {
    public func member(_ name: String) -> Value? { nil }
    public var memberNames: [String] { [] }
    public var asRows: DataSet? { nil }
    public var presentation: [PresentationBlock] { [.line(summary)] }
    public var summary: String { kindName }
    public var isReport: Bool { false }
    public func named(_ name: String) -> any DomainValue { self }

    /// Same kind and same encoded state.
    public func isSame(as other: any DomainValue) -> Bool {
        guard type(of: self).tag == type(of: other).tag else { return false }
        var mine = ValueEncoder(blobs: DiscardingBlobs())
        var theirs = ValueEncoder(blobs: DiscardingBlobs())
        guard let a = try? encoded(with: &mine), let b = try? other.encoded(with: &theirs) else { return false }
        return a == b
    }
}

/// Where large state lives: bytes named by their SHA-256.
public protocol BlobStoring: Sendable {
    /// Stores bytes and returns their name, 64 hexadecimal digits.
    func put(_ bytes: [UInt8]) throws -> String

    /// The bytes of a name.
    /// - Throws: `BlobError.missing` where they are not there, `BlobError.corrupt` where they do not match.
    func get(_ name: String) throws -> [UInt8]

    /// Whether the bytes are there, without reading them.
    func contains(_ name: String) -> Bool
}

/// Why a blob could not be had.
public enum BlobError: Error, Sendable, Equatable, CustomStringConvertible {
    case missing(String)
    case corrupt(String)
    /// The folder, and the system's reason.
    case cannotWrite(String, String)

    public var description: String {
        switch self {
        case .missing(let name):
            "The saved state \(name.prefix(12))… is not beside the notebook (folder .distnb/blobs)."
        case .corrupt(let name): "The saved state \(name.prefix(12))… in .distnb/blobs is damaged; its bytes changed."
        case .cannotWrite(_, let reason): "The state cannot be saved: \(reason)"
        }
    }
}

/// Keeps nothing; names bytes by their hash, for comparing values.
public struct DiscardingBlobs: BlobStoring {
    public init() {}
    public func put(_ bytes: [UInt8]) throws -> String { SHA256Name.of(bytes) }
    public func get(_ name: String) throws -> [UInt8] { throw BlobError.missing(name) }
    public func contains(_ name: String) -> Bool { false }
}
