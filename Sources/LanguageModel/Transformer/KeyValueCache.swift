/// The keys and values that a sequence has left behind, per layer and key head: [capacity, headWidth] each.
///
/// A cache grows at its end while its sequence is run; a shared prefix is a cache that no longer grows.
/// Memory is taken for the whole capacity, but the system backs with pages only what has been written.
final class KeyValueCache {
    let capacity: Int
    /// Tokens in the cache.
    private(set) var count = 0

    private let kvHeads: Int
    private let headWidth: Int
    private let storage: FloatStorage

    init(_ shape: ModelConfiguration, capacity: Int) {
        self.capacity = capacity
        kvHeads = shape.kvHeads
        headWidth = shape.headWidth
        storage = FloatStorage(count: shape.layers * 2 * shape.kvHeads * capacity * shape.headWidth)
    }

    /// Keys of a head in a layer: [capacity, headWidth].
    func keys(layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        storage.base + ((layer * 2) * kvHeads + head) * capacity * headWidth
    }

    /// Values of a head in a layer: [capacity, headWidth].
    func values(layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        storage.base + ((layer * 2 + 1) * kvHeads + head) * capacity * headWidth
    }

    /// Copies the keys and values of new tokens behind those that are there; `advance` then counts them.
    /// - Parameters:
    ///   - newKeys: the first token's keys of all heads, the next token's `stride` floats further, as the fused
    ///     projection leaves them.
    ///   - newValues: the values, likewise.
    func write(
        layer: Int, keys newKeys: UnsafePointer<Float>, values newValues: UnsafePointer<Float>, stride: Int, tokens: Int
    ) {
        for head in 0..<kvHeads {
            let keys = keys(layer: layer, head: head) + count * headWidth
            let values = values(layer: layer, head: head) + count * headWidth
            for token in 0..<tokens {
                let source = token * stride + head * headWidth
                (keys + token * headWidth).update(from: newKeys + source, count: headWidth)
                (values + token * headWidth).update(from: newValues + source, count: headWidth)
            }
        }
    }

    /// Counts tokens whose keys and values have been written in all layers.
    func advance(by tokens: Int) { count += tokens }
}
