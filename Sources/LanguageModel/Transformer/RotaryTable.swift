import CSIMD
import Foundation

/// Cosines and sines of the rotary embedding's angles (Su et al. 2021): [positions, headWidth / 2] each.
///
/// Angles are computed in 32-bit floats, position × θ^(−2i / headWidth), as Hugging Face's transformers does; more
/// exact ones would disagree with the model that was trained.
struct RotaryTable: Sendable {
    let cosines: Matrix
    let sines: Matrix

    init(_ shape: ModelConfiguration) {
        let half = shape.headWidth / 2
        let frequencies = (0..<half).map { i in
            1 / Float(pow(Double(shape.ropeTheta), Double(Float(2 * i) / Float(shape.headWidth))))
        }
        func table(_ function: (Float) -> Float) -> Matrix {
            Matrix(rows: shape.contextLength, columns: half) { out in
                Parallel.ranges(of: shape.contextLength, atLeast: 256) { positions in
                    for position in positions {
                        for i in 0..<half { out[position * half + i] = function(Float(position) * frequencies[i]) }
                    }
                }
            }
        }
        cosines = table { cosf($0) }
        sines = table { sinf($0) }
    }

    /// Turns the first `heads` heads of each row of x [rows, stride] by the angles of the rows' positions.
    /// - Parameter direction: 1, or −1 for the gradient, which is the turn back.
    func rotate(
        _ x: UnsafeMutablePointer<Float>, positions: UnsafePointer<Int32>, rows: Int, stride: Int, heads: Int,
        direction: Float = 1
    ) {
        let half = cosines.columns
        Parallel.ranges(of: rows, atLeast: max(1, 32768 / stride)) { range in
            Kernels.best.rotate(
                x + range.lowerBound * stride, positions + range.lowerBound, cosines.pointer, sines.pointer,
                range.count,
                stride, heads, half, direction)
        }
    }
}
