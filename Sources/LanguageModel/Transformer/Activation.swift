import CSIMD

extension Architecture.Activation {
    /// out [rows, width] = act(gate) ⊙ up, of gateUp [rows, 2 width], the gate first.
    func multiply(_ gateUp: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ rows: Int, _ width: Int) {
        switch self {
        case .silu: Kernels.best.silu_multiply(gateUp, out, rows, width)
        case .gelu: Kernels.best.gelu_multiply(gateUp, out, rows, width)
        }
    }

    /// The gradient of `multiply`: dOut [rows, width] to dGateUp [rows, 2 width], overwritten, which may be
    /// gateUp itself.
    func multiplyBackward(
        _ gateUp: UnsafePointer<Float>, _ dOut: UnsafePointer<Float>, _ dGateUp: UnsafeMutablePointer<Float>,
        _ rows: Int, _ width: Int
    ) {
        switch self {
        case .silu: Kernels.best.silu_multiply_backward(gateUp, dOut, dGateUp, rows, width)
        case .gelu: Kernels.best.gelu_multiply_backward(gateUp, dOut, dGateUp, rows, width)
        }
    }
}
