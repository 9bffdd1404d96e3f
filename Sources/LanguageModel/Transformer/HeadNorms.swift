import CSIMD

/// RMSNorm of each head's query and key, between their projection and the rotary embedding; values stay as they are.
struct HeadNorms {
    /// [headWidth]
    let query: UnsafePointer<Float>
    /// [headWidth]
    let key: UnsafePointer<Float>
    let shape: ModelConfiguration

    /// Query and key heads of a token.
    var heads: Int { shape.heads + shape.kvHeads }
    /// Length of their vectors together.
    var width: Int { shape.queryWidth + shape.keyWidth }

    /// - Parameters:
    ///   - qkv: [tokens, qkvWidth], changed in place.
    ///   - inverses: [tokens, heads], overwritten with what `backward` wants back; nil where nothing does.
    func forward(_ qkv: UnsafeMutablePointer<Float>, inverses: UnsafeMutablePointer<Float>? = nil, tokens: Int) {
        let (shape, kernels) = (shape, Kernels.best)
        Parallel.ranges(of: tokens, atLeast: max(1, 32768 / width)) { range in
            for token in range {
                let queries = qkv + token * shape.qkvWidth
                let keys = queries + shape.queryWidth
                let inverses = inverses.map { $0 + token * heads }
                kernels.rms_norm(
                    queries, query, queries, inverses, shape.heads, shape.headWidth, shape.normEpsilon)
                kernels.rms_norm(
                    keys, key, keys, inverses.map { $0 + shape.heads }, shape.kvHeads, shape.headWidth,
                    shape.normEpsilon)
            }
        }
    }

    /// - Parameters:
    ///   - qkv: [tokens, qkvWidth], as it was before `forward`.
    ///   - inverses: [tokens, heads], as `forward` left them.
    ///   - dQKV: [tokens, qkvWidth]: the gradient of what `forward` made goes in, that of what it was given comes out.
    ///   - dNormed: [tokens, width], working memory.
    ///   - dQuery, dKey: the gradients of the weights, added to; nil where they are not trained.
    func backward(
        _ qkv: UnsafePointer<Float>, inverses: UnsafePointer<Float>, dQKV: UnsafeMutablePointer<Float>,
        dNormed: UnsafeMutablePointer<Float>, dQuery: UnsafeMutablePointer<Float>?, dKey: UnsafeMutablePointer<Float>?,
        tokens: Int
    ) {
        let (shape, kernels) = (shape, Kernels.best)
        let headWidth = shape.headWidth
        Parallel.ranges(of: tokens, atLeast: max(1, 32768 / width)) { range in
            for token in range {
                let (x, dx, dy) = (qkv + token * shape.qkvWidth, dQKV + token * shape.qkvWidth, dNormed + token * width)
                let inverses = inverses + token * heads
                dy.update(from: dx, count: width)
                dx.update(repeating: 0, count: width)
                kernels.rms_norm_backward(x, query, inverses, dy, dx, shape.heads, headWidth)
                kernels.rms_norm_backward(
                    x + shape.queryWidth, key, inverses + shape.heads, dy + shape.queryWidth, dx + shape.queryWidth,
                    shape.kvHeads, headWidth)
            }
        }
        for token in 0..<tokens {
            let (x, dy) = (qkv + token * shape.qkvWidth, dNormed + token * width)
            let inverses = inverses + token * heads
            if let dQuery {
                kernels.rms_norm_weight_gradient(x, inverses, dy, dQuery, shape.heads, headWidth)
            }
            if let dKey {
                kernels.rms_norm_weight_gradient(
                    x + shape.queryWidth, inverses + shape.heads, dy + shape.queryWidth, dKey, shape.kvHeads, headWidth)
            }
        }
    }
}
