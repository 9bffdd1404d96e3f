import COpenBLAS
import CSIMD

/// Products of row-major matrices, cut over the cores by us: by the processor's tiles where it has them (`tiles.c` of
/// CSIMD), otherwise by OpenBLAS.
///
/// OpenBLAS is told to use one thread: its own pool spins while it waits and would fight with ours.
enum MatrixProduct {
    private static let singleThreaded: Void = openblas_set_num_threads(1)

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

    /// Another product, scale · a · b, that is added to some columns of a result.
    struct Term {
        /// [rows, inner], after transposition.
        let a: Operand
        /// [inner, columns], after transposition.
        let b: Operand
        let inner: Int
        let columns: Range<Int>
        var scale: Float = 1
    }

    /// How exact products on tiles are.
    enum Precision {
        /// To about 2^-17 of each product.
        case full
        /// A quarter less work; another 2^-18 or so is left out. Enough for losses and gradients.
        case training
    }

    /// out = scale · a · b + keep · out, on the caller's thread, for use inside parallel items.
    ///
    /// a (after transposition) is [rows, inner], b [inner, columns], out [rows, columns] with its own stride.
    static func serial(
        _ a: Operand, _ b: Operand, into out: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
        inner: Int, scale: Float = 1, keep: Float = 0, precision: Precision = .full
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
        if byTiles(
            a, b, into: out, stride: stride, rows: rows, columns: columns, inner: inner, scale: scale, keep: keep,
            precision: precision, parallel: false)
        {
            return
        }
        cblas_sgemm(
            CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans, b.transposed ? CblasTrans : CblasNoTrans,
            Int32(rows), Int32(columns), Int32(inner), scale, a.pointer, Int32(a.stride), b.pointer, Int32(b.stride),
            keep, out, Int32(stride))
    }

    /// The product by tiles; false where it is left to OpenBLAS.
    private static func byTiles(
        _ a: Operand, _ b: Operand, into out: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
        inner: Int, scale: Float, keep: Float, precision: Precision, parallel: Bool
    ) -> Bool {
        guard keep == 0 || keep == 1 else { return false }
        if a.transposed, !b.transposed, columns <= 2 * TileProduct.panel, columns < rows {
            // Turned round neither side has to be turned when it is packed, only the narrow result.
            return TileProduct.run(
                TileProduct.Term(
                    left: .floats(b.pointer, line: 1, step: b.stride),
                    right: .floats(a.pointer, line: 1, step: a.stride),
                    inner: inner, columns: 0..<rows, scale: scale),
                into: out, stride: stride, rows: columns, adding: keep == 1, precision: precision, transposed: true,
                parallel: parallel)
        }
        let term = Term(a: a, b: b, inner: inner, columns: 0..<columns, scale: scale)
        return TileProduct.run(
            term.onTiles, into: out, stride: stride, rows: rows, adding: keep == 1, precision: precision,
            parallel: parallel)
    }

    /// The same, cut over the cores by columns of the result (so that each reads its own part of the weights), or by
    /// rows where there are few columns.
    static func parallel(
        _ a: Operand, _ b: Operand, into out: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
        inner: Int, scale: Float = 1, keep: Float = 0, precision: Precision = .full
    ) {
        if byTiles(
            a, b, into: out, stride: stride, rows: rows, columns: columns, inner: inner, scale: scale, keep: keep,
            precision: precision, parallel: true)
        {
            return
        }
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
    /// first.
    private static let fewRows = 16
    /// Up to so many rows the same instead of tiles.
    private static let fewRowsBesideTiles = 3

    /// out [rows, weights.rows] = x [rows, weights.columns] · weightsᵀ: a linear layer.
    /// - Parameters:
    ///   - adding: add to what `out` holds instead of overwriting it.
    ///   - terms: what else is added to it.
    static func linear(
        _ x: UnsafePointer<Float>, _ weights: Matrix, into out: UnsafeMutablePointer<Float>, rows: Int,
        adding: Bool = false, plus terms: [Term] = [], precision: Precision = .full
    ) {
        if linearByTiles(
            x, .rows(weights), outputs: weights.rows, inputs: weights.columns, into: out, rows: rows, adding: adding,
            plus: terms, precision: precision)
        {
            return
        }
        if !terms.isEmpty {
            linear(x, weights, into: out, rows: rows, adding: adding, precision: precision)
            return add(terms, to: out, stride: weights.rows, rows: rows, precision: precision)
        }
        switch weights.backing {
        case .floats:
            linear(
                x, weights.pointer, outputs: weights.rows, inputs: weights.columns, into: out, rows: rows,
                adding: adding)
        case .stored(let stored, let first):
            let inputs = weights.columns
            if precision == .training, stored.isReadAsFloats {
                // They were or will be made for the gradient.
                return linear(
                    x, weights.pointer, outputs: weights.rows, inputs: inputs, into: out, rows: rows, adding: adding,
                    precision: precision)
            }
            if rows <= fewRowsBesideTiles, stored.hasDotProducts {
                return dots(x, stored, first: first, outputs: weights.rows, into: out, rows: rows, adding: adding)
            }
            let panel = panelRows(outputs: weights.rows, rows: rows)
            Parallel.spread((weights.rows + panel - 1) / panel, forks: rows * weights.count >= 1 << 17) { panels in
                TileScratch.withFloats(panel * inputs) { floats in
                    for index in panels {
                        let lines = index * panel..<min(weights.rows, (index + 1) * panel)
                        stored.write(first + lines.lowerBound..<first + lines.upperBound, to: floats)
                        if rows <= fewRows {
                            Kernels.best.few_rows_linear(
                                x, floats, out + lines.lowerBound, rows, lines.count, inputs, weights.rows,
                                adding ? 1 : 0)
                        } else {
                            serial(
                                .plain(x, stride: inputs), .transposed(floats, stride: inputs),
                                into: out + lines.lowerBound, stride: weights.rows, rows: rows, columns: lines.count,
                                inner: inputs, keep: adding ? 1 : 0)
                        }
                    }
                }
            }
        }
    }

    /// Few rows times quantised ones, without making floats of these first: a decoding step of one sequence.
    private static func dots(
        _ x: UnsafePointer<Float>, _ weights: StoredRows, first: Int, outputs: Int,
        into out: UnsafeMutablePointer<Float>, rows: Int, adding: Bool
    ) {
        let inputs = weights.columns
        let blocks = inputs / 32
        withUnsafeTemporaryAllocation(of: Float.self, capacity: rows * blocks) { sums in
            guard let sums = sums.baseAddress else { return }
            for block in 0..<rows * blocks {
                sums[block] = (0..<32).reduce(0) { $0 + x[block * 32 + $1] }
            }
            Parallel.ranges(of: outputs, atLeast: max(1, (1 << 16) / inputs), multipleOf: 8) { range in
                for row in 0..<rows {
                    weights.dot(
                        first + range.lowerBound..<first + range.upperBound, x + row * inputs,
                        sums: sums + row * blocks,
                        into: out + row * outputs + range.lowerBound, adding: adding)
                }
            }
        }
    }

    /// With few rows the weights are the left side, which is packed as it lies, and the little result is turned; with
    /// many rows the weights are turned instead.
    private static func linearByTiles(
        _ x: UnsafePointer<Float>, _ weights: TileProduct.Side, outputs: Int, inputs: Int,
        into out: UnsafeMutablePointer<Float>, rows: Int, adding: Bool, plus terms: [Term], precision: Precision
    ) -> Bool {
        let x = TileProduct.Side.floats(x, line: inputs, step: 1)
        if rows <= fewRowsBesideTiles { return false }
        if rows <= rowsWorthTurning {
            return terms.isEmpty
                && TileProduct.run(
                    TileProduct.Term(left: weights, right: x, inner: inputs, columns: 0..<rows), into: out,
                    stride: outputs, rows: outputs, adding: adding, precision: precision, transposed: true,
                    parallel: true)
        }
        return TileProduct.run(
            TileProduct.Term(left: x, right: weights, inner: inputs, columns: 0..<outputs),
            others: terms.map(\.onTiles), into: out, stride: outputs, rows: rows, adding: adding, precision: precision,
            parallel: true)
    }

    private static func add(
        _ terms: [Term], to out: UnsafeMutablePointer<Float>, stride: Int, rows: Int, precision: Precision
    ) {
        for term in terms {
            parallel(
                term.a, term.b, into: out + term.columns.lowerBound, stride: stride, rows: rows,
                columns: term.columns.count, inner: term.inner, scale: term.scale, keep: 1, precision: precision)
        }
    }

    private static let rowsWorthTurning = 128

    /// How many stored rows are turned into floats at once: few stay in the second-level cache; many rows of x want wide
    /// products, a share for each core.
    private static func panelRows(outputs: Int, rows: Int) -> Int {
        if rows <= 64 { return 48 }
        return min(768, ((outputs + Parallel.width - 1) / Parallel.width + 15) / 16 * 16)
    }

    /// The same with weights [outputs, inputs] given by their first value.
    static func linear(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, outputs: Int, inputs: Int,
        into out: UnsafeMutablePointer<Float>, rows: Int, adding: Bool = false, precision: Precision = .full
    ) {
        guard rows > 0 else { return }
        if linearByTiles(
            x, .floats(weights, line: inputs, step: 1), outputs: outputs, inputs: inputs, into: out, rows: rows,
            adding: adding, plus: [], precision: precision)
        {
            return
        }
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

    /// out [rows, weights.columns] = dy [rows, weights.rows] · weights + the terms: the gradient of a linear layer's input.
    static func transposedLinear(
        _ dy: UnsafePointer<Float>, _ weights: Matrix, into out: UnsafeMutablePointer<Float>, rows: Int,
        plus terms: [Term] = []
    ) {
        let product = TileProduct.Term(
            left: .floats(dy, line: weights.rows, step: 1), right: .columns(weights), inner: weights.rows,
            columns: 0..<weights.columns)
        if TileProduct.run(
            product, others: terms.map(\.onTiles), into: out, stride: weights.columns, rows: rows,
            precision: .training, parallel: true)
        {
            return
        }
        if TileProduct.run(
            product, into: out, stride: weights.columns, rows: rows, precision: .training, parallel: true)
        {
            return add(terms, to: out, stride: weights.columns, rows: rows, precision: .training)
        }
        parallel(
            .plain(dy, stride: weights.rows), .plain(weights.pointer, stride: weights.columns), into: out,
            stride: weights.columns, rows: rows, columns: weights.columns, inner: weights.rows)
        add(terms, to: out, stride: weights.columns, rows: rows, precision: .training)
    }
}

extension MatrixProduct.Term {
    fileprivate var onTiles: TileProduct.Term {
        TileProduct.Term(
            left: .floats(a.pointer, line: a.transposed ? 1 : a.stride, step: a.transposed ? a.stride : 1),
            right: .floats(b.pointer, line: b.transposed ? b.stride : 1, step: b.transposed ? 1 : b.stride),
            inner: inner, columns: columns, scale: scale)
    }
}
