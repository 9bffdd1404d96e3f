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

    /// The first value.
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
}
