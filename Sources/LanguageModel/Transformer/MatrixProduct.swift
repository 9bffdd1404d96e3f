import COpenBLAS
import CSIMD

/// Products of row-major matrices, cut over the cores by us: by the processor's tiles where it has them (`tiles.c` of
/// CSIMD), otherwise by OpenBLAS.
///
/// OpenBLAS is told to use one thread: its own pool spins while it waits and would fight with ours.
enum MatrixProduct {
    private static let singleThreaded: Void = openblas_set_num_threads(1)
    private static let tiles = simd_tile_product_best()
    /// Multiplications from which on tiles pay for being set up, and the fewest lines for which a tile is not mostly empty.
    private static let tilesWork = 1 << 15
    private static let tilesLines = 8

    /// One side of a product: `pointer` to its first value, `stride` floats from row to row, read as it stands or
    /// transposed.
    struct Operand {
        var pointer: UnsafePointer<Float>
        var stride: Int
        var transposed = false

        static func plain(_ pointer: UnsafePointer<Float>, stride: Int) -> Operand {
            Operand(pointer: pointer, stride: stride)
        }

        static func transposed(_ pointer: UnsafePointer<Float>, stride: Int) -> Operand {
            Operand(pointer: pointer, stride: stride, transposed: true)
        }

        func skipping(rows: Int) -> UnsafePointer<Float> { pointer + rows * (transposed ? 1 : stride) }
        func skipping(columns: Int) -> UnsafePointer<Float> { pointer + columns * (transposed ? stride : 1) }
    }

    /// out = scale · a · b + keep · out, on the caller's thread, for use inside parallel items.
    ///
    /// a (after transposition) is [rows, inner], b [inner, columns], out [rows, columns] with its own stride.
    static func serial(
        _ a: Operand, _ b: Operand, into out: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
        inner: Int, scale: Float = 1, keep: Float = 0
    ) {
        _ = singleThreaded
        guard rows > 0, columns > 0, inner > 0 else { return }
        if rows == 1, !a.transposed {
            // One row is a matrix-vector product, which OpenBLAS's gemm would do at the price of packing b.
            cblas_sgemv(
                CblasRowMajor, b.transposed ? CblasNoTrans : CblasTrans, Int32(b.transposed ? columns : inner),
                Int32(b.transposed ? inner : columns), scale, b.pointer, Int32(b.stride), a.pointer, 1, keep, out, 1)
            return
        }
        if let tiles, keep == 0 || keep == 1, rows * columns * inner >= tilesWork, min(rows, columns) >= tilesLines,
            inner >= tilesLines,
            tiles(
                a.pointer, a.transposed ? 1 : a.stride, a.transposed ? a.stride : 1, b.pointer,
                b.transposed ? 1 : b.stride, b.transposed ? b.stride : 1, out, stride, rows, columns, inner, scale,
                keep == 1 ? 1 : 0) != 0
        {
            return
        }
        cblas_sgemm(
            CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans, b.transposed ? CblasTrans : CblasNoTrans,
            Int32(rows), Int32(columns), Int32(inner), scale, a.pointer, Int32(a.stride), b.pointer, Int32(b.stride),
            keep, out, Int32(stride))
    }

    /// The same, cut over the cores by columns of the result (so that each reads its own part of the weights), or by
    /// rows where there are few columns.
    static func parallel(
        _ a: Operand, _ b: Operand, into out: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
        inner: Int, scale: Float = 1, keep: Float = 0
    ) {
        // Below about a million multiplications a fork costs more than it saves.
        guard rows * columns * inner >= 1 << 19, Parallel.width > 1 else {
            return serial(
                a, b, into: out, stride: stride, rows: rows, columns: columns, inner: inner, scale: scale, keep: keep)
        }
        if columns >= 64 * Parallel.width || (columns >= rows && columns >= 16) {
            Parallel.ranges(of: columns / 16, atLeast: 1) { units in
                let first = units.lowerBound * 16
                let last = units.upperBound == columns / 16 ? columns : units.upperBound * 16
                serial(
                    a, Operand(pointer: b.skipping(columns: first), stride: b.stride, transposed: b.transposed),
                    into: out + first, stride: stride, rows: rows, columns: last - first, inner: inner, scale: scale,
                    keep: keep)
            }
        } else {
            Parallel.ranges(of: rows, atLeast: 1) { range in
                serial(
                    Operand(pointer: a.skipping(rows: range.lowerBound), stride: a.stride, transposed: a.transposed), b,
                    into: out + range.lowerBound * stride, stride: stride, rows: range.count, columns: columns,
                    inner: inner, scale: scale, keep: keep)
            }
        }
    }

    /// Up to so many rows our kernel, which reads the weights as they lie, is used instead of OpenBLAS, which packs them
    /// first. An estimate (decode steps of ours against a loop of OpenBLAS products), not yet a side-by-side
    /// measurement.
    private static let fewRows = 16

    /// out [rows, weights.rows] = x [rows, weights.columns] · weightsᵀ: a linear layer.
    /// - Parameter adding: add to what `out` holds instead of overwriting it.
    static func linear(
        _ x: UnsafePointer<Float>, _ weights: Matrix, into out: UnsafeMutablePointer<Float>, rows: Int,
        adding: Bool = false
    ) {
        linear(
            x, weights.pointer, outputs: weights.rows, inputs: weights.columns, into: out, rows: rows, adding: adding)
    }

    /// The same with weights [outputs, inputs] given by their first value.
    static func linear(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, outputs: Int, inputs: Int,
        into out: UnsafeMutablePointer<Float>, rows: Int, adding: Bool = false
    ) {
        guard rows > 0 else { return }
        if rows <= fewRows {
            Parallel.ranges(of: outputs, atLeast: max(1, (1 << 17) / (rows * inputs)), multipleOf: 12) { range in
                Kernels.best.few_rows_linear(
                    x, weights + range.lowerBound * inputs, out + range.lowerBound, rows, range.count, inputs, outputs,
                    adding ? 1 : 0)
            }
        } else {
            parallel(
                .plain(x, stride: inputs), .transposed(weights, stride: inputs), into: out, stride: outputs,
                rows: rows, columns: outputs, inner: inputs, keep: adding ? 1 : 0)
        }
    }
}
