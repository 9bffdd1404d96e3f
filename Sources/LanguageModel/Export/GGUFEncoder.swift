internal import Distillation

/// Makes GGUF files: version 3, little-endian, tensors aligned to 32 bytes.
/// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
struct GGUFEncoder {
    /// Type and value of each metadata entry, as they stand in the file.
    private var entries: [(key: String, bytes: [UInt8])] = []

    private static let alignment = 32

    /// Takes over all entries of a file, in their order.
    /// - Throws: `WeightsError`.
    mutating func copyEntries(of file: GGUFFile) throws {
        for (key, range) in file.entries {
            let bytes = try file.file.withBytes(
                at: range.lowerBound, length: range.upperBound - range.lowerBound, reading: "the value of `\(key)`"
            ) { Array($0) }
            set(key, encoded: bytes)
        }
        // The tensors are laid out anew.
        remove("general.alignment")
    }

    mutating func remove(_ key: String) { entries.removeAll { $0.key == key } }

    /// An entry that is there keeps its place.
    private mutating func set(_ key: String, encoded bytes: [UInt8]) {
        if let index = entries.firstIndex(where: { $0.key == key }) {
            entries[index].bytes = bytes
        } else {
            entries.append((key, bytes))
        }
    }

    mutating func set(_ key: String, _ value: UInt32) { set(key, encoded: Self.bytes(UInt32(4)) + Self.bytes(value)) }

    mutating func set(_ key: String, _ value: Float) {
        set(key, encoded: Self.bytes(UInt32(6)) + Self.bytes(value.bitPattern))
    }

    mutating func set(_ key: String, _ value: Bool) { set(key, encoded: Self.bytes(UInt32(7)) + [value ? 1 : 0]) }

    mutating func set(_ key: String, _ value: String) { set(key, encoded: Self.bytes(UInt32(8)) + Self.text(value)) }

    mutating func set(_ key: String, _ values: [String]) {
        set(key, encoded: Self.list(of: 8, values.count) + values.flatMap(Self.text))
    }

    mutating func set(_ key: String, _ values: [Int32]) {
        set(key, encoded: Self.list(of: 5, values.count) + values.flatMap(Self.bytes))
    }

    mutating func set(_ key: String, _ values: [Float]) {
        set(key, encoded: Self.list(of: 6, values.count) + values.flatMap { Self.bytes($0.bitPattern) })
    }

    mutating func set(_ key: String, _ values: [Bool]) {
        set(key, encoded: Self.list(of: 7, values.count) + values.map { $0 ? 1 : 0 })
    }

    /// The whole file.
    func file(_ tensors: [OutgoingTensor]) -> ExportedFile {
        let header = header(tensors)
        return ExportedFile { put throws(FileError) in
            try put(header)
            for tensor in tensors {
                try tensor.write(put)
                let padding = Self.padding(tensor.byteCount)
                if padding > 0 { try put([UInt8](repeating: 0, count: padding)) }
            }
        }
    }

    private func header(_ tensors: [OutgoingTensor]) -> [UInt8] {
        var bytes = Array("GGUF".utf8) + Self.bytes(UInt32(3))
        bytes += Self.bytes(UInt64(tensors.count)) + Self.bytes(UInt64(entries.count))
        for (key, value) in entries { bytes += Self.text(key) + value }
        var offset = 0
        for tensor in tensors {
            bytes += Self.text(tensor.name) + Self.bytes(UInt32(tensor.shape.count))
            for length in tensor.shape.reversed() { bytes += Self.bytes(UInt64(length)) }
            bytes += Self.bytes(tensor.encoding.ggufType.rawValue) + Self.bytes(UInt64(offset))
            offset += tensor.byteCount + Self.padding(tensor.byteCount)
        }
        return bytes + [UInt8](repeating: 0, count: Self.padding(bytes.count))
    }

    private static func padding(_ count: Int) -> Int { (alignment - count % alignment) % alignment }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func text(_ text: String) -> [UInt8] { bytes(UInt64(text.utf8.count)) + Array(text.utf8) }

    private static func list(of type: UInt32, _ count: Int) -> [UInt8] {
        bytes(UInt32(9)) + bytes(type) + bytes(UInt64(count))
    }
}

extension TensorEncoding {
    var ggufType: GGUFTensorType {
        switch self {
        case .single: .f32
        case .half: .f16
        case .q8_0: .q8_0
        }
    }

    /// llama.cpp's `general.file_type`: what most tensors are stored as.
    var ggufFileType: UInt32 {
        switch self {
        case .single: 0
        case .half: 1
        case .q8_0: 7
        }
    }
}
