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

/// An immutable matrix [rows, columns] of floats, row-major, or a range of rows of a larger one.
///
/// A projection's matrix is [out, in], as PyTorch and GGUF store it: y = x Wᵀ.
public struct Matrix: Sendable {
    let storage: FloatStorage
    private let offset: Int
    /// Outputs of the projection.
    public let rows: Int
    /// Inputs of the projection.
    public let columns: Int

    init(_ storage: FloatStorage, offset: Int = 0, rows: Int, columns: Int) {
        precondition(offset >= 0 && offset + rows * columns <= storage.count)
        self.storage = storage
        self.offset = offset
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

    /// The first value; valid as long as the matrix lives.
    var pointer: UnsafePointer<Float> { UnsafePointer(storage.base + offset) }

    /// The first value of a row.
    func row(_ index: Int) -> UnsafePointer<Float> { pointer + index * columns }

    /// A range of rows, sharing this matrix's memory.
    func rows(_ range: Range<Int>) -> Matrix {
        Matrix(storage, offset: offset + range.lowerBound * columns, rows: range.count, columns: columns)
    }
}
