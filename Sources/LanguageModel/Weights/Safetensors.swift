import CSIMD
import Foundation

/// The safetensors container: a JSON header, then the tensors' bytes.
/// https://github.com/huggingface/safetensors#format
struct Safetensors {
    enum Element: String, Codable {
        case half = "F16"
        case single = "F32"

        var size: Int { self == .half ? 2 : 4 }
    }

    struct Tensor: Codable {
        var dtype: Element
        var shape: [Int]
        /// First byte and the byte after the last, counted from the end of the header.
        var dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case dataOffsets = "data_offsets"
        }
    }

    var metadata: [String: String] = [:]
    private(set) var tensors: [String: Tensor] = [:]
    /// All tensors' bytes; of a file that was read, a part of its memory.
    private var data = Data()

    init(metadata: [String: String]) {
        self.metadata = metadata
    }

    mutating func append(_ name: String, shape: [Int], _ values: ArraySlice<Float>, as element: Element) {
        let start = data.count
        values.withUnsafeBufferPointer { values in
            switch element {
            case .half:
                var halves = [UInt16](repeating: 0, count: values.count)
                for index in values.indices { halves[index] = Float16(values[index]).bitPattern.littleEndian }
                halves.withUnsafeBytes { data.append(contentsOf: $0) }
            case .single: data.append(contentsOf: UnsafeRawBufferPointer(values))
            }
        }
        tensors[name] = Tensor(dtype: element, shape: shape, dataOffsets: [start, data.count])
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

    /// The values of a tensor as floats.
    func values(_ name: String) -> [Float]? {
        guard let tensor = tensors[name] else { return nil }
        let count = (tensor.dataOffsets[1] - tensor.dataOffsets[0]) / tensor.dtype.size
        return data.withUnsafeBytes { all in
            let bytes = UnsafeRawBufferPointer(rebasing: all[tensor.dataOffsets[0]..<tensor.dataOffsets[1]])
            return [Float](unsafeUninitializedCapacity: count) { out, initialised in
                switch tensor.dtype {
                case .half:
                    if let base = bytes.baseAddress, let first = out.baseAddress {
                        Kernels.best.from_f16(base, first, count)
                    }
                case .single: UnsafeMutableRawBufferPointer(out).copyMemory(from: bytes)
                }
                initialised = count
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
            end += values.count * Element.single.size
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

    /// Reads a file, checking every offset.
    /// - Parameter name: what messages call the file.
    /// - Throws: `WeightsError`.
    init(_ bytes: Data, name: String) throws {
        let file = MappedFile(name: name, data: bytes)
        let length = try file.withBytes(at: 0, length: 8, reading: "the header's length") {
            UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
        }
        let header = try file.withBytes(at: 8, length: length, reading: "the header") { Data($0) }
        let entries: [String: Entry]
        do {
            entries = try JSONDecoder().decode([String: Entry].self, from: header)
        } catch {
            throw WeightsError.malformed(
                file: name, place: "the header", expected: "safetensors' JSON with F16 or F32 tensors",
                found: "something else")
        }
        data = bytes.dropFirst(8 + header.count)
        for (key, entry) in entries {
            switch entry {
            case .metadata(let found) where key == "__metadata__": metadata = found
            case .metadata:
                throw WeightsError.malformed(
                    file: name, place: "`\(key)`", expected: "a tensor", found: "something else")
            case .tensor(let tensor):
                try check(tensor, key: key, file: name)
                tensors[key] = tensor
            }
        }
    }

    private func check(_ tensor: Tensor, key: String, file: String) throws {
        var size: Int? = tensor.dtype.size
        for length in tensor.shape {
            guard let product = size, length >= 0 else { size = nil; break }
            let (next, overflow) = product.multipliedReportingOverflow(by: length)
            size = overflow ? nil : next
        }
        let offsets = tensor.dataOffsets
        guard let size, offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= data.count,
            offsets[1] - offsets[0] == size
        else {
            throw WeightsError.malformed(
                file: file, place: "tensor `\(key)`",
                expected: "\(size.map(String.init) ?? "a possible number of") bytes of \(data.count)",
                found: "shape \(tensor.shape) at \(offsets)")
        }
    }
}
