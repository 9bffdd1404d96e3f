/// Where each matrix of an adapter lies in one flat array of floats.
///
/// One array makes the optimiser one loop. Within a layer the A matrices of projections that read the same input are
/// neighbours, so that [A_q; A_k; A_v] and [A_gate; A_up] are one matrix each and one product does them.
struct LoRALayout: Sendable, Hashable {
    let shape: ModelConfiguration
    let rank: Int
    private let offsetsOfA: [Projection: Int]
    private let offsetsOfB: [Projection: Int]
    private let layerCount: Int

    /// - Precondition: `rank` was checked against the shape (`LoRAAdapter.checkRank`).
    init(_ shape: ModelConfiguration, rank: Int) {
        self.shape = shape
        self.rank = rank
        var offset = 0
        var offsetsOfA: [Projection: Int] = [:]
        var offsetsOfB: [Projection: Int] = [:]
        for projection in Projection.allCases {
            offsetsOfA[projection] = offset
            offset += rank * projection.inputs(shape)
        }
        for projection in Projection.allCases {
            offsetsOfB[projection] = offset
            offset += projection.outputs(shape) * rank
        }
        self.offsetsOfA = offsetsOfA
        self.offsetsOfB = offsetsOfB
        layerCount = offset
    }

    /// Floats in all layers' matrices.
    var count: Int { layerCount * shape.layers }

    /// A [rank, inputs] of a projection.
    func a(_ layer: Int, _ projection: Projection) -> Range<Int> {
        let start = layer * layerCount + (offsetsOfA[projection] ?? 0)
        return start..<start + rank * projection.inputs(shape)
    }

    /// B [outputs, rank] of a projection.
    func b(_ layer: Int, _ projection: Projection) -> Range<Int> {
        let start = layer * layerCount + (offsetsOfB[projection] ?? 0)
        return start..<start + projection.outputs(shape) * rank
    }
}
