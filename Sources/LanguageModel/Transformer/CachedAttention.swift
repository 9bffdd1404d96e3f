import CSIMD

/// Causal attention of packed new tokens to a shared prefix and to their own sequences' caches.
///
/// Work is cut into items of one key head and one tile of consecutive tokens. In an item the scores of a token lie in
/// one row: first those against the prefix, which is one matrix product for the whole tile whichever sequences its
/// tokens belong to, then those against the token's own sequence. One softmax over the row, and the values are mixed
/// the same way. So a prefix shared by sixteen sequences is read once a tile, not sixteen times.
final class CachedAttention {
    /// Tokens in a tile at most: keeps an item's scores in the second-level cache for contexts up to about 1000.
    private static let longestTile = 64
    /// Up to so many query rows of one sequence, the dot products are done by our kernels, to save the cost of a call of
    /// OpenBLAS. A guess, not measured.
    private static let fewRows = 12

    private let shape: ModelConfiguration
    private let scratch: [FloatBuffer]

    init(_ shape: ModelConfiguration) {
        self.shape = shape
        scratch = (0..<Parallel.width).map { _ in FloatBuffer() }
    }

    /// A sequence's tokens within a tile.
    private struct Part {
        let cache: KeyValueCache
        /// Rows of the tile.
        let tokens: Range<Int>
        /// Tokens of the own sequence that the part's first token sees, itself included.
        let visible: Int
    }

    /// - Parameters:
    ///   - queries: [tokens, qkvWidth], rotated; the new keys and values are in the caches already, not yet counted.
    ///   - out: [tokens, queryWidth], overwritten.
    func run(
        layer: Int, queries: UnsafePointer<Float>, spans: [InferencePass.Span], prefix: KeyValueCache?,
        into out: UnsafeMutablePointer<Float>, tokens: Int
    ) {
        // At least two tiles when there are two tokens a core: three key heads alone would not divide by two.
        let tile = max(1, min(Self.longestTile, (tokens + Parallel.width - 1) / Parallel.width))
        let tiles = (tokens + tile - 1) / tile
        let parts = parts(of: spans, tile: tile, tiles: tiles)
        let buffers = scratch
        Parallel.items(tiles * shape.kvHeads) { item, worker in
            let (index, head) = (item / shape.kvHeads, item % shape.kvHeads)
            let first = index * tile
            attend(
                layer: layer, head: head, queries: queries + first * shape.qkvWidth, parts: parts[index],
                prefix: prefix,
                into: out + first * shape.queryWidth, tokens: min(tile, tokens - first), scratch: buffers[worker])
        }
    }

    private func parts(of spans: [InferencePass.Span], tile: Int, tiles: Int) -> [[Part]] {
        var parts = [[Part]](repeating: [], count: tiles)
        var row = 0
        for span in spans {
            let end = row + span.tokens.count
            let first = row
            while row < end {
                let index = row / tile
                let last = min(end, (index + 1) * tile)
                parts[index].append(
                    Part(
                        cache: span.cache, tokens: row - index * tile..<last - index * tile,
                        visible: span.cache.count + row - first + 1))
                row = last
            }
        }
        return parts
    }

    /// One key head and one tile.
    private func attend(
        layer: Int, head: Int, queries: UnsafePointer<Float>, parts: [Part], prefix: KeyValueCache?,
        into out: UnsafeMutablePointer<Float>, tokens: Int, scratch: FloatBuffer
    ) {
        let (group, width) = (shape.groupSize, shape.headWidth)
        let shared = prefix?.count ?? 0
        let longest = parts.reduce(0) { max($0, $1.visible + $1.tokens.count - 1) }
        let stride = shared + longest
        let rows = tokens * group
        let gathered = scratch.reserve(rows * (2 * width + stride))
        let mixed = gathered + rows * width
        let scores = mixed + rows * width

        // Row `token * group + i` is query head `head * group + i` of the token.
        for token in 0..<tokens {
            (gathered + token * group * width)
                .update(from: queries + token * shape.qkvWidth + head * group * width, count: group * width)
        }
        if let prefix {
            MatrixProduct.serial(
                .plain(gathered, stride: width), .transposed(prefix.keys(layer: layer, head: head), stride: width),
                into: scores, stride: stride, rows: rows, columns: shared, inner: width)
        }
        for part in parts {
            score(
                part, keys: part.cache.keys(layer: layer, head: head), gathered, into: scores + shared, stride: stride)
            normalize(part, scores, shared: shared, stride: stride)
        }
        mixed.update(repeating: 0, count: rows * width)
        if let prefix {
            MatrixProduct.serial(
                .plain(scores, stride: stride), .plain(prefix.values(layer: layer, head: head), stride: width),
                into: mixed, stride: width, rows: rows, columns: width, inner: shared)
        }
        for part in parts {
            mix(part, values: part.cache.values(layer: layer, head: head), scores + shared, stride: stride, into: mixed)
        }
        for token in 0..<tokens {
            (out + token * shape.queryWidth + head * group * width)
                .update(from: mixed + token * group * width, count: group * width)
        }
    }

    /// Scores of a part's queries against its own sequence, those of later tokens included.
    private func score(
        _ part: Part, keys: UnsafePointer<Float>, _ queries: UnsafePointer<Float>,
        into scores: UnsafeMutablePointer<Float>, stride: Int
    ) {
        let (first, rows) = (part.tokens.lowerBound * shape.groupSize, part.tokens.count * shape.groupSize)
        let width = shape.headWidth
        let count = part.visible + part.tokens.count - 1
        if rows <= Self.fewRows {
            Kernels.best.few_dots(queries + first * width, keys, scores + first * stride, rows, count, width, stride)
        } else {
            MatrixProduct.serial(
                .plain(queries + first * width, stride: width), .transposed(keys, stride: width),
                into: scores + first * stride, stride: stride, rows: rows, columns: count, inner: width)
        }
    }

    /// Turns each row of scores into weights: of the prefix and the tokens up to the row's own; later ones get 0.
    private func normalize(_ part: Part, _ scores: UnsafeMutablePointer<Float>, shared: Int, stride: Int) {
        let scale = 1 / Float(shape.headWidth).squareRoot()
        let count = part.visible + part.tokens.count - 1
        for (index, token) in part.tokens.enumerated() {
            let visible = part.visible + index
            for i in 0..<shape.groupSize {
                let row = scores + (token * shape.groupSize + i) * stride
                Kernels.best.softmax(row, shared + visible, scale)
                (row + shared + visible).update(repeating: 0, count: count - visible)
            }
        }
    }

    /// mixed += weights · values for a part's own sequence.
    private func mix(
        _ part: Part, values: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, stride: Int,
        into mixed: UnsafeMutablePointer<Float>
    ) {
        let (first, rows) = (part.tokens.lowerBound * shape.groupSize, part.tokens.count * shape.groupSize)
        let width = shape.headWidth
        let count = part.visible + part.tokens.count - 1
        if rows <= Self.fewRows {
            Kernels.best.few_sums(
                weights + first * stride, values, mixed + first * width, rows, count, width, stride)
        } else {
            MatrixProduct.serial(
                .plain(weights + first * stride, stride: stride), .plain(values, stride: width),
                into: mixed + first * width, stride: width, rows: rows, columns: width, inner: count, keep: 1)
        }
    }
}
