import CSIMD
import Foundation
import Testing

@testable import LanguageModel

/// Against `gguf.quants.dequantize` (Tests/References/quants_reference.py).
@Suite struct QuantizedFormatTests {
    struct Reference: Decodable {
        struct Format: Decodable, CustomTestStringConvertible {
            let type: UInt32
            let name: String
            let blocks: Int
            let bytes: Data
            let values: Data

            var testDescription: String { name }
        }
        struct Quantized: Decodable {
            let values: Data
            let q8_0: Data
        }
        let formats: [Format]
        let quantized: Quantized
    }

    @Test func floatsBecomeTheBlocksOfTheReference() throws {
        let reference = try fixture("quants", as: Reference.self).quantized
        let values = reference.values.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        #expect(TensorEncoding.q8_0.bytes(values, count: values.count) == Array(reference.q8_0))
        let halves = TensorEncoding.half.bytes(values, count: values.count)
        #expect(halves == values.flatMap { withUnsafeBytes(of: Float16($0).bitPattern) { Array($0) } })
    }

    @Test(arguments: ["portable", "AVX2"]) func blocksBecomeTheFloatsOfTheReference(_ set: String) throws {
        guard let kernels = set == "AVX2" ? simd_kernels_avx2()?.pointee : simd_kernels_portable().pointee else {
            return
        }
        for format in try fixture("quants", as: Reference.self).formats {
            let type = try #require(GGUFTensorType(rawValue: format.type), "\(format.name)")
            #expect(type.name == format.name)
            let length = Int(type.blockLength)
            #expect(format.bytes.count == format.blocks * Int(type.blockBytes), "\(format.name)")
            var found = [Float](repeating: -1, count: format.blocks * length)
            format.bytes.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                type.dequantize(base, to: &found, blocks: format.blocks, with: kernels)
            }
            let wanted = format.values.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            try #require(wanted.count == found.count)
            for block in 0..<format.blocks {
                let range = block * length..<(block + 1) * length
                // One rounding of the product of scale and value: the offset is subtracted with or without it.
                let greatest = wanted[range].filter(\.isFinite).map(abs).max() ?? 0
                for index in range where !agree(found[index], wanted[index], greatest * 2e-7) {
                    Issue.record(
                        "\(format.name), block \(block), value \(index - range.lowerBound): \(found[index]), expected \(wanted[index])"
                    )
                    break
                }
            }
        }
    }

    private func agree(_ found: Float, _ wanted: Float, _ tolerance: Float) -> Bool {
        wanted.isFinite ? abs(found - wanted) <= tolerance : found == wanted || (found.isNaN && wanted.isNaN)
    }

    @Test func theFixtureHasEveryFormat() throws {
        let there = Set(try fixture("quants", as: Reference.self).formats.map(\.type))
        #expect(Set(GGUFTensorType.allCases.map(\.rawValue)).subtracting(there) == [GGUFTensorType.f32.rawValue])
    }
}
