/// How a tensor's values are written to a file.
enum TensorEncoding: Sendable, Hashable {
    /// 32-bit floats: exactly what the engine has.
    case single
    /// 16-bit floats.
    case half
    /// ggml's `block_q8_0`: 32 signed bytes and their scale.
    case q8_0

    /// Values that are written together.
    var blockLength: Int { self == .q8_0 ? 32 : 1 }

    private var blockBytes: Int {
        switch self {
        case .single: 4
        case .half: 2
        case .q8_0: 34
        }
    }

    /// The greatest magnitude that a value may have.
    var greatest: Float {
        switch self {
        case .single: .greatestFiniteMagnitude
        case .half: Float(Float16.greatestFiniteMagnitude)
        case .q8_0: 127 * Float(Float16.greatestFiniteMagnitude)
        }
    }

    /// - Parameter count: a multiple of `blockLength`.
    func byteCount(_ count: Int) -> Int { count / blockLength * blockBytes }

    /// The values' bytes, little-endian.
    /// - Parameter count: a multiple of `blockLength`.
    func bytes(_ values: UnsafePointer<Float>, count: Int) -> [UInt8] {
        let length = byteCount(count)
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, initialised in
            initialised = length
            guard let out = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
            Parallel.ranges(of: count / blockLength, atLeast: 1 << 15) { range in
                let (from, to) = (values + range.lowerBound * blockLength, out + range.lowerBound * blockBytes)
                switch self {
                case .single: to.copyMemory(from: from, byteCount: range.count * 4)
                case .half:
                    for index in 0..<range.count {
                        to.storeBytes(
                            of: Float16(from[index]).bitPattern.littleEndian, toByteOffset: index * 2, as: UInt16.self)
                    }
                case .q8_0:
                    for block in 0..<range.count { Self.quantize(from + block * 32, to: to + block * 34) }
                }
            }
        }
    }

    /// The scale is what makes the greatest value 127; the others are rounded to the nearest, halves away from zero.
    private static func quantize(_ values: UnsafePointer<Float>, to out: UnsafeMutableRawPointer) {
        var greatest: Float = 0
        for index in 0..<32 { greatest = max(greatest, abs(values[index])) }
        let scale = greatest / 127
        let inverse = scale == 0 ? 0 : 1 / scale
        out.storeBytes(of: Float16(scale).bitPattern.littleEndian, as: UInt16.self)
        for index in 0..<32 {
            let rounded = (values[index] * inverse).rounded(.toNearestOrAwayFromZero)
            out.storeBytes(of: Int8(max(-127, min(127, rounded))), toByteOffset: 2 + index, as: Int8.self)
        }
    }
}
