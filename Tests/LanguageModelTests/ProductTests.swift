import CSIMD
import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Every way of multiplying against plain sums in double precision.
@Suite struct ProductTests {
    /// Numbers of about the size of activations, with some large and some zero.
    private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = RandomStream(seed: seed)
        return (0..<count).map { _ in
            let value = Float.random(in: -1...1, using: &random)
            return Int.random(in: 0..<40, using: &random) == 0 ? value * 100 : value
        }
    }

    /// A matrix [rows, columns] stored row by row or column by column.
    private struct Stored {
        let values: [Float]
        let rows: Int
        let columns: Int
        let transposed: Bool

        subscript(row: Int, column: Int) -> Double {
            Double(transposed ? values[column * rows + row] : values[row * columns + column])
        }
    }

    private func difference(
        _ out: [Float], stride: Int, _ a: Stored, _ b: Stored, scale: Double = 1, before: Double = 0
    ) -> (worst: Double, size: Double) {
        var (worst, size) = (0.0, 0.0)
        for row in 0..<a.rows {
            for column in 0..<b.columns {
                var (sum, magnitude) = (0.0, 0.0)
                for k in 0..<a.columns {
                    sum += a[row, k] * b[k, column]
                    magnitude += abs(a[row, k] * b[k, column])
                }
                worst = max(worst, abs(Double(out[row * stride + column]) - scale * sum - before) / (magnitude + 1))
                size = max(size, magnitude)
            }
        }
        return (worst, size)
    }

    @Test(arguments: [
        [4, 4, 512], [32, 32, 64], [33, 47, 65], [1, 40, 900], [5, 70, 192], [70, 5, 193], [96, 320, 31],
        [64, 33, 17_000],
    ])
    func productsAgreeWithPlainSums(_ size: [Int]) {
        let (rows, columns, inner) = (size[0], size[1], size[2])
        let stride = columns + 3
        for (left, right) in [(false, false), (false, true), (true, false), (true, true)] {
            let a = Stored(
                values: Self.numbers(rows * inner, seed: 1), rows: rows, columns: inner, transposed: left)
            let b = Stored(
                values: Self.numbers(inner * columns, seed: 2), rows: inner, columns: columns, transposed: right)
            for parallel in [false, true] {
                for keep: Float in [0, 1] {
                    var out = [Float](repeating: 2, count: rows * stride)
                    out.withUnsafeMutableBufferPointer { out in
                        a.values.withUnsafeBufferPointer { first in
                            b.values.withUnsafeBufferPointer { second in
                                guard let out = out.baseAddress, let first = first.baseAddress,
                                    let second = second.baseAddress
                                else { return }
                                let sides = (
                                    MatrixProduct.Operand(
                                        pointer: first, stride: left ? rows : inner, transposed: left),
                                    MatrixProduct.Operand(
                                        pointer: second, stride: right ? inner : columns, transposed: right)
                                )
                                if parallel {
                                    MatrixProduct.parallel(
                                        sides.0, sides.1, into: out, stride: stride, rows: rows, columns: columns,
                                        inner: inner, scale: 0.5, keep: keep)
                                } else {
                                    MatrixProduct.serial(
                                        sides.0, sides.1, into: out, stride: stride, rows: rows, columns: columns,
                                        inner: inner, scale: 0.5, keep: keep)
                                }
                            }
                        }
                    }
                    let (worst, _) = difference(out, stride: stride, a, b, scale: 0.5, before: Double(keep) * 2)
                    #expect(worst < 2e-5, "\(size) \(left) \(right) \(parallel) \(keep)")
                    // What lies between the rows is nobody's.
                    #expect((0..<rows).allSatisfy { row in out[row * stride + columns] == 2 })
                }
            }
        }
    }

    /// Rows of random blocks with finite scales.
    private func stored(_ type: GGUFTensorType, rows: Int, columns: Int) throws -> StoredRows {
        var random = RandomStream(seed: UInt64(type.rawValue) + 5)
        let blocks = rows * columns / Int(type.blockLength)
        var bytes = Data()
        for _ in 0..<blocks {
            var block = (0..<Int(type.blockBytes)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let halves: [Int] =
                switch type {
                case .q4_0, .q5_0, .q8_0: [0]
                case .q4_1, .q5_1, .q4_k, .q5_k: [0, 2]
                case .q6_k: [208]
                default: []
                }
            for place in halves {
                let bits = Float16(Float.random(in: -0.02...0.02, using: &random)).bitPattern
                block[place] = UInt8(bits & 255)
                block[place + 1] = UInt8(bits >> 8)
            }
            bytes += block
        }
        // Half of the rows as another tensor: parts of two runs meet in one panel.
        let first = rows / 2
        let mapping = FileMapping(copying: bytes)
        return StoredRows(
            [
                StoredRows.Run(type: type, owner: mapping, offset: 0, rows: first),
                StoredRows.Run(
                    type: type, owner: mapping, offset: first * type.rowBytes(columns: columns), rows: rows - first),
            ], columns: columns)
    }

    @Test(arguments: [GGUFTensorType.q4_0, .q4_1, .q5_0, .q8_0, .q4_k, .q6_k])
    func storedRowsMultiplyAsTheirFloatsDo(_ type: GGUFTensorType) throws {
        let (outputs, inputs) = (90, 512)
        let matrix = Matrix(try stored(type, rows: outputs, columns: inputs))
        var floats = [Float](repeating: 0, count: outputs * inputs)
        floats.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { matrix.write(to: base) } }
        for rows in [1, 2, 3, 4, 17, 40, 150] {
            let x = Self.numbers(rows * inputs, seed: 3)
            var out = [Float](repeating: 1, count: rows * outputs)
            out.withUnsafeMutableBufferPointer { out in
                x.withUnsafeBufferPointer { x in
                    guard let out = out.baseAddress, let x = x.baseAddress else { return }
                    MatrixProduct.linear(x, matrix, into: out, rows: rows, adding: true)
                }
            }
            let forward = difference(
                out, stride: outputs, Stored(values: x, rows: rows, columns: inputs, transposed: false),
                Stored(values: floats, rows: inputs, columns: outputs, transposed: true), before: 1)
            #expect(forward.worst < 2e-5 && forward.size > 0.1, "\(type) \(rows)")

            let dy = Self.numbers(rows * outputs, seed: 4)
            var dx = [Float](repeating: 7, count: rows * inputs)
            dx.withUnsafeMutableBufferPointer { dx in
                dy.withUnsafeBufferPointer { dy in
                    guard let dx = dx.baseAddress, let dy = dy.baseAddress else { return }
                    MatrixProduct.transposedLinear(dy, matrix, into: dx, rows: rows)
                }
            }
            let backward = difference(
                dx, stride: inputs, Stored(values: dy, rows: rows, columns: outputs, transposed: false),
                Stored(values: floats, rows: outputs, columns: inputs, transposed: false))
            #expect(backward.worst < 2e-5, "\(type) \(rows)")
        }
    }

    @Test func partsOfStoredRowsAreTheRows() throws {
        let rows = try stored(.q4_1, rows: 10, columns: 96)
        var (all, part) = ([Float](repeating: 0, count: 10 * 96), [Float](repeating: 0, count: 7 * 32))
        all.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { rows.write(0..<10, to: base) } }
        part.withUnsafeMutableBufferPointer {
            if let base = $0.baseAddress { rows.write(2..<9, columns: 32..<64, to: base) }
        }
        for row in 0..<7 {
            let start = (row + 2) * 96 + 32
            #expect(Array(part[row * 32..<(row + 1) * 32]) == Array(all[start..<start + 32]))
        }
    }

    /// [rows, inputs + middle], [outputs, inputs] and the low-rank factors of a layer with adapters on its projections.
    @Test(arguments: [
        (150, [64, 32, 33], 512, 8), (150, [40, 24], 512, 8), (700, [96, 64], 64, 33), (20, [64], 1_600, 4),
        (1_100, [32, 16], 1_600, 32),
    ])
    func adaptersAreAddedWithTheProduct(_ shape: (rows: Int, widths: [Int], inputs: Int, rank: Int)) throws {
        let (rows, inputs, rank) = (shape.rows, shape.inputs, shape.rank)
        let outputs = shape.widths.reduce(0, +)
        let x = Self.numbers(rows * inputs, seed: 6)
        let weights = Self.numbers(outputs * inputs, seed: 7)
        let middle = Self.numbers(rows * rank * shape.widths.count, seed: 8)
        let factors = Self.numbers(outputs * rank, seed: 9)
        let matrix = Matrix(rows: outputs, columns: inputs) { $0.update(from: weights, count: weights.count) }
        let stride = rank * shape.widths.count
        // The same as one product of what stands side by side: [x, s m] · [W, B]ᵀ, B's blocks on its diagonal.
        var left: [Float] = []
        for row in 0..<rows {
            left += x[row * inputs..<(row + 1) * inputs]
            left += middle[row * stride..<(row + 1) * stride].map { $0 * 0.5 }
        }
        var right: [Float] = []
        var columns: [Range<Int>] = []
        for (index, width) in shape.widths.enumerated() {
            let first = columns.last?.upperBound ?? 0
            columns.append(first..<first + width)
            for output in first..<first + width {
                right += weights[output * inputs..<(output + 1) * inputs]
                var low = [Float](repeating: 0, count: stride)
                low.replaceSubrange(
                    index * rank..<(index + 1) * rank, with: factors[output * rank..<(output + 1) * rank])
                right += low
            }
        }
        var out = [Float](repeating: 3, count: rows * outputs)
        out.withUnsafeMutableBufferPointer { out in
            middle.withUnsafeBufferPointer { middle in
                factors.withUnsafeBufferPointer { factors in
                    guard let out = out.baseAddress, let middle = middle.baseAddress, let factors = factors.baseAddress
                    else { return }
                    let terms = columns.enumerated().map { index, columns in
                        MatrixProduct.Term(
                            a: .plain(middle + index * rank, stride: stride),
                            b: .transposed(factors + columns.lowerBound * rank, stride: rank), inner: rank,
                            columns: columns, scale: 0.5)
                    }
                    MatrixProduct.linear(
                        x, matrix, into: out, rows: rows, adding: true, plus: terms, precision: .training)
                }
            }
        }
        let forward = difference(
            out, stride: outputs,
            Stored(values: left, rows: rows, columns: inputs + stride, transposed: false),
            Stored(values: right, rows: inputs + stride, columns: outputs, transposed: true), before: 3)
        #expect(forward.worst < 4e-5 && forward.size > 0.1, "\(shape)")

        // dx = dy W + dm A
        let dy = Self.numbers(rows * outputs, seed: 10)
        let stackedA = Self.numbers(stride * inputs, seed: 11)
        var dx = [Float](repeating: 7, count: rows * inputs)
        dx.withUnsafeMutableBufferPointer { dx in
            middle.withUnsafeBufferPointer { middle in
                stackedA.withUnsafeBufferPointer { stackedA in
                    guard let dx = dx.baseAddress, let middle = middle.baseAddress, let stackedA = stackedA.baseAddress
                    else { return }
                    MatrixProduct.transposedLinear(
                        dy, matrix, into: dx, rows: rows,
                        plus: [
                            MatrixProduct.Term(
                                a: .plain(middle, stride: stride), b: .plain(stackedA, stride: inputs), inner: stride,
                                columns: 0..<inputs)
                        ])
                }
            }
        }
        var both: [Float] = []
        for row in 0..<rows {
            both += dy[row * outputs..<(row + 1) * outputs]
            both += middle[row * stride..<(row + 1) * stride]
        }
        let backward = difference(
            dx, stride: inputs,
            Stored(values: both, rows: rows, columns: outputs + stride, transposed: false),
            Stored(values: weights + stackedA, rows: outputs + stride, columns: inputs, transposed: false))
        #expect(backward.worst < 4e-5, "\(shape)")
    }
}
