import CSIMD

/// A vector that is added to each row of a projection's outputs.
enum Bias {
    /// y [rows, columns] += bias in each row.
    static func add(_ bias: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, columns: Int, rows: Int) {
        Parallel.ranges(of: rows, atLeast: max(1, 65536 / columns)) { range in
            for row in range { Kernels.best.add(bias, y + row * columns, columns) }
        }
    }

    /// gradient [columns] += the sum of dy's rows.
    static func addGradient(
        _ dy: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>, columns: Int, rows: Int
    ) {
        Parallel.ranges(of: columns, atLeast: max(1, 65536 / rows)) { range in
            for row in 0..<rows {
                Kernels.best.add(dy + row * columns + range.lowerBound, gradient + range.lowerBound, range.count)
            }
        }
    }
}
