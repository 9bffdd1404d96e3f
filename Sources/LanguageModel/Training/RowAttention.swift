import CSIMD

/// Causal grouped-query attention within each of several packed rows, forward and backward.
///
/// With P = softmax(s Q Kᵀ), causal, s = 1/√headWidth, and O = P V, the gradients are
///
///     dV = Pᵀ dO,   dP = dO Vᵀ,   dS = s P ⊙ (dP − rowsum(P ⊙ dP)),   dQ = dS K,   dK = dSᵀ Q.
///
/// P is not kept for the backward pass but computed again, tile by tile (Dao et al. 2022): it grows with the square of
/// a row's length. Work items are one row and one key head, so that no two add to the same dK and dV.
final class RowAttention {
    /// Queries in a tile.
    private static let tile = 128

    private let shape: LlamaConfiguration
    private let scratch: [FloatBuffer]
    private var scale: Float { 1 / Float(shape.headWidth).squareRoot() }

    init(_ shape: LlamaConfiguration) {
        self.shape = shape
        scratch = (0..<Parallel.width).map { _ in FloatBuffer() }
    }

    /// Where one row's heads lie in matrices of the fused width.
    private struct Heads {
        let queries: Int
        let keys: Int
        let values: Int
        let output: Int
    }

    private func heads(row: Int, keyHead: Int, member: Int) -> Heads {
        let width = shape.headWidth
        let query = keyHead * shape.groupSize + member
        let start = row * shape.qkvWidth
        return Heads(
            queries: start + query * width, keys: start + shape.queryWidth + keyHead * width,
            values: start + shape.queryWidth + shape.keyWidth + keyHead * width,
            output: row * shape.queryWidth + query * width)
    }

    /// - Parameters:
    ///   - qkv: [tokens, qkvWidth], rotated.
    ///   - out: [tokens, queryWidth], overwritten.
    func forward(_ rows: [Range<Int>], qkv: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>) {
        let (stride, width) = (shape.qkvWidth, shape.headWidth)
        let buffers = scratch
        forEachTile(rows) { row, keyHead, tile, worker in
            let weights = buffers[worker].reserve(tile.count * tile.upperBound)
            for member in 0..<self.shape.groupSize {
                let at = self.heads(row: row.lowerBound, keyHead: keyHead, member: member)
                self.weigh(qkv, at, tile, into: weights)
                MatrixProduct.serial(
                    .plain(weights, stride: tile.upperBound), .plain(qkv + at.values, stride: stride),
                    into: out + at.output + tile.lowerBound * self.shape.queryWidth, stride: self.shape.queryWidth,
                    rows: tile.count, columns: width, inner: tile.upperBound)
            }
        }
    }

    /// - Parameters:
    ///   - qkv: [tokens, qkvWidth], as given to `forward`.
    ///   - dOut: [tokens, queryWidth]
    ///   - dQKV: [tokens, qkvWidth], overwritten.
    func backward(
        _ rows: [Range<Int>], qkv: UnsafePointer<Float>, dOut: UnsafePointer<Float>,
        into dQKV: UnsafeMutablePointer<Float>, tokens: Int
    ) {
        let (stride, width, outStride) = (shape.qkvWidth, shape.headWidth, shape.queryWidth)
        dQKV.update(repeating: 0, count: tokens * stride)
        let buffers = scratch
        forEachTile(rows) { row, keyHead, tile, worker in
            let (count, seen) = (tile.count, tile.upperBound)
            let weights = buffers[worker].reserve(2 * count * seen)
            let dScores = weights + count * seen
            for member in 0..<self.shape.groupSize {
                let at = self.heads(row: row.lowerBound, keyHead: keyHead, member: member)
                self.weigh(qkv, at, tile, into: weights)
                let dOutput = dOut + at.output + tile.lowerBound * outStride
                let queries = at.queries + tile.lowerBound * stride
                // dV += Pᵀ dO
                MatrixProduct.serial(
                    .transposed(weights, stride: seen), .plain(dOutput, stride: outStride), into: dQKV + at.values,
                    stride: stride, rows: seen, columns: width, inner: count, keep: 1)
                // dP = dO Vᵀ, then dS in its place
                MatrixProduct.serial(
                    .plain(dOutput, stride: outStride), .transposed(qkv + at.values, stride: stride), into: dScores,
                    stride: seen, rows: count, columns: seen, inner: width)
                for index in 0..<count {
                    let visible = tile.lowerBound + index + 1
                    let dRow = dScores + index * seen
                    Kernels.best.softmax_backward(weights + index * seen, dRow, visible, self.scale)
                    (dRow + visible).update(repeating: 0, count: seen - visible)
                }
                // dQ = dS K
                MatrixProduct.serial(
                    .plain(dScores, stride: seen), .plain(qkv + at.keys, stride: stride), into: dQKV + queries,
                    stride: stride, rows: count, columns: width, inner: seen)
                // dK += dSᵀ Q
                MatrixProduct.serial(
                    .transposed(dScores, stride: seen), .plain(qkv + queries, stride: stride), into: dQKV + at.keys,
                    stride: stride, rows: seen, columns: width, inner: count, keep: 1)
            }
        }
    }

    /// Runs `body(row, keyHead, tile, worker)` for all tiles of queries; those of one row and key head in order, by one
    /// worker.
    private func forEachTile(_ rows: [Range<Int>], _ body: (Range<Int>, Int, Range<Int>, Int) -> Void) {
        Parallel.items(rows.count * shape.kvHeads) { item, worker in
            let row = rows[item / shape.kvHeads]
            for start in Swift.stride(from: 0, to: row.count, by: Self.tile) {
                body(row, item % shape.kvHeads, start..<min(row.count, start + Self.tile), worker)
            }
        }
    }

    /// P of a tile's queries: [tile.count, tile.upperBound], zeros where a query does not see.
    private func weigh(
        _ qkv: UnsafePointer<Float>, _ at: Heads, _ tile: Range<Int>, into weights: UnsafeMutablePointer<Float>
    ) {
        let (stride, seen) = (shape.qkvWidth, tile.upperBound)
        MatrixProduct.serial(
            .plain(qkv + at.queries + tile.lowerBound * stride, stride: stride),
            .transposed(qkv + at.keys, stride: stride), into: weights, stride: seen, rows: tile.count, columns: seen,
            inner: shape.headWidth)
        for index in 0..<tile.count {
            let row = weights + index * seen
            let visible = tile.lowerBound + index + 1
            Kernels.best.softmax(row, visible, scale)
            (row + visible).update(repeating: 0, count: seen - visible)
        }
    }
}
