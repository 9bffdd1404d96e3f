import CSIMD
import Foundation
import Synchronization

/// Cosines and sines of a rotary embedding's angles, position × frequency, in 32-bit floats.
///
/// Computed up to the positions that were asked for, so that a model's claim of a long context costs nothing.
final class RotaryTable: Sendable {
    /// [positions, headWidth / 2] each.
    private struct Angles {
        let cosines: Matrix
        let sines: Matrix

        init(_ frequencies: [Float], positions: Int) {
            func table(_ function: (Float) -> Float) -> Matrix {
                Matrix(rows: positions, columns: frequencies.count) { out in
                    Parallel.ranges(of: positions, atLeast: 256) { range in
                        for position in range {
                            for (i, frequency) in frequencies.enumerated() {
                                out[position * frequencies.count + i] = function(Float(position) * frequency)
                            }
                        }
                    }
                }
            }
            cosines = table { cosf($0) }
            sines = table { sinf($0) }
        }
    }

    private static let firstPositions = 1024

    private let frequencies: [Float]
    private let angles: Mutex<Angles>

    init(_ embedding: RotaryEmbedding, headWidth: Int) {
        frequencies = embedding.frequencies(headWidth: headWidth)
        angles = Mutex(Angles(frequencies, positions: Self.firstPositions))
    }

    private func angles(upTo position: Int) -> Angles {
        angles.withLock { angles in
            if angles.cosines.rows <= position {
                angles = Angles(frequencies, positions: max(position + 1, 2 * angles.cosines.rows))
            }
            return angles
        }
    }

    /// Turns the first `heads` heads of each row of x [rows, stride] by the angles of the rows' positions.
    /// - Parameter direction: 1, or −1 for the gradient, which is the turn back.
    func rotate(
        _ x: UnsafeMutablePointer<Float>, positions: UnsafePointer<Int32>, rows: Int, stride: Int, heads: Int,
        direction: Float = 1
    ) {
        var last: Int32 = 0
        for row in 0..<rows { last = max(last, positions[row]) }
        let angles = angles(upTo: Int(last))
        Parallel.ranges(of: rows, atLeast: max(1, 32768 / stride)) { range in
            Kernels.best.rotate(
                x + range.lowerBound * stride, positions + range.lowerBound, angles.cosines.pointer,
                angles.sines.pointer, range.count, stride, heads, frequencies.count, direction)
        }
    }
}

/// The rotary embeddings of a model's layers: one of those that see everything, another of those that see a window.
struct RotaryTables: Sendable {
    private let global: RotaryTable
    private let sliding: RotaryTable
    private let shape: ModelConfiguration

    init(_ shape: ModelConfiguration) {
        self.shape = shape
        global = RotaryTable(shape.rotary, headWidth: shape.headWidth)
        let local = shape.sliding?.rotary ?? shape.rotary
        sliding = local == shape.rotary ? global : RotaryTable(local, headWidth: shape.headWidth)
    }

    subscript(layer: Int) -> RotaryTable { shape.isSliding(layer) ? sliding : global }
}
