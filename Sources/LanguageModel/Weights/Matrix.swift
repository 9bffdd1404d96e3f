/// Floats in memory that is freed with its last owner, aligned to a cache line.
///
/// `@unchecked Sendable`: whoever allocates it fills it before anyone else sees it, and nobody writes later.
final class FloatStorage: @unchecked Sendable {
    let base: UnsafeMutablePointer<Float>
    let count: Int

    /// Uninitialised memory for `count` floats.
    init(count: Int) {
        base = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(1, count))
        self.count = count
    }

    deinit { base.deallocate() }
}

/// An immutable matrix [rows, columns], row-major, or a range of rows of a larger one: floats in memory, or rows as a
/// file stores them.
///
/// A projection's matrix is [out, in], as PyTorch and GGUF store it: y = x Wᵀ.
public struct Matrix: Sendable {
    /// Where the values are.
    enum Backing: Sendable {
        /// From the offset on, densely.
        case floats(FloatStorage, offset: Int)
        /// From the row on.
        case stored(StoredRows, first: Int)
    }

    let backing: Backing
    /// Outputs of the projection.
    public let rows: Int
    /// Inputs of the projection.
    public let columns: Int

    init(_ storage: FloatStorage, offset: Int = 0, rows: Int, columns: Int) {
        precondition(offset >= 0 && offset + rows * columns <= storage.count)
        backing = .floats(storage, offset: offset)
        self.rows = rows
        self.columns = columns
    }

    /// All rows as they are stored.
    init(_ stored: StoredRows) {
        backing = .stored(stored, first: 0)
        rows = stored.rows
        columns = stored.columns
    }

    private init(_ backing: Backing, rows: Int, columns: Int) {
        self.backing = backing
        self.rows = rows
        self.columns = columns
    }

    /// Makes a matrix by filling uninitialised memory.
    init(rows: Int, columns: Int, fill: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
        let storage = FloatStorage(count: rows * columns)
        try fill(storage.base)
        self.init(storage, rows: rows, columns: columns)
    }

    var count: Int { rows * columns }

    /// Bytes that the values take in memory: floats, or what is mapped of a file.
    var byteCount: Int {
        switch backing {
        case .floats: count * MemoryLayout<Float>.stride
        case .stored(let stored, _): stored.byteCount * rows / max(1, stored.rows)
        }
    }

    /// Bytes of the floats that stored values are turned into once a gradient goes through them.
    var floatBytes: Int {
        switch backing {
        case .floats: 0
        case .stored(let stored, _):
            stored.isReadAsFloats ? count * MemoryLayout<Float>.stride : 0
        }
    }

    /// The first value; valid as long as the matrix lives. Stored rows are turned into floats for it once, all of them,
    /// and those floats stay: for small matrices, and where nothing else will do.
    var pointer: UnsafePointer<Float> {
        switch backing {
        case .floats(let storage, let offset): UnsafePointer(storage.base + offset)
        case .stored(let stored, let first): UnsafePointer(stored.allFloats().base + first * columns)
        }
    }

    /// Copies rows as floats, densely.
    func write(_ range: Range<Int>, to out: UnsafeMutablePointer<Float>) {
        switch backing {
        case .floats(let storage, let offset):
            out.update(from: storage.base + offset + range.lowerBound * columns, count: range.count * columns)
        case .stored(let stored, let first):
            stored.write(first + range.lowerBound..<first + range.upperBound, to: out)
        }
    }

    /// Copies all values as floats, on all cores.
    func write(to out: UnsafeMutablePointer<Float>) {
        Parallel.ranges(of: rows, atLeast: max(1, 65536 / columns)) { range in
            write(range, to: out + range.lowerBound * columns)
        }
    }

    /// A range of rows, sharing this matrix's memory.
    func rows(_ range: Range<Int>) -> Matrix {
        switch backing {
        case .floats(let storage, let offset):
            Matrix(
                .floats(storage, offset: offset + range.lowerBound * columns), rows: range.count, columns: columns)
        case .stored(let stored, let first):
            Matrix(.stored(stored, first: first + range.lowerBound), rows: range.count, columns: columns)
        }
    }
}
