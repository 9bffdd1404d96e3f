import CSIMD
import Foundation

/// AdamW (Loshchilov & Hutter 2019) over one flat array of parameters, with PyTorch's defaults and order of operations.
struct AdamW {
    private let beta1: Float = 0.9
    private let beta2: Float = 0.999
    private let epsilon: Float = 1e-8
    private let weightDecay: Float
    /// Parameters that do not decay, in order.
    private let undecayed: [Range<Int>]
    /// Running means of the gradients and of their squares.
    private(set) var first: [Float]
    private(set) var second: [Float]
    private var steps = 0

    /// - Parameter undecayed: parameters that do not decay: ranges in order that do not overlap.
    init(count: Int, weightDecay: Float, undecayed: [Range<Int>] = []) {
        self.weightDecay = weightDecay
        self.undecayed = undecayed
        first = [Float](repeating: 0, count: count)
        second = [Float](repeating: 0, count: count)
    }

    /// An optimiser that has made `steps` steps.
    init(first: [Float], second: [Float], steps: Int, weightDecay: Float, undecayed: [Range<Int>] = []) {
        self.weightDecay = weightDecay
        self.undecayed = undecayed
        self.first = first
        self.second = second
        self.steps = steps
    }

    /// The norm of all gradients together.
    static func norm(_ gradients: [Float]) -> Float {
        // In chunks of a fixed size, added up in order: the sum does not depend on the number of cores.
        let chunk = 1 << 20
        let chunks = (gradients.count + chunk - 1) / chunk
        var sums = [Double](repeating: 0, count: chunks)
        gradients.withUnsafeBufferPointer { gradients in
            sums.withUnsafeMutableBufferPointer { sums in
                guard let base = gradients.baseAddress, let sums = sums.baseAddress else { return }
                Parallel.items(chunks) { index, _ in
                    let start = index * chunk
                    sums[index] = Kernels.best.sum_of_squares(base + start, min(chunk, gradients.count - start))
                }
            }
        }
        return Float(sums.reduce(0, +).squareRoot())
    }

    /// What to multiply gradients of this norm by (PyTorch's `clip_grad_norm_`).
    static func clip(norm: Float, to limit: Float) -> Float { min(1, limit / (norm + 1e-6)) }

    /// One step. `gradientScale` multiplies the gradients first.
    mutating func step(_ parameters: inout [Float], _ gradients: [Float], learningRate: Float, gradientScale: Float) {
        steps += 1
        // In double: 1 − β₂ᵗ loses half its digits in single precision for small t.
        let correction1 = 1 - pow(Double(beta1), Double(steps))
        let correction2 = 1 - pow(Double(beta2), Double(steps))
        let stepSize = Float(Double(learningRate) / correction1)
        let rootCorrection = Float(correction2.squareRoot())
        let decay = 1 - learningRate * weightDecay
        let (beta1, beta2, epsilon) = (beta1, beta2, epsilon)
        let groups = groups(of: parameters.count)
        parameters.withUnsafeMutableBufferPointer { parameters in
            gradients.withUnsafeBufferPointer { gradients in
                first.withUnsafeMutableBufferPointer { first in
                    second.withUnsafeMutableBufferPointer { second in
                        guard let p = parameters.baseAddress, let g = gradients.baseAddress,
                            let m = first.baseAddress, let v = second.baseAddress
                        else { return }
                        Parallel.ranges(of: parameters.count, atLeast: 65536) { range in
                            for group in groups {
                                let part = range.clamped(to: group.range)
                                if part.isEmpty { continue }
                                let at = part.lowerBound
                                Kernels.best.adamw(
                                    p + at, g + at, m + at, v + at, part.count, gradientScale, beta1, beta2, stepSize,
                                    rootCorrection, epsilon, group.decays ? decay : 1)
                            }
                        }
                    }
                }
            }
        }
    }

    /// All parameters, cut where those that decay and those that do not meet.
    private func groups(of count: Int) -> [(range: Range<Int>, decays: Bool)] {
        guard weightDecay != 0, !undecayed.isEmpty else { return [(0..<count, true)] }
        var groups: [(range: Range<Int>, decays: Bool)] = []
        var end = 0
        for range in undecayed where range.lowerBound >= end && range.upperBound <= count {
            if range.lowerBound > end { groups.append((end..<range.lowerBound, true)) }
            groups.append((range, false))
            end = range.upperBound
        }
        if end < count { groups.append((end..<count, true)) }
        return groups
    }
}
