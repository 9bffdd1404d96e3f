import CSIMD
import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Every kernel on every instruction set against a plain calculation in double precision, at lengths with and without
/// a tail.
@Suite struct KernelTests {
    static let sets: [String] = ["portable", "AVX2"]
    static let lengths = [1, 7, 8, 31, 64, 577]

    private func kernels(_ name: String) throws -> simd_kernels? {
        name == "portable" ? simd_kernels_portable().pointee : simd_kernels_avx2()?.pointee
    }

    private func random(_ count: Int, _ seed: UInt64, _ scale: Float = 2) -> [Float] {
        var stream = RandomStream(seed: seed)
        return (0..<count).map { _ in (2 * stream.unit() - 1) * scale }
    }

    private func expect(
        _ got: [Float], near wanted: [Double], tolerance: Double = 2e-6, _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(got.count == wanted.count, sourceLocation: location)
        for (index, (a, b)) in zip(got, wanted).enumerated() where abs(Double(a) - b) > tolerance * max(1, abs(b)) {
            Issue.record("at \(index): \(a), expected \(b)", sourceLocation: location)
            return
        }
    }

    @Test(arguments: sets, lengths) func rmsNormAndItsGradientAreTheDefinition(_ set: String, _ n: Int) throws {
        guard let k = try kernels(set) else { return }
        let (x, w, dy) = (random(2 * n, 1), random(n, 2), random(2 * n, 3))
        var (out, inverse, dx) = (
            [Float](repeating: 0, count: 2 * n), [Float](repeating: 0, count: 2), random(2 * n, 4)
        )
        let before = dx
        k.rms_norm(x, w, &out, &inverse, 2, n, 1e-5)
        k.rms_norm_backward(x, w, inverse, dy, &dx, 2, n)
        var (wanted, gradient) = ([Double](), [Double]())
        for row in 0..<2 {
            let v = x[row * n..<row * n + n].map(Double.init), d = dy[row * n..<row * n + n].map(Double.init)
            let s = 1 / (v.reduce(0) { $0 + $1 * $1 } / Double(n) + 1e-5).squareRoot()
            let sum = (0..<n).reduce(0.0) { $0 + Double(w[$1]) * d[$1] * v[$1] }
            wanted += (0..<n).map { Double(w[$0]) * v[$0] * s }
            for i in 0..<n {
                let (direct, shared) = (s * Double(w[i]) * d[i], v[i] * s * s * s / Double(n) * sum)
                gradient.append(Double(before[row * n + i]) + direct - shared)
            }
        }
        expect(out, near: wanted, tolerance: 5e-6)
        expect(dx, near: gradient, tolerance: 2e-5)
    }

    @Test(arguments: sets, lengths) func layerNormIsTheDefinitionAlsoInPlace(_ set: String, _ n: Int) throws {
        guard let k = try kernels(set) else { return }
        let (x, w, b) = (random(2 * n, 1, 9).map { $0 + 30 }, random(n, 2), random(n, 3))
        var (out, same) = ([Float](repeating: 0, count: 2 * n), x)
        k.layer_norm(x, w, b, &out, 2, n, 1e-5)
        same.withUnsafeMutableBufferPointer { same in
            if let base = same.baseAddress { k.layer_norm(base, w, b, base, 2, n, 1e-5) }
        }
        #expect(out == same)
        let wanted = (0..<2).flatMap { row -> [Double] in
            let v = x[row * n..<row * n + n].map(Double.init), mean = v.reduce(0, +) / Double(n)
            let variance = v.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
            return (0..<n).map { Double(w[$0]) * (v[$0] - mean) / (variance + 1e-5).squareRoot() + Double(b[$0]) }
        }
        // A single value is its mean, of which no more than its rounding is left.
        if n > 1 {
            expect(out, near: wanted, tolerance: 1e-5)
        } else {
            expect(out, near: b.map(Double.init) + b.map(Double.init), tolerance: 1e-5)
        }
    }

    @Test(arguments: sets, lengths) func geluIsTheDefinitionByTheErrorFunction(_ set: String, _ n: Int) throws {
        guard let k = try kernels(set) else { return }
        let x = random(n, 8, 6) + [0, -0.0, 1e-6, -1e-6, 30, -30, 1e30, -1e30].prefix(n)
        var y = x
        k.gelu(&y, y.count)
        expect(y, near: x.map { Double($0) * 0.5 * erfc(-Double($0) / 2.0.squareRoot()) }, tolerance: 6e-7)
    }

    @Test(arguments: sets, lengths) func softmaxAndItsGradientAreTheDefinition(_ set: String, _ n: Int) throws {
        guard let k = try kernels(set) else { return }
        let (x, dp) = (random(n, 5, 30), random(n, 6))
        var (p, ds) = (x, dp)
        k.softmax(&p, n, 0.125)
        let most = Double(x.max() ?? 0) * 0.125
        let raised = x.map { exp(Double($0) * 0.125 - most) }, sum = raised.reduce(0, +)
        let wanted = raised.map { $0 / sum }
        expect(p, near: wanted)
        k.softmax_backward(p, &ds, n, 0.125)
        let inner = zip(wanted, dp).reduce(0) { $0 + $1.0 * Double($1.1) }
        expect(ds, near: zip(wanted, dp).map { $0 * (Double($1) - inner) * 0.125 })
    }

    @Test(arguments: sets, lengths) func siluAndItsGradientAreTheDefinition(_ set: String, _ n: Int) throws {
        guard let k = try kernels(set) else { return }
        let (gateUp, d) = (random(4 * n, 7, 8), random(2 * n, 8))
        var (out, dGateUp) = ([Float](repeating: 0, count: 2 * n), [Float](repeating: 0, count: 4 * n))
        k.silu_multiply(gateUp, &out, 2, n)
        k.silu_multiply_backward(gateUp, d, &dGateUp, 2, n)
        var (wanted, gradient) = ([Double](), [Double](repeating: 0, count: 4 * n))
        for row in 0..<2 {
            for i in 0..<n {
                let g = Double(gateUp[row * 2 * n + i]), u = Double(gateUp[row * 2 * n + n + i]),
                    e = Double(d[row * n + i])
                let s = 1 / (1 + exp(-g))
                wanted.append(g * s * u)
                gradient[row * 2 * n + i] = e * u * s * (1 + g * (1 - s))
                gradient[row * 2 * n + n + i] = e * g * s
            }
        }
        expect(out, near: wanted, tolerance: 5e-6)
        expect(dGateUp, near: gradient, tolerance: 5e-6)
    }

    @Test(arguments: sets, lengths) func geluAndItsGradientAreTheDefinition(_ set: String, _ n: Int) throws {
        guard let k = try kernels(set) else { return }
        let (gateUp, d) = (random(4 * n, 7, 6), random(2 * n, 8))
        var (out, dGateUp) = ([Float](repeating: 0, count: 2 * n), [Float](repeating: 0, count: 4 * n))
        k.gelu_multiply(gateUp, &out, 2, n)
        k.gelu_multiply_backward(gateUp, d, &dGateUp, 2, n)
        var (wanted, gradient) = ([Double](), [Double](repeating: 0, count: 4 * n))
        let root = (2 / Double.pi).squareRoot()
        for row in 0..<2 {
            for i in 0..<n {
                let g = Double(gateUp[row * 2 * n + i]), u = Double(gateUp[row * 2 * n + n + i]),
                    e = Double(d[row * n + i])
                let t = tanh(root * (g + 0.044715 * g * g * g))
                wanted.append(0.5 * g * (1 + t) * u)
                let slope = root * (1 + 3 * 0.044715 * g * g)
                gradient[row * 2 * n + i] = e * u * (0.5 * (1 + t) + 0.5 * g * (1 - t * t) * slope)
                gradient[row * 2 * n + n + i] = e * 0.5 * g * (1 + t)
            }
        }
        expect(out, near: wanted, tolerance: 1e-5)
        expect(dGateUp, near: gradient, tolerance: 1e-5)
    }

    @Test(arguments: sets, lengths) func softcapAndItsGradientAreTheDefinition(_ set: String, _ n: Int) throws {
        guard let k = try kernels(set) else { return }
        let (x, d) = (random(n, 40, 90), random(n, 41))
        var (y, dx, scaled) = (x, d, x)
        k.softcap(&y, n, 30)
        k.softcap_backward(y, &dx, n, 30)
        let wanted = x.map { 30 * tanh(Double($0) / 30) }
        expect(y, near: wanted)
        expect(dx, near: zip(wanted, d).map { (1 - $0 * $0 / 900) * Double($1) })
        k.scale(&scaled, n, 0.3)
        expect(scaled, near: x.map { Double($0 * 0.3) })
    }

    @Test(arguments: sets, lengths) func crossEntropyIsTheDefinition(_ set: String, _ n: Int) throws {
        guard let k = try kernels(set) else { return }
        let x = random(n, 9, 20), target = n / 2
        var logits = x
        let loss = k.cross_entropy(&logits, n, target, 0.5)
        let most = Double(x.max() ?? 0), raised = x.map { exp(Double($0) - most) }, sum = raised.reduce(0, +)
        expect([loss], near: [log(sum) + most - Double(x[target])], tolerance: 1e-5)
        expect(logits, near: raised.enumerated().map { 0.5 * ($1 / sum - ($0 == target ? 1 : 0)) })
    }

    @Test(arguments: sets) func rotationTurnsBackToWhereItBegan(_ set: String) throws {
        guard let k = try kernels(set) else { return }
        let half = 11, x = random(3 * 50, 10), angles = random(6 * half, 11, 3)
        var turned = x
        let positions: [Int32] = [5, 0, 3]
        k.rotate(&turned, positions, angles.map { cosf($0) }, angles.map { sinf($0) }, 3, 50, 2, half, 1)
        var wanted = x.map(Double.init)
        for row in 0..<3 {
            for head in 0..<2 {
                for i in 0..<half {
                    let at = row * 50 + head * 2 * half + i, angle = Double(angles[Int(positions[row]) * half + i])
                    let (a, b) = (Double(x[at]), Double(x[at + half]))
                    wanted[at] = a * cos(angle) - b * sin(angle)
                    wanted[at + half] = b * cos(angle) + a * sin(angle)
                }
            }
        }
        expect(turned, near: wanted)
        k.rotate(&turned, positions, angles.map { cosf($0) }, angles.map { sinf($0) }, 3, 50, 2, half, -1)
        expect(turned, near: x.map(Double.init))
    }

    @Test(arguments: sets, lengths) func fewDotsAndSumsAreMatrixProducts(_ set: String, _ n: Int) throws {
        guard let k = try kernels(set) else { return }
        let (q, keys) = (random(3 * n, 12), random(5 * n, 13))
        var (scores, mixed) = ([Float](repeating: 0, count: 3 * 9), random(3 * n, 14))
        let before = mixed
        k.few_dots(q, keys, &scores, 3, 5, n, 9)
        k.few_sums(scores, keys, &mixed, 3, 5, n, 9)
        for r in 0..<3 {
            var dots: [Double] = []
            var sums = before[r * n..<r * n + n].map(Double.init)
            for j in 0..<5 {
                var dot = 0.0
                for i in 0..<n {
                    dot += Double(q[r * n + i]) * Double(keys[j * n + i])
                    sums[i] += Double(scores[r * 9 + j]) * Double(keys[j * n + i])
                }
                dots.append(dot)
            }
            expect(Array(scores[r * 9..<r * 9 + 5]), near: dots, tolerance: 2e-5)
            expect(Array(mixed[r * n..<r * n + n]), near: sums, tolerance: 2e-5)
        }
    }

    @Test(arguments: sets, lengths) func fewRowsLinearIsAMatrixProduct(_ set: String, _ n: Int) throws {
        guard let k = try kernels(set) else { return }
        for (rows, outputs) in [(1, 3), (7, 8), (6, 1), (5, 9)] {
            let (x, w) = (random(rows * n, 30), random(outputs * n, 31))
            for add in [Int32(0), 1] {
                var out = random(rows * (outputs + 2), 32)
                var wanted = out.map(Double.init)
                k.few_rows_linear(x, w, &out, rows, outputs, n, outputs + 2, add)
                for r in 0..<rows {
                    for o in 0..<outputs {
                        var sum = add == 1 ? wanted[r * (outputs + 2) + o] : 0
                        for i in 0..<n { sum += Double(x[r * n + i]) * Double(w[o * n + i]) }
                        wanted[r * (outputs + 2) + o] = sum
                    }
                }
                expect(out, near: wanted, tolerance: 5e-5)
            }
        }
    }

    @Test(arguments: sets, lengths) func sumsAndTheGreatest(_ set: String, _ n: Int) throws {
        guard let k = try kernels(set) else { return }
        var x = random(n, 15)
        let wanted = x.reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(k.sum_of_squares(x, n) - wanted) <= 1e-12 * max(1, wanted))
        var y = random(n, 16)
        let sums = zip(x, y).map { Double($0) + Double($1) }
        k.add(x, &y, n)
        expect(y, near: sums)
        #expect(k.greatest(x, n) == x.firstIndex(of: x.max() ?? 0))
        for bad in [Float.nan, .infinity, -.infinity] {
            x[n - 1] = bad
            #expect(k.greatest(x, n) == -1)
        }
    }

    @Test(arguments: sets) func adamWIsPyTorchsFormula(_ set: String) throws {
        guard let k = try kernels(set) else { return }
        let n = 29, g = random(n, 17)
        var (p, m, v) = (random(n, 18), random(n, 19, 0.1), random(n, 20, 0.1).map { abs($0) })
        let (p0, m0, v0) = (p.map(Double.init), m.map(Double.init), v.map(Double.init))
        k.adamw(&p, g, &m, &v, n, 0.5, 0.9, 0.999, 0.01, 0.3, 1e-8, 0.99)
        expect(
            p,
            near: (0..<n).map { i in
                let d = Double(g[i]) * 0.5
                let first = m0[i] * 0.9 + d * 0.1, second = v0[i] * 0.999 + d * d * 0.001
                return p0[i] * 0.99 - 0.01 * first / (second.squareRoot() / 0.3 + 1e-8)
            }, tolerance: 1e-5)
    }

    @Test(arguments: sets) func allHalvesBecomeTheSameNumbers(_ set: String) throws {
        guard let k = try kernels(set) else { return }
        let bits = (0...UInt16.max).map { $0.littleEndian }
        var out = [Float](repeating: 0, count: bits.count)
        k.from_f16(bits, &out, bits.count)
        for (bits, value) in zip(0...UInt16.max, out) {
            let wanted = Float(Float16(bitPattern: bits))
            #expect(value == wanted || value.isNaN && wanted.isNaN)
        }
    }

    @Test(arguments: sets) func quantisedBlocksBecomeWhatTheFormatSays(_ set: String) throws {
        guard let k = try kernels(set) else { return }
        let nibbles: [UInt8] = (0..<16).map { $0 * 16 + (15 - $0) }  // low: 15 down to 0, high: 0 to 15
        func half(_ value: Float16) -> [UInt8] { withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
        let low = (0..<16).map { 15 - $0 }, values = low + Array(0..<16)
        var out = [Float](repeating: 0, count: 32)
        k.from_q4_0(half(0.5) + nibbles, &out, 1)
        let centred: [Float] = values.map { Float($0 - 8) * 0.5 }
        #expect(out == centred)
        k.from_q4_1(half(0.5) + half(-2) + nibbles, &out, 1)
        let shifted: [Float] = values.map { Float($0) * 0.5 - 2 }
        #expect(out == shifted)
        let eighths: [Int8] = (0..<32).map { Int8($0 * 8 - 128) }
        let quarters: [Float] = eighths.map { Float($0) * 0.25 }
        k.from_q8_0(half(0.25) + eighths.map { UInt8(bitPattern: $0) }, &out, 1)
        #expect(out == quarters)
        k.from_bf16([0x80, 0x3F, 0x00, 0xC0] as [UInt8], &out, 2)
        #expect(out[0] == 1 && out[1] == -2)
    }

    /// ln softmax(x / T) in double precision.
    private func logSoftmax(_ x: [Float], _ temperature: Double) -> [Double] {
        let scaled = x.map { Double($0) / temperature }
        let most = scaled.max() ?? 0
        let sum = most + log(scaled.reduce(0) { $0 + exp($1 - most) })
        return scaled.map { $0 - sum }
    }

    @Test(arguments: sets, [2, 7, 8, 31, 577]) func theGeneralisedDivergenceAndItsGradientAreTheDefinition(
        _ set: String, _ n: Int
    ) throws {
        guard let k = try kernels(set) else { return }
        let (student, teacher) = (random(n, 31, 6), random(n, 32, 6))
        for (beta, temperature) in [(0.0, 1.0), (0.1, 2.0), (0.5, 1.0), (0.9, 0.7), (1.0, 1.5)] {
            let (q, p) = (logSoftmax(student, temperature), logSoftmax(teacher, temperature))
            let m = zip(p, q).map { log(beta * exp($0) + (1 - beta) * exp($1)) }
            func divergence(_ a: [Double], _ b: [Double]) -> Double {
                zip(a, b).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
            }
            let (ofTeacher, ofStudent) = (divergence(p, m), divergence(q, m))
            let wanted = beta == 0 ? ofTeacher : beta == 1 ? ofStudent : beta * ofTeacher + (1 - beta) * ofStudent
            let weight = beta == 1 ? 1 : 1 - beta
            let gradient = (0..<n).map { i in
                beta == 0
                    ? 3 * (exp(q[i]) - exp(p[i])) / temperature
                    : 3 * weight * exp(q[i]) * (q[i] - m[i] - ofStudent) / temperature
            }
            // The gradient may take the teacher's place.
            var out = teacher
            let loss = out.withUnsafeMutableBufferPointer { out in
                out.baseAddress.map { k.generalized_jsd(student, $0, $0, n, Float(1 / temperature), Float(beta), 3) }
            }
            #expect(abs(Double(loss ?? .nan) - wanted) < 1e-5 * max(1, wanted))
            expect(out, near: gradient, tolerance: 5e-6)
        }
    }

    @Test(arguments: sets, [2, 7, 8, 31, 577]) func theTruncatedDivergenceTakesTheRestAsOneClass(
        _ set: String, _ n: Int
    ) throws {
        guard let k = try kernels(set) else { return }
        let (student, teacher) = (random(n, 33, 6), random(n, 34, 6))
        let temperature = 2.0
        let (q, p) = (logSoftmax(student, temperature), logSoftmax(teacher, temperature))
        for count in Set([1, n / 2, n]) {
            let kept = (0..<n).sorted { p[$0] > p[$1] }.prefix(count).map { Int32($0) }
            let rest = (0..<n).filter { !kept.contains(Int32($0)) }
            let (tail, restOfStudent) = (rest.reduce(0) { $0 + exp(p[$1]) }, rest.reduce(0) { $0 + exp(q[$1]) })
            var wanted = kept.reduce(0) { $0 + exp(p[Int($1)]) * (p[Int($1)] - q[Int($1)]) }
            if tail > 0 { wanted += tail * log(tail / restOfStudent) }
            let gradient = (0..<n).map { i in
                let own = kept.contains(Int32(i)) ? exp(p[i]) : tail * exp(q[i]) / restOfStudent
                return 3 * (exp(q[i]) - own) / temperature
            }
            var out = [Float](repeating: 0, count: n)
            let loss = k.truncated_divergence(
                student, &out, n, Float(1 / temperature), kept, kept.map { Float(exp(p[Int($0)])) }, count, Float(tail),
                3)
            #expect(abs(Double(loss) - wanted) < 1e-5 * max(1, wanted))
            expect(out, near: gradient, tolerance: 5e-6)
        }
    }
}
