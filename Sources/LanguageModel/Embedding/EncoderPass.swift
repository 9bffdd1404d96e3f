import CSIMD

/// One pass of texts through an encoder, on the caller's thread.
///
/// Their tokens lie one after another, without padding between texts; only attention and the mean know where a text
/// ends. Products have a whole number of `unit`s of rows: then a row's sums are made in the same order whatever other
/// rows there are, and a text has the same vector, bit for bit, in whatever company it comes.
struct EncoderPass {
    /// Rows of products come in multiples of this, a multiple of what OpenBLAS and tiles make at once.
    private static let unit = 32
    /// Tokens that go through together, unless a text alone is longer: with more, tiles cut sums over long rows
    /// elsewhere.
    static let mostTokens = 256

    private let shape: EncoderConfiguration
    private let weights: EncoderWeights
    private let memory = FloatBuffer()

    init(_ shape: EncoderConfiguration, _ weights: EncoderWeights) {
        self.shape = shape
        self.weights = weights
    }

    /// The vectors of texts, [texts, width]: the mean of the last layer's over a text's tokens, of length 1.
    /// - Parameter texts: tokens below the vocabulary's size; at least one and at most as many as there are positions.
    /// - Throws: `EngineError.notFinite`.
    func vectors(_ texts: [[Int32]]) throws -> [[Float]] {
        let (width, inner) = (shape.width, shape.ffnWidth)
        let tokens = texts.reduce(0) { $0 + $1.count }
        let rows = (tokens + Self.unit - 1) / Self.unit * Self.unit
        let longest = texts.reduce(0) { max($0, $1.count) }
        let x = memory.reserve(rows * (3 * width + max(3 * width, inner)) + longest * longest)
        let mixed = x + rows * width
        let part = mixed + rows * width
        let wide = part + rows * width
        let scores = wide + rows * max(3 * width, inner)
        // Also the rows behind the last token: they are multiplied, though nobody looks at what comes of them.
        x.update(repeating: 0, count: rows * (3 * width + max(3 * width, inner)))

        embed(texts, into: x)
        normalize(weights.norm, x, tokens)
        for layer in weights.layers {
            multiply(x, layer.qkv, into: wide, rows: rows, tokens)
            attend(texts, wide, scores, into: mixed)
            multiply(mixed, layer.attentionOutput, into: part, rows: rows, tokens)
            Kernels.best.add(part, x, tokens * width)
            normalize(layer.attentionNorm, x, tokens)
            multiply(x, layer.up, into: wide, rows: rows, tokens)
            Kernels.best.gelu(wide, tokens * inner)
            multiply(wide, layer.down, into: part, rows: rows, tokens)
            Kernels.best.add(part, x, tokens * width)
            normalize(layer.outputNorm, x, tokens)
        }
        var start = 0
        return try texts.map { text in
            defer { start += text.count }
            return try mean(x + start * width, text.count)
        }
    }

    private func embed(_ texts: [[Int32]], into x: UnsafeMutablePointer<Float>) {
        var row = x
        for text in texts {
            for (position, token) in text.enumerated() {
                weights.tokens.write(Int(token)..<Int(token) + 1, to: row)
                Kernels.best.add(weights.positions.pointer + position * shape.width, row, shape.width)
                row += shape.width
            }
        }
    }

    private func normalize(_ norm: EncoderWeights.Norm, _ x: UnsafeMutablePointer<Float>, _ tokens: Int) {
        Kernels.best.layer_norm(x, norm.weight.pointer, norm.bias.pointer, x, tokens, shape.width, shape.normEpsilon)
    }

    /// out [rows, outputs] = x [rows, inputs] · weightᵀ, and the bias in the rows that count.
    private func multiply(
        _ x: UnsafePointer<Float>, _ linear: EncoderWeights.Linear, into out: UnsafeMutablePointer<Float>, rows: Int,
        _ tokens: Int
    ) {
        let (outputs, inputs) = (linear.weight.rows, linear.weight.columns)
        MatrixProduct.serial(
            .plain(x, stride: inputs), .transposed(linear.weight.pointer, stride: inputs), into: out, stride: outputs,
            rows: rows, columns: outputs, inner: inputs)
        for row in 0..<tokens { Kernels.best.add(linear.bias.pointer, out + row * outputs, outputs) }
    }

    /// Attention of all tokens of a text to all of it: softmax(Q Kᵀ / √headWidth) V, head by head.
    /// - Parameters:
    ///   - qkv: [tokens, 3 width]
    ///   - out: [tokens, width]
    private func attend(
        _ texts: [[Int32]], _ qkv: UnsafePointer<Float>, _ scores: UnsafeMutablePointer<Float>,
        into out: UnsafeMutablePointer<Float>
    ) {
        let (width, headWidth) = (shape.width, shape.headWidth)
        let scale = 1 / Float(headWidth).squareRoot()
        var start = 0
        for text in texts {
            let count = text.count
            for head in 0..<shape.heads {
                let queries = qkv + start * 3 * width + head * headWidth
                MatrixProduct.serial(
                    .plain(queries, stride: 3 * width), .transposed(queries + width, stride: 3 * width), into: scores,
                    stride: count, rows: count, columns: count, inner: headWidth)
                for row in 0..<count { Kernels.best.softmax(scores + row * count, count, scale) }
                MatrixProduct.serial(
                    .plain(scores, stride: count), .plain(queries + 2 * width, stride: 3 * width),
                    into: out + start * width + head * headWidth, stride: width, rows: count, columns: headWidth,
                    inner: count)
            }
            start += count
        }
    }

    private func mean(_ x: UnsafePointer<Float>, _ count: Int) throws -> [Float] {
        var sums = [Double](repeating: 0, count: shape.width)
        for row in 0..<count {
            for column in 0..<shape.width { sums[column] += Double(x[row * shape.width + column]) }
        }
        let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length.isFinite, length > 0 else {
            throw EngineError.notFinite(
                what: "the vector of a text", advice: "The embedding model's weights are damaged: fetch them again.")
        }
        return sums.map { Float($0 / length) }
    }
}
