import Crypto
import Foundation

/// A file with the soft labels of some rows.
///
/// Little-endian, without padding: the magic `dnsoft`, the version (16 bit), then vocabulary, tokens kept of each
/// distribution, and rows (32 bit each); for each row its key (32 bytes) and its targets (32 bit); for each row the
/// tokens (32 bit), probabilities (32-bit float) and tails (likewise) of `SoftLabels`; at last the SHA-256 of all before.
struct SoftLabelPart {
    private static let magic = Array("dnsoft".utf8) + [1, 0]
    private static let headSize = 8 + 12
    private static let entrySize = 32 + 4
    private static let hashSize = 32

    private let bytes: Data
    private let kept: Int
    /// Where each row's labels begin, and how many targets it has.
    private let places: [SoftLabelKey: (start: Int, targets: Int)]

    /// Those of its rows, in the file's order.
    let keys: [SoftLabelKey]
    var byteCount: Int { bytes.count }

    static func encode(_ rows: [(key: SoftLabelKey, labels: SoftLabels)], kept: Int, vocabulary: Int) -> Data {
        var bytes = Data(magic)
        func append(_ values: [some Any]) { values.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        append([UInt32(vocabulary).littleEndian, UInt32(kept).littleEndian, UInt32(rows.count).littleEndian])
        for row in rows {
            bytes.append(contentsOf: row.key.bytes)
            append([UInt32(row.labels.count).littleEndian])
        }
        for row in rows {
            append(row.labels.tokens.map(\.littleEndian))
            append(row.labels.probabilities.map(\.bitPattern.littleEndian))
            append(row.labels.tails.map(\.bitPattern.littleEndian))
        }
        return signed(bytes)
    }

    /// A file's bytes with their hash behind them.
    static func signed(_ bytes: Data) -> Data { bytes + SHA256.hash(data: bytes) }

    /// Reads a file; nil where it is damaged, or of another vocabulary or length of distributions.
    init?(_ file: Data, kept: Int, vocabulary: Int) {
        // A slice of other data would begin at another index.
        let bytes = file.startIndex == 0 ? file : Data(file)
        guard bytes.count >= Self.headSize + Self.hashSize, Array(bytes.prefix(8)) == Self.magic,
            Self.word(bytes, 8) == vocabulary, Self.word(bytes, 12) == kept, kept > 0, kept <= vocabulary
        else { return nil }
        let end = bytes.count - Self.hashSize
        let rows = Self.word(bytes, 16)
        // 32-bit numbers: none of the products overflows 64 bits but the last, which is bounded before.
        guard rows <= (end - Self.headSize) / Self.entrySize else { return nil }
        var start = Self.headSize + rows * Self.entrySize
        let targetSize = kept * 8 + 4
        var places: [SoftLabelKey: (start: Int, targets: Int)] = [:]
        var keys: [SoftLabelKey] = []
        for row in 0..<rows {
            let entry = Self.headSize + row * Self.entrySize
            let targets = Self.word(bytes, entry + 32)
            guard targets <= (end - start) / targetSize else { return nil }
            let key = SoftLabelKey(bytes: Array(bytes[entry..<entry + 32]))
            keys.append(key)
            places[key] = (start, targets)
            start += targets * targetSize
        }
        guard start == end, Array(SHA256.hash(data: bytes.prefix(end))) == Array(bytes.suffix(Self.hashSize)) else {
            return nil
        }
        self.bytes = bytes
        self.kept = kept
        self.keys = keys
        self.places = places
        for key in places.keys where labels(key)?.areValid(vocabulary: vocabulary) != true { return nil }
    }

    /// How many targets a row has here; nil where it is not in this file.
    func targetCount(_ key: SoftLabelKey) -> Int? { places[key]?.targets }

    /// The soft labels of a row; nil where it is not in this file.
    func labels(_ key: SoftLabelKey) -> SoftLabels? {
        guard let (start, targets) = places[key] else { return nil }
        let count = targets * kept
        return SoftLabels(
            kept: kept, tokens: words(start, count).map { Int32(bitPattern: $0) },
            probabilities: words(start + 4 * count, count).map { Float(bitPattern: $0) },
            tails: words(start + 8 * count, targets).map { Float(bitPattern: $0) })
    }

    private func words(_ start: Int, _ count: Int) -> [UInt32] {
        bytes.withUnsafeBytes { all in
            (0..<count).map { UInt32(littleEndian: all.loadUnaligned(fromByteOffset: start + 4 * $0, as: UInt32.self)) }
        }
    }

    /// - Precondition: four bytes are there.
    private static func word(_ bytes: Data, _ at: Int) -> Int {
        bytes.withUnsafeBytes { Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: UInt32.self))) }
    }
}

/// What a row's soft labels are found by: a hash of its tokens as the teacher reads them, and of which are targets.
struct SoftLabelKey: Hashable, Sendable {
    /// 32 bytes.
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    init(_ row: TrainingExample) {
        var hash = SHA256()
        row.tokens.map(\.littleEndian).withUnsafeBytes { hash.update(bufferPointer: $0) }
        hash.update(data: row.trained.map { $0 ? 1 : 0 } as [UInt8])
        bytes = Array(hash.finalize())
    }
}
