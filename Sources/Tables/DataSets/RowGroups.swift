/// Rows numbered by equal keys: the index behind grouping, joining and removing duplicates.
///
/// Keys are equal as values are (`1` and `1.0`, null and null); groups are numbered as they first appear.
public struct RowGroups: Sendable {
    /// The group of each row, from 0.
    public let groupOfRow: [Int32]
    /// The first row of each group; none where there are no rows.
    public let firstRows: [Int]
    /// How many groups there are.
    public let count: Int

    /// - Parameters:
    ///   - keys: columns of one length.
    ///   - count: how many rows there are; they, and even none, are one group where there is no key.
    public init(by keys: [Column], count: Int) {
        guard !keys.isEmpty else {
            groupOfRow = [Int32](repeating: 0, count: count)
            firstRows = count > 0 ? [0] : []
            self.count = 1
            return
        }
        let hashes = KeyHashes(keys, count: count)
        var groups = [Int32](repeating: 0, count: count)
        var first: [Int] = []
        var firstHashes: [UInt64] = []
        var slots = [Int32](repeating: -1, count: 1024)
        for row in 0..<count {
            let hash = hashes[row]
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while true {
                let group = slots[slot]
                if group < 0 {
                    slots[slot] = Int32(first.count)
                    groups[row] = Int32(first.count)
                    first.append(row)
                    firstHashes.append(hash)
                    break
                }
                if firstHashes[Int(group)] == hash,
                    keys.allSatisfy({ KeyHashes.areEqual($0, row, $0, first[Int(group)]) })
                {
                    groups[row] = group
                    break
                }
                slot = (slot + 1) & (slots.count - 1)
            }
            if first.count * 2 > slots.count {
                slots = [Int32](repeating: -1, count: slots.count * 4)
                for (group, hash) in firstHashes.enumerated() {
                    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
                    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
                    slots[slot] = Int32(group)
                }
            }
        }
        groupOfRow = groups
        firstRows = first
        self.count = first.count
    }

    /// The rows of each group, in order.
    public var rows: [[Int]] {
        var sizes = [Int](repeating: 0, count: count)
        for group in groupOfRow { sizes[Int(group)] += 1 }
        var lists = sizes.map { size in
            var list: [Int] = []
            list.reserveCapacity(size)
            return list
        }
        for (row, group) in groupOfRow.enumerated() { lists[Int(group)].append(row) }
        return lists
    }
}

/// A hash for each row of some columns; equal keys have equal ones, however their columns are stored.
struct KeyHashes {
    private var hashes: [UInt64]

    /// Anew in each process, so that no file can be made in which all keys collide.
    private static let seed = UInt64.random(in: .min ... .max)

    init(_ keys: [Column], count: Int) {
        hashes = [UInt64](repeating: Self.seed, count: count)
        for key in keys { add(key) }
    }

    subscript(row: Int) -> UInt64 { hashes[row] }

    private mutating func add(_ column: Column) {
        switch column.storage {
        case .nulls: for row in hashes.indices { hashes[row] = Self.mix(hashes[row], Self.nullMark) }
        case .bools(let elements, let gaps):
            for row in hashes.indices {
                hashes[row] = Self.mix(hashes[row], gaps[row] ? Self.nullMark : elements[row] ? 3 : 2)
            }
        case .integers(let elements, let gaps):
            for row in hashes.indices {
                hashes[row] = Self.mix(hashes[row], gaps[row] ? Self.nullMark : Self.mark(Double(elements[row])))
            }
        case .doubles(let elements, _, let gaps):
            for row in hashes.indices {
                hashes[row] = Self.mix(hashes[row], gaps[row] ? Self.nullMark : Self.mark(elements[row]))
            }
        case .texts(let texts, let gaps):
            texts.bytes.withUnsafeBytes { bytes in
                for row in hashes.indices {
                    hashes[row] =
                        gaps[row]
                        ? Self.mix(hashes[row], Self.nullMark)
                        : Self.mix(hashes[row], bytes: UnsafeRawBufferPointer(rebasing: bytes[texts.range(row)]))
                }
            }
        case .values(let values):
            for row in hashes.indices { hashes[row] = Self.mix(hashes[row], value: values[row]) }
        }
    }

    private static let nullMark: UInt64 = 1

    /// Zero has two signs and is one number.
    private static func mark(_ number: Double) -> UInt64 { (number + 0.0).bitPattern }

    private static func mix(_ hash: UInt64, value: Value) -> UInt64 {
        switch value {
        case .null: return mix(hash, nullMark)
        case .bool(let flag): return mix(hash, flag ? 3 : 2)
        case .number(let number): return mix(hash, mark(number.double))
        case .string(var text):
            return text.withUTF8 { mix(hash, bytes: UnsafeRawBufferPointer($0)) }
        case .list, .record, .error, .opaque:
            return mix(hash, UInt64(truncatingIfNeeded: value.hashValue))
        }
    }

    /// Folds a word into a hash by the two halves of a product, as wyhash does.
    @inline(__always)
    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: word ^ 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low
    }

    @inline(__always)
    private static func mix(_ hash: UInt64, bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = mix(hash, UInt64(bytes.count))
        var at = 0
        while at + 8 <= bytes.count {
            hash = mix(hash, bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        guard at < bytes.count else { return hash }
        var rest: UInt64 = 0
        while at < bytes.count {
            rest = rest << 8 | UInt64(bytes[at])
            at += 1
        }
        return mix(hash, rest)
    }

    /// Whether two rows have equal values in two columns.
    static func areEqual(_ left: Column, _ a: Int, _ right: Column, _ b: Int) -> Bool {
        switch (left.storage, right.storage) {
        case (.texts(let x, let gapsX), .texts(let y, let gapsY)):
            if gapsX[a] || gapsY[b] { return gapsX[a] == gapsY[b] }
            let (first, second) = (x.range(a), y.range(b))
            guard first.count == second.count else { return false }
            return x.bytes.withUnsafeBufferPointer { x in
                y.bytes.withUnsafeBufferPointer { y in x[first].elementsEqual(y[second]) }
            }
        case (.integers(let x, let gapsX), .integers(let y, let gapsY)):
            return gapsX[a] || gapsY[b] ? gapsX[a] == gapsY[b] : x[a] == y[b]
        default: return left[a] == right[b]
        }
    }
}
