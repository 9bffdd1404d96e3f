import CSIMD

/// Causal grouped-query attention within each of several packed rows and to their common beginning, forward and
/// backward.
///
/// With P = softmax(s Q Kᵀ), causal and within the layer's window, s the query scale, and O = P V, the gradients are
///
///     dV = Pᵀ dO,   dP = dO Vᵀ,   dS = s P ⊙ (dP − rowsum(P ⊙ dP)),   dQ = dS K,   dK = dSᵀ Q,
///
/// where K and V are those of the common beginning above those of the row. P is not kept for the backward pass but
/// computed again, tile by tile (Dao et al. 2022): it grows with the square of a row's length. Work items are one row
/// and one key head, so that no two add to the same dK and dV; what they owe the common beginning each keeps apart, and
/// it is added up in the order of the rows.
final class RowAttention {
    /// Queries in a tile.
    private static let tile = 128

    private let shape: ModelConfiguration
    private let scratch: [FloatBuffer]
    private let prefixGradients = FloatBuffer()

    init(_ shape: ModelConfiguration) {
        self.shape = shape
        scratch = (0..<Parallel.width).map { _ in FloatBuffer() }
    }

    /// Where the heads of a segment's first token lie in matrices of the fused width.
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

    /// One head of one tile of a segment's queries.
    private struct Tile {
        /// Queries, counted in their segment.
        let queries: Range<Int>
        /// Tokens of the common beginning that they see.
        let prefix: Int
        let at: Heads
        /// The first key and value of the common beginning.
        let prefixKeys: Int
        let prefixValues: Int

        var count: Int { queries.count }
        /// Width of the tile's rows of P: the common beginning, then the segment.
        var seen: Int { prefix + queries.upperBound }
        /// How many keys there are up to a query of the tile.
        func visible(_ index: Int) -> Int { prefix + queries.lowerBound + index + 1 }
    }

    /// - Parameters:
    ///   - window: how many tokens a token sees in this layer, itself included.
    ///   - qkv: [tokens, qkvWidth], rotated.
    ///   - out: [tokens, queryWidth], overwritten.
    func forward(
        _ segments: [PackedRows.Segment], window: Int, qkv: UnsafePointer<Float>,
        into out: UnsafeMutablePointer<Float>
    ) {
        let (stride, width, outStride) = (shape.qkvWidth, shape.headWidth, shape.queryWidth)
        let buffers = scratch
        forEachTile(segments) { tile, _, worker in
            let weights = buffers[worker].reserve(tile.count * tile.seen)
            self.weigh(qkv, tile, window: window, into: weights)
            let output = out + tile.at.output + tile.queries.lowerBound * outStride
            if tile.prefix > 0 {
                MatrixProduct.serial(
                    .plain(weights, stride: tile.seen), .plain(qkv + tile.prefixValues, stride: stride), into: output,
                    stride: outStride, rows: tile.count, columns: width, inner: tile.prefix)
            }
            MatrixProduct.serial(
                .plain(weights + tile.prefix, stride: tile.seen), .plain(qkv + tile.at.values, stride: stride),
                into: output, stride: outStride, rows: tile.count, columns: width, inner: tile.queries.upperBound,
                keep: tile.prefix > 0 ? 1 : 0)
        }
    }

    /// - Parameters:
    ///   - window: as given to `forward`.
    ///   - qkv: [tokens, qkvWidth], as given to `forward`.
    ///   - dOut: [tokens, queryWidth]
    ///   - dQKV: [tokens, qkvWidth], overwritten.
    func backward(
        _ segments: [PackedRows.Segment], window: Int, qkv: UnsafePointer<Float>, dOut: UnsafePointer<Float>,
        into dQKV: UnsafeMutablePointer<Float>, tokens: Int
    ) {
        let (stride, width, outStride) = (shape.qkvWidth, shape.headWidth, shape.queryWidth)
        dQKV.update(repeating: 0, count: tokens * stride)
        let buffers = scratch
        // For each segment and key head: dK, then dV of the common beginning, [prefix, headWidth] each.
        let prefix = segments.last?.prefix ?? 0
        let owed = prefixGradients.reserve(segments.count * shape.kvHeads * 2 * prefix * width)
        owed.update(repeating: 0, count: segments.count * shape.kvHeads * 2 * prefix * width)
        forEachTile(segments) { tile, item, worker in
            let (count, seen) = (tile.count, tile.seen)
            let weights = buffers[worker].reserve(2 * count * seen)
            let dScores = weights + count * seen
            self.weigh(qkv, tile, window: window, into: weights)
            let dOutput = dOut + tile.at.output + tile.queries.lowerBound * outStride
            let queries = tile.at.queries + tile.queries.lowerBound * stride
            // The keys and values that the tile sees: of the common beginning, and of the segment.
            let prefixKeys = owed + item * 2 * prefix * width
            let parts = [
                (
                    column: 0, count: tile.prefix, keys: tile.prefixKeys, values: tile.prefixValues,
                    dKeys: prefixKeys, dValues: prefixKeys + prefix * width, dStride: width
                ),
                (
                    column: tile.prefix, count: tile.queries.upperBound, keys: tile.at.keys, values: tile.at.values,
                    dKeys: dQKV + tile.at.keys, dValues: dQKV + tile.at.values, dStride: stride
                ),
            ].filter { $0.count > 0 }
            for part in parts {
                // dV += Pᵀ dO
                MatrixProduct.serial(
                    .transposed(weights + part.column, stride: seen), .plain(dOutput, stride: outStride),
                    into: part.dValues, stride: part.dStride, rows: part.count, columns: width, inner: count, keep: 1)
                // dP = dO Vᵀ, then dS in its place
                MatrixProduct.serial(
                    .plain(dOutput, stride: outStride), .transposed(qkv + part.values, stride: stride),
                    into: dScores + part.column, stride: seen, rows: count, columns: part.count, inner: width)
            }
            for index in 0..<count {
                let visible = tile.visible(index)
                let dRow = dScores + index * seen
                // What lies before the window has the weight 0, and so the gradient 0.
                Kernels.best.softmax_backward(weights + index * seen, dRow, visible, self.shape.queryScale)
                (dRow + visible).update(repeating: 0, count: seen - visible)
            }
            for (index, part) in parts.enumerated() {
                // dQ = dS K
                MatrixProduct.serial(
                    .plain(dScores + part.column, stride: seen), .plain(qkv + part.keys, stride: stride),
                    into: dQKV + queries, stride: stride, rows: count, columns: width, inner: part.count,
                    keep: index > 0 ? 1 : 0)
                // dK += dSᵀ Q
                MatrixProduct.serial(
                    .transposed(dScores + part.column, stride: seen), .plain(qkv + queries, stride: stride),
                    into: part.dKeys, stride: part.dStride, rows: part.count, columns: width, inner: count, keep: 1)
            }
        }
        if prefix > 0 { addOwed(owed, prefix: prefix, segments: segments.count, to: dQKV) }
    }

    /// Adds what the rows owe the common beginning, whose tokens are the first.
    private func addOwed(
        _ owed: UnsafePointer<Float>, prefix: Int, segments: Int, to dQKV: UnsafeMutablePointer<Float>
    ) {
        let (width, kvHeads) = (shape.headWidth, shape.kvHeads)
        for segment in 0..<segments {
            for keyHead in 0..<kvHeads {
                let keys = owed + (segment * kvHeads + keyHead) * 2 * prefix * width
                let at = heads(row: 0, keyHead: keyHead, member: 0)
                for token in 0..<prefix {
                    let row = dQKV + token * shape.qkvWidth
                    Kernels.best.add(keys + token * width, row + at.keys, width)
                    Kernels.best.add(keys + (prefix + token) * width, row + at.values, width)
                }
            }
        }
    }

    /// Runs `body(tile, item, worker)` for all tiles of queries and heads; those of one segment and key head, an item,
    /// in order, by one worker.
    private func forEachTile(_ segments: [PackedRows.Segment], _ body: (Tile, Int, Int) -> Void) {
        Parallel.items(segments.count * shape.kvHeads) { item, worker in
            let segment = segments[item / shape.kvHeads]
            let keyHead = item % shape.kvHeads
            let beginning = heads(row: 0, keyHead: keyHead, member: 0)
            for start in Swift.stride(from: 0, to: segment.tokens.count, by: Self.tile) {
                for member in 0..<shape.groupSize {
                    let tile = Tile(
                        queries: start..<min(segment.tokens.count, start + Self.tile), prefix: segment.prefix,
                        at: heads(row: segment.tokens.lowerBound, keyHead: keyHead, member: member),
                        prefixKeys: beginning.keys, prefixValues: beginning.values)
                    body(tile, item, worker)
                }
            }
        }
    }

    /// P of a tile's queries: [tile.count, tile.seen], zeros where a query does not see.
    private func weigh(
        _ qkv: UnsafePointer<Float>, _ tile: Tile, window: Int, into weights: UnsafeMutablePointer<Float>
    ) {
        let (stride, seen) = (shape.qkvWidth, tile.seen)
        let queries = qkv + tile.at.queries + tile.queries.lowerBound * stride
        if tile.prefix > 0 {
            MatrixProduct.serial(
                .plain(queries, stride: stride), .transposed(qkv + tile.prefixKeys, stride: stride), into: weights,
                stride: seen, rows: tile.count, columns: tile.prefix, inner: shape.headWidth)
        }
        MatrixProduct.serial(
            .plain(queries, stride: stride), .transposed(qkv + tile.at.keys, stride: stride),
            into: weights + tile.prefix, stride: seen, rows: tile.count, columns: tile.queries.upperBound,
            inner: shape.headWidth)
        for index in 0..<tile.count {
            let row = weights + index * seen
            let visible = tile.visible(index)
            let first = max(0, visible - window)
            row.update(repeating: 0, count: first)
            Kernels.best.softmax(row + first, visible - first, shape.queryScale)
            (row + visible).update(repeating: 0, count: seen - visible)
        }
    }
}
