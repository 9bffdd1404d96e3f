/// How a model is written to files.
public struct ModelExport: Sendable, Hashable {
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// One file of safetensors: an adapter, or all weights.
        case safetensors
        /// One file of GGUF, as llama.cpp reads it.
        case gguf
        /// A folder as Hugging Face's libraries read it.
        case folder
    }

    /// How the numbers are stored.
    public enum Precision: String, Sendable, Hashable, CaseIterable {
        case f32, f16, q8_0
    }

    /// What becomes of a low-rank adapter.
    public enum Adapter: String, Sendable, Hashable, CaseIterable {
        /// It is added to the weights.
        case merged
        /// It is written by itself.
        case kept
    }

    public let format: Format
    public let precision: Precision
    /// nil: kept in a file of safetensors, merged elsewhere.
    public let adapter: Adapter?

    public init(_ format: Format, precision: Precision = .f16, adapter: Adapter? = nil) {
        self.format = format
        self.precision = precision
        self.adapter = adapter
    }
}

/// A file that an export makes, produced piece by piece: models are large.
public struct ExportedFile: Sendable {
    /// Takes the next bytes.
    public typealias Put = ([UInt8]) throws(FileError) -> Void

    /// The name in the folder; empty where the export is one file.
    public let name: String
    private let produce: @Sendable (Put) throws(FileError) -> Void

    public init(_ name: String = "", _ produce: @escaping @Sendable (_ put: Put) throws(FileError) -> Void) {
        self.name = name
        self.produce = produce
    }

    public init(_ name: String = "", bytes: [UInt8]) {
        self.init(name) { put throws(FileError) in try put(bytes) }
    }

    /// Hands over the bytes in order.
    public func write(_ put: Put) throws(FileError) { try produce(put) }
}
