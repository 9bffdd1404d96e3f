/// A matrix of the model as training sees it: fixed, or a part of the values that are trained.
enum TrainedMatrix {
    case frozen(Matrix)
    /// Where the matrix begins in the flat array of trained values, and its gradient in that of gradients.
    case trained(offset: Int, rows: Int, columns: Int)

    var rows: Int {
        switch self {
        case .frozen(let matrix): matrix.rows
        case .trained(_, let rows, _): rows
        }
    }

    var columns: Int {
        switch self {
        case .frozen(let matrix): matrix.columns
        case .trained(_, _, let columns): columns
        }
    }

    /// The first value; for the norms' weights and other small matrices (see `Matrix.pointer`).
    func pointer(_ parameters: UnsafePointer<Float>) -> UnsafePointer<Float> {
        switch self {
        case .frozen(let matrix): matrix.pointer
        case .trained(let offset, _, _): parameters + offset
        }
    }

    /// Where the gradient begins; nil for a matrix that is not trained.
    func gradient(_ gradients: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float>? {
        switch self {
        case .frozen: nil
        case .trained(let offset, _, _): gradients + offset
        }
    }

    /// out [tokens, rows] = x [tokens, columns] · Wᵀ, or added to what `out` holds.
    /// - Parameter terms: what adapters add to a frozen matrix's product; none where the matrix is trained.
    func project(
        _ x: UnsafePointer<Float>, parameters: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
        adding: Bool = false, plus terms: [MatrixProduct.Term] = [], tokens: Int
    ) {
        switch self {
        case .frozen(let matrix):
            MatrixProduct.linear(
                x, matrix, into: out, rows: tokens, adding: adding, plus: terms, precision: .training)
        case .trained(let offset, let rows, let columns):
            MatrixProduct.linear(
                x, parameters + offset, outputs: rows, inputs: columns, into: out, rows: tokens, adding: adding,
                precision: .training)
        }
    }

    /// dx [tokens, columns] = dy [tokens, rows] · W, with terms as above.
    func projectBack(
        _ dy: UnsafePointer<Float>, parameters: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
        plus terms: [MatrixProduct.Term] = [], tokens: Int
    ) {
        switch self {
        case .frozen(let matrix):
            MatrixProduct.transposedLinear(dy, matrix, into: dx, rows: tokens, plus: terms)
        case .trained(let offset, let rows, let columns):
            MatrixProduct.parallel(
                .plain(dy, stride: rows), .plain(parameters + offset, stride: columns), into: dx, stride: columns,
                rows: tokens, columns: columns, inner: rows, precision: .training)
        }
    }

    /// Copies a row, a token's embedding.
    func writeRow(_ index: Int, parameters: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>) {
        switch self {
        case .frozen(let matrix): matrix.write(index..<index + 1, to: out)
        case .trained(let offset, _, let columns):
            out.update(from: parameters + offset + index * columns, count: columns)
        }
    }
}
