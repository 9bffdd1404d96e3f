public import Foundation

/// A GGUF file: typed metadata and a directory of tensors, memory-mapped.
///
/// Opening reads the header only. Version 2 and 3, little-endian, as the specification has them:
/// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
public struct GGUFFile: Sendable {
    /// The path, for messages.
    public var name: String { file.name }
    /// All metadata by key, for example `llama.block_count`.
    public let metadata: [String: GGUFValue]
    /// Where each entry's type and value stand in the file, in the file's order.
    let entries: [(key: String, bytes: Range<UInt64>)]
    /// The tensors by name, for example `blk.0.attn_q.weight`.
    public let tensors: [String: GGUFTensor]

    let file: MappedFile

    /// Opens the file and reads its header.
    /// - Throws: `WeightsError`: unreadable, no GGUF file, truncated, damaged, or with tensors in a format that
    ///   this engine does not read.
    public init(_ url: URL) throws {
        try self.init(MappedFile(url))
    }

    init(_ file: MappedFile) throws {
        self.file = file
        var cursor = GGUFCursor(file: file)
        try cursor.expectMagic()
        let version = try cursor.uint32("the version")
        guard version == 2 || version == 3 else {
            throw WeightsError.unsupported(
                file: file.name, what: "the GGUF version", found: "\(version)", supported: "versions 2 and 3")
        }
        // A directory entry takes at least 24 bytes, a metadata entry 13: counts beyond that are damage, and must
        // not become allocations.
        let tensorCount = try cursor.count("the number of tensors", bytesEach: 24)
        let metadataCount = try cursor.count("the number of metadata entries", bytesEach: 13)

        var metadata: [String: GGUFValue] = [:]
        var entries: [(key: String, bytes: Range<UInt64>)] = []
        for index in 0..<metadataCount {
            let key = try cursor.string("the key of metadata entry \(index)")
            let start = cursor.offset
            let value = try cursor.value(of: key)
            guard metadata.updateValue(value, forKey: key) == nil else {
                throw WeightsError.malformed(
                    file: file.name, place: "`\(key)`", expected: "one entry of the name", found: "there twice")
            }
            entries.append((key, start..<cursor.offset))
        }
        self.metadata = metadata
        self.entries = entries
        tensors = try Self.readDirectory(&cursor, count: tensorCount, metadata: metadata)
    }

    private static func readDirectory(
        _ cursor: inout GGUFCursor, count: Int, metadata: [String: GGUFValue]
    ) throws -> [String: GGUFTensor] {
        let file = cursor.file
        var found: [(name: String, dimensions: [Int], type: GGUFTensorType, offset: UInt64, place: String)] = []
        for index in 0..<count {
            let name = try cursor.string("the name of tensor \(index)")
            let place = "tensor `\(name)`"
            let rank = try cursor.uint32("the rank of \(place)")
            guard (1...4).contains(rank) else {
                throw WeightsError.malformed(
                    file: file.name, place: "the rank of \(place)", expected: "1 to 4", found: "\(rank)")
            }
            let dimensions = try (0..<rank).map { _ in try cursor.uint64("the dimensions of \(place)") }
            guard let lengths = Self.checked(dimensions) else {
                throw WeightsError.malformed(
                    file: file.name, place: "the size of \(place)", expected: "1 to 2^40 values",
                    found: dimensions.map(String.init).joined(separator: " × "))
            }
            let rawType = try cursor.uint32("the type of \(place)")
            guard let type = GGUFTensorType(rawValue: rawType) else {
                throw WeightsError.unsupported(
                    file: file.name, what: "the storage type of \(place)", found: "ggml type \(rawType)",
                    supported: GGUFTensorType.allCases.map(\.name).joined(separator: ", "))
            }
            found.append((name, lengths, type, try cursor.uint64("the offset of \(place)"), place))
        }

        let alignment = try alignment(metadata, file: file.name)
        let start = (cursor.offset + alignment - 1) / alignment * alignment
        var tensors: [String: GGUFTensor] = [:]
        for entry in found {
            let count = UInt64(entry.dimensions.reduce(1, *))
            guard UInt64(entry.dimensions[0]) % entry.type.blockLength == 0 else {
                throw WeightsError.malformed(
                    file: file.name, place: "the row length of \(entry.place)",
                    expected: "a multiple of \(entry.type.blockLength)", found: "\(entry.dimensions[0])")
            }
            let bytes = count / entry.type.blockLength * entry.type.blockBytes
            let (offset, overflow) = start.addingReportingOverflow(entry.offset)
            guard !overflow, offset <= file.count, file.count - offset >= bytes else {
                let has = overflow ? 0 : file.count - min(file.count, offset)
                throw WeightsError.truncated(file: file.name, reading: entry.place, needs: bytes, has: has)
            }
            let tensor = GGUFTensor(
                name: entry.name, dimensions: entry.dimensions, type: entry.type, offset: offset, byteCount: bytes,
                count: Int(count))
            guard tensors.updateValue(tensor, forKey: entry.name) == nil else {
                throw WeightsError.malformed(
                    file: file.name, place: entry.place, expected: "one tensor of the name", found: "there twice")
            }
        }
        try checkOverlaps(tensors, file: file.name)
        return tensors
    }

    /// Tensors that share bytes would make a small file a large model.
    private static func checkOverlaps(_ tensors: [String: GGUFTensor], file: String) throws {
        let sorted = tensors.values.sorted { $0.offset < $1.offset }
        for (one, next) in zip(sorted, sorted.dropFirst()) where next.offset - one.offset < one.byteCount {
            throw WeightsError.malformed(
                file: file, place: "tensor `\(next.name)`", expected: "bytes of its own",
                found: "some of `\(one.name)`")
        }
    }

    /// The dimensions as `Int`s if there are at most 2^40 values, which no machine that runs this exceeds and
    /// below which no later product overflows.
    private static func checked(_ dimensions: [UInt64]) -> [Int]? {
        var product: UInt64 = 1
        for dimension in dimensions {
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard !overflow, dimension > 0, next <= 1 << 40 else { return nil }
            product = next
        }
        return dimensions.map(Int.init)
    }

    private static func alignment(_ metadata: [String: GGUFValue], file: String) throws -> UInt64 {
        guard let value = metadata["general.alignment"] else { return 32 }
        guard let alignment = value.integer, (1...65536).contains(alignment), alignment.nonzeroBitCount == 1 else {
            throw WeightsError.malformed(
                file: file, place: "`general.alignment`", expected: "a power of two up to 65536", found: value.kind)
        }
        return UInt64(alignment)
    }
}

extension GGUFFile {
    /// A metadata value that must be a whole number in `range`; `fallback` stands in where the key is absent.
    func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil) throws -> Int {
        guard let value = metadata[key] else {
            if let fallback { return fallback }
            throw WeightsError.missing(file: name, name: key)
        }
        guard let integer = value.integer, range.contains(integer) else {
            throw WeightsError.malformed(
                file: name, place: "`\(key)`",
                expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
                found: value.kind)
        }
        return integer
    }

    /// A metadata value that must be a positive, finite number.
    func positiveNumber(_ key: String, default fallback: Double? = nil) throws -> Double {
        guard let value = metadata[key] else {
            if let fallback { return fallback }
            throw WeightsError.missing(file: name, name: key)
        }
        guard let number = value.number, number.isFinite, number > 0 else {
            throw WeightsError.malformed(
                file: name, place: "`\(key)`", expected: "a positive number", found: value.kind)
        }
        return number
    }

    /// A metadata value that must be text.
    func string(_ key: String) throws -> String {
        guard let value = metadata[key] else { throw WeightsError.missing(file: name, name: key) }
        guard case .string(let string) = value else {
            throw WeightsError.malformed(file: name, place: "`\(key)`", expected: "a string", found: value.kind)
        }
        return string
    }

    /// A metadata value that must be a list of texts.
    func strings(_ key: String) throws -> [String] {
        guard let value = metadata[key] else { throw WeightsError.missing(file: name, name: key) }
        guard case .strings(let strings) = value else {
            throw WeightsError.malformed(
                file: name, place: "`\(key)`", expected: "a list of strings", found: value.kind)
        }
        return strings
    }
}
