internal import LanguageModel

/// The memory that the embedded engine takes for a model, from its shape: what is sure to be needed, in bytes. What a
/// batch of rows needs besides depends on their lengths.
package struct ModelMemory: Sendable, Hashable {
    /// The weights as they are stored, which is what products on 4 to 16 bits read.
    package let stored: Int
    /// The weights in 32-bit floats, which is what all other products read.
    package let unpacked: Int
    /// Keys and values of one token of one conversation.
    package let perToken: Int
    /// On top of the weights, of an adapter of rank 8 on every projection: its values, gradients and AdamW's two moments.
    package let lowRank: Int
    /// The same of all weights.
    package let full: Int

    /// nil where the shape is not known, or is one that no machine holds.
    package init?(_ description: ModelDescription) {
        guard let parameters = description.facts.parameters, let layers = description.layers,
            let width = description.width, let heads = description.heads, let kvHeads = description.keyValueHeads,
            let headWidth = description.headWidth, let inner = description.inner,
            [parameters, layers, width, heads, kvHeads, headWidth, inner].allSatisfy({ (1...1 << 44).contains($0) }),
            layers < 1 << 16, width < 1 << 24, heads < 1 << 16, kvHeads < 1 << 16, headWidth < 1 << 16, inner < 1 << 26
        else { return nil }
        stored = description.bytes
        unpacked = 4 * parameters
        perToken = 2 * 4 * layers * kvHeads * headWidth
        let (queries, keys) = (heads * headWidth, kvHeads * headWidth)
        // Rows plus columns of the seven projections.
        let sides = (width + queries) + 2 * (width + keys) + (queries + width) + 2 * (width + inner) + (inner + width)
        lowRank = 16 * 8 * layers * sides
        full = 16 * parameters
    }
}
