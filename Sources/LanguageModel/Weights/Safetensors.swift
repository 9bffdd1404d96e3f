import CSIMD
import Foundation

/// The safetensors container: a JSON header, then the tensors' bytes.
/// https://github.com/huggingface/safetensors#format
struct Safetensors {
    /// How a tensor's numbers are stored.
    enum Element: Sendable, Hashable, Codable {
        case half, bfloat, single
        /// A type that no weights have, such as a mask's; such tensors are not read.
        case other(String)

        private static let named: [String: Element] = ["F16": .half, "BF16": .bfloat, "F32": .single]

        var name: String {
            switch self {
            case .half: "F16"
            case .bfloat: "BF16"
            case .single: "F32"
            case .other(let name): name
            }
        }

        /// Bytes of a number; nil of a type that is not read.
        var size: Int? {
            switch self {
            case .half, .bfloat: 2
            case .single: 4
            case .other: nil
            }
        }

        /// The same type as GGUF names it; nil of a type that is not read.
        var stored: GGUFTensorType? {
            switch self {
            case .half: .f16
            case .bfloat: .bf16
            case .single: .f32
            case .other: nil
            }
        }

        init(from decoder: any Decoder) throws {
            let name = try decoder.singleValueContainer().decode(String.self)
            self = Self.named[name] ?? .other(name)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(name)
        }
    }

    struct Tensor: Sendable, Codable {
        var dtype: Element
        var shape: [Int]
        /// First byte and the byte after the last, counted from the end of the header.
        var dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case dataOffsets = "data_offsets"
        }
    }

    /// The format's own limit.
    private static let longestHeader: UInt64 = 100_000_000

    var metadata: [String: String] = [:]
    private(set) var tensors: [String: Tensor] = [:]
    /// All tensors' bytes, of a file that is being written.
    private var data = Data()
    /// The file that was read, and where its tensors begin.
    private var source: (file: MappedFile, start: Int)?

    init(metadata: [String: String]) {
        self.metadata = metadata
    }

    mutating func append(_ name: String, shape: [Int], _ values: ArraySlice<Float>, as precision: LoRAAdapter.Precision)
    {
        let start = data.count
        values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            data.append(contentsOf: precision.encoding.bytes(base, count: values.count))
        }
        tensors[name] = Tensor(dtype: precision.element, shape: shape, dataOffsets: [start, data.count])
    }

    /// The values of a tensor that has to be of a shape and finite; nil where there is none of that name.
    /// - Parameter file: what messages call the file.
    /// - Throws: `EngineError.adapterMismatch`, `WeightsError.malformed`.
    func values(_ name: String, shape: [Int], file: String) throws -> [Float]? {
        guard let tensor = tensors[name], let found = values(name) else { return nil }
        guard tensor.shape == shape else {
            throw EngineError.adapterMismatch(
                place: "the shape of `\(name)`", expected: "\(shape)", found: "\(tensor.shape)")
        }
        guard found.allSatisfy(\.isFinite) else {
            throw WeightsError.malformed(
                file: file, place: "`\(name)`", expected: "finite numbers", found: "infinities or NaN")
        }
        return found
    }

    /// The values of a tensor as floats; nil where there is none of that name whose numbers can be read.
    func values(_ name: String) -> [Float]? {
        guard let tensor = tensors[name], let size = tensor.dtype.size else { return nil }
        let count = (tensor.dataOffsets[1] - tensor.dataOffsets[0]) / size
        return [Float](unsafeUninitializedCapacity: count) { out, initialised in
            if let base = out.baseAddress { fill(base, tensor, 0..<count) }
            initialised = count
        }
    }

    /// A tensor's rows as a file that was read stores them; nil where their type is not read.
    /// - Precondition: `tensor` is one of this file's, and has as many rows.
    func run(_ tensor: Tensor, rows: Int) -> StoredRows.Run? {
        guard let source, let type = tensor.dtype.stored else { return nil }
        return StoredRows.Run(
            type: type, owner: source.file.mapping, offset: source.start + tensor.dataOffsets[0], rows: rows)
    }

    private func withTensors<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard let source else { return data.withUnsafeBytes(body) }
        return body(UnsafeRawBufferPointer(rebasing: source.file.mapping.bytes[source.start...]))
    }

    /// How many bytes all tensors take.
    private var dataCount: Int { withTensors(\.count) }

    /// Writes a range of a tensor's values to memory, as floats.
    /// - Precondition: `tensor` is one of this file's, of a type that is read, and has these values.
    private func fill(_ out: UnsafeMutablePointer<Float>, _ tensor: Tensor, _ range: Range<Int>) {
        guard let size = tensor.dtype.size else { return }
        withTensors { all in
            guard let start = all.baseAddress?.advanced(by: tensor.dataOffsets[0] + range.lowerBound * size) else {
                return
            }
            switch tensor.dtype {
            case .half: Kernels.best.from_f16(start, out, range.count)
            case .bfloat: Kernels.best.from_bf16(start, out, range.count)
            case .single: UnsafeMutableRawPointer(out).copyMemory(from: start, byteCount: range.count * size)
            case .other: break
            }
        }
    }
}

extension Safetensors {
    private enum Entry: Codable {
        case tensor(Tensor)
        case metadata([String: String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let metadata = try? container.decode([String: String].self) {
                self = .metadata(metadata)
            } else {
                self = .tensor(try container.decode(Tensor.self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .tensor(let tensor): try tensor.encode(to: encoder)
            case .metadata(let metadata): try metadata.encode(to: encoder)
            }
        }
    }

    /// The file's bytes; the same values give the same bytes.
    func encode() throws -> Data { try header() + data }

    /// A file of 32-bit tensors too large to be copied, piece by piece: the header, then each tensor's own memory. The
    /// pieces are valid within `body` only.
    static func withPieces<Result>(
        _ tensors: [(name: String, values: [Float])], metadata: [String: String], _ body: ([Data]) throws -> Result
    ) throws -> Result {
        var layout = Safetensors(metadata: metadata)
        var end = 0
        for (name, values) in tensors {
            let start = end
            end += values.count * MemoryLayout<Float>.size
            layout.tensors[name] = Tensor(dtype: .single, shape: [values.count], dataOffsets: [start, end])
        }
        var pieces = [try layout.header()]
        func add(_ rest: ArraySlice<(name: String, values: [Float])>) throws -> Result {
            guard let tensor = rest.first else { return try body(pieces) }
            return try tensor.values.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress {
                    pieces.append(
                        Data(
                            bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count,
                            deallocator: .none))
                }
                return try add(rest.dropFirst())
            }
        }
        return try add(tensors[...])
    }

    /// What stands before the bytes of tensors that follow one another.
    static func header(
        of tensors: [(name: String, element: Element, shape: [Int])], metadata: [String: String]
    ) throws -> Data {
        var layout = Safetensors(metadata: metadata)
        var end = 0
        for (name, element, shape) in tensors {
            let start = end
            end += shape.reduce(element.size ?? 0, *)
            layout.tensors[name] = Tensor(dtype: element, shape: shape, dataOffsets: [start, end])
        }
        return try layout.header()
    }

    /// What stands before the tensors' bytes.
    private func header() throws -> Data {
        var entries = tensors.mapValues(Entry.tensor)
        if !metadata.isEmpty { entries["__metadata__"] = .metadata(metadata) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var header = try encoder.encode(entries)
        // The format wants the tensors aligned to 8 bytes; spaces may pad the header.
        header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
        var file = Data()
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
        return file + header
    }

    /// Reads a file that is in memory, checking every offset.
    /// - Parameter name: what messages call the file.
    /// - Throws: `WeightsError`.
    init(_ bytes: Data, name: String) throws {
        try self.init(MappedFile(name: name, data: bytes))
    }

    /// Reads a file's header, checking every offset; the tensors stay where they are.
    /// - Throws: `WeightsError`.
    init(_ file: MappedFile) throws {
        let length = try file.withBytes(at: 0, length: 8, reading: "the header's length") {
            UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
        }
        guard length <= Self.longestHeader else {
            throw WeightsError.malformed(
                file: file.name, place: "the header's length", expected: "at most \(Self.longestHeader) bytes",
                found: "\(length)")
        }
        let header = try file.withBytes(at: 8, length: length, reading: "the header") { Data($0) }
        let entries: [String: Entry]
        do {
            entries = try JSONDecoder().decode([String: Entry].self, from: header)
        } catch {
            throw WeightsError.malformed(
                file: file.name, place: "the header", expected: "safetensors' JSON", found: "something else")
        }
        source = (file, 8 + header.count)
        for (key, entry) in entries {
            switch entry {
            case .metadata(let found) where key == "__metadata__": metadata = found
            case .metadata:
                throw WeightsError.malformed(
                    file: file.name, place: "`\(key)`", expected: "a tensor", found: "something else")
            case .tensor(let tensor):
                try check(tensor, key: key, file: file.name)
                tensors[key] = tensor
            }
        }
        try checkOverlaps(file.name)
    }

    private func check(_ tensor: Tensor, key: String, file: String) throws {
        var size = tensor.dtype.size
        for length in tensor.shape where size != nil {
            guard let product = size, length >= 0 else { size = nil; break }
            let (next, overflow) = product.multipliedReportingOverflow(by: length)
            size = overflow ? nil : next
        }
        let offsets = tensor.dataOffsets
        let isInside = offsets.count == 2 && offsets[0] >= 0 && offsets[0] <= offsets[1] && offsets[1] <= dataCount
        guard isInside, tensor.dtype.size == nil || offsets[1] - offsets[0] == size else {
            throw WeightsError.malformed(
                file: file, place: "tensor `\(key)`",
                expected: "\(size.map(String.init) ?? "a possible number of") bytes of \(dataCount)",
                found: "shape \(tensor.shape) at \(offsets)")
        }
    }

    /// Tensors that share bytes would make a small file a large model.
    private func checkOverlaps(_ file: String) throws {
        let sorted = tensors.filter { $0.value.dataOffsets[0] < $0.value.dataOffsets[1] }
            .sorted { $0.value.dataOffsets[0] < $1.value.dataOffsets[0] }
        for (one, next) in zip(sorted, sorted.dropFirst())
        where next.value.dataOffsets[0] < one.value.dataOffsets[1] {
            throw WeightsError.malformed(
                file: file, place: "tensor `\(next.key)`", expected: "bytes of its own",
                found: "some of `\(one.key)`")
        }
    }
}
