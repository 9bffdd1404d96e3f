import CSIMD

/// Causal attention of packed new tokens to a shared prefix and to their own sequences' caches.
///
/// Work is cut into items of one key head and one tile of consecutive tokens. In an item the scores of a token lie in
/// one row: first those against the prefix, which is one matrix product for the whole tile whichever sequences its
/// tokens belong to, then those against the token's own sequence. One softmax over the row, and the values are mixed
/// the same way. So a prefix shared by sixteen sequences is read once a tile, not sixteen times. In layers with a
/// sliding window only what some token of the tile sees is read.
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
        /// Tokens of the own sequence that there are for the part's first token, itself included.
        let visible: Int
        /// Tokens of the own sequence that there are for the last.
        var last: Int { visible + tokens.count - 1 }

        /// The first token of prefix and own sequence that a token of the part sees.
        func first(_ token: Int, shared: Int, window: Int) -> Int { max(0, shared + visible + token - window) }
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
        let window = shape.window(layer)
        let shared = prefix?.count ?? 0
        let longest = parts.reduce(0) { max($0, $1.last) }
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
        // What no token of the tile sees of the prefix: it lies behind all windows.
        let unseen = parts.reduce(shared) { min($0, $1.first(0, shared: shared, window: window)) }
        if let prefix {
            let keys = prefix.keys(layer: layer, head: head) + unseen * width
            MatrixProduct.serial(
                .plain(gathered, stride: width), .transposed(keys, stride: width), into: scores + unseen,
                stride: stride, rows: rows, columns: shared - unseen, inner: width)
        }
        for part in parts {
            let own = max(0, part.first(0, shared: shared, window: window) - shared)
            score(
                part, keys: part.cache.keys(layer: layer, head: head), gathered, into: scores + shared, stride: stride,
                from: own)
            normalize(part, scores, shared: shared, stride: stride, from: unseen, window: window)
        }
        mixed.update(repeating: 0, count: rows * width)
        if let prefix {
            let values = prefix.values(layer: layer, head: head) + unseen * width
            MatrixProduct.serial(
                .plain(scores + unseen, stride: stride), .plain(values, stride: width), into: mixed, stride: width,
                rows: rows, columns: width, inner: shared - unseen)
        }
        for part in parts {
            mix(
                part, values: part.cache.values(layer: layer, head: head), scores + shared, stride: stride, into: mixed,
                from: max(0, part.first(0, shared: shared, window: window) - shared))
        }
        for token in 0..<tokens {
            (out + token * shape.queryWidth + head * group * width)
                .update(from: mixed + token * group * width, count: group * width)
        }
    }

    /// Scores of a part's queries against its own sequence from a token on, those of later tokens included.
    private func score(
        _ part: Part, keys: UnsafePointer<Float>, _ queries: UnsafePointer<Float>,
        into scores: UnsafeMutablePointer<Float>, stride: Int, from start: Int
    ) {
        let (first, rows) = (part.tokens.lowerBound * shape.groupSize, part.tokens.count * shape.groupSize)
        let width = shape.headWidth
        let (keys, count) = (keys + start * width, part.last - start)
        let scores = scores + start
        if rows <= Self.fewRows {
            Kernels.best.few_dots(queries + first * width, keys, scores + first * stride, rows, count, width, stride)
        } else {
            MatrixProduct.serial(
                .plain(queries + first * width, stride: width), .transposed(keys, stride: width),
                into: scores + first * stride, stride: stride, rows: rows, columns: count, inner: width)
        }
    }

    /// Turns each row of scores into weights: of what the row's token sees of the prefix and the tokens up to its own;
    /// the others from `start` on get 0.
    private func normalize(
        _ part: Part, _ scores: UnsafeMutablePointer<Float>, shared: Int, stride: Int, from start: Int, window: Int
    ) {
        for (index, token) in part.tokens.enumerated() {
            let first = part.first(index, shared: shared, window: window)
            let end = shared + part.visible + index
            for i in 0..<shape.groupSize {
                let row = scores + (token * shape.groupSize + i) * stride
                (row + start).update(repeating: 0, count: first - start)
                Kernels.best.softmax(row + first, end - first, shape.queryScale)
                (row + end).update(repeating: 0, count: shared + part.last - end)
            }
        }
    }

    /// mixed += weights · values for a part's own sequence from a token on.
    private func mix(
        _ part: Part, values: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, stride: Int,
        into mixed: UnsafeMutablePointer<Float>, from start: Int
    ) {
        let (first, rows) = (part.tokens.lowerBound * shape.groupSize, part.tokens.count * shape.groupSize)
        let width = shape.headWidth
        let (values, count) = (values + start * width, part.last - start)
        let weights = weights + start
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
