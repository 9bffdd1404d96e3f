import CSIMD

/// Root-mean-square normalisation, y = w ⊙ x / √(mean(x²) + ε), forward and backward.
///
/// Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467
struct TrainedNorm {
    private let weight: TrainedMatrix
    private let epsilon: Float

    init(_ weight: TrainedMatrix, _ shape: ModelConfiguration) {
        self.weight = weight
        epsilon = shape.normEpsilon
    }

    /// - Parameters:
    ///   - x: [rows, width]
    ///   - inverse: [rows], overwritten with 1 / √(mean(x²) + ε), which `backward` wants back.
    func forward(
        _ x: UnsafePointer<Float>, parameters: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
        inverse: UnsafeMutablePointer<Float>, rows: Int
    ) {
        let width = weight.columns
        let weight = weight.pointer(parameters)
        Parallel.ranges(of: rows, atLeast: max(1, 65536 / width)) { range in
            let at = range.lowerBound
            Kernels.best.rms_norm(
                x + at * width, weight, out + at * width, inverse + at, range.count, width, epsilon)
        }
    }

    /// Given dy, with r = `inverse`:  dw += Σ dy ⊙ x r over the rows, and dx += what the kernel says.
    ///
    /// - Parameter gradient: dx [rows, width], added to.
    func backward(
        _ x: UnsafePointer<Float>, inverse: UnsafePointer<Float>, dNormed: UnsafePointer<Float>,
        parameters: UnsafePointer<Float>, gradients: UnsafeMutablePointer<Float>,
        addingTo gradient: UnsafeMutablePointer<Float>, rows: Int
    ) {
        let width = weight.columns
        if let dWeight = weight.gradient(gradients) {
            Kernels.best.rms_norm_weight_gradient(x, inverse, dNormed, dWeight, rows, width)
        }
        let weight = weight.pointer(parameters)
        Parallel.ranges(of: rows, atLeast: max(1, 65536 / width)) { range in
            let at = range.lowerBound
            Kernels.best.rms_norm_backward(
                x + at * width, weight, inverse + at, dNormed + at * width, gradient + at * width, range.count, width)
        }
    }
}
