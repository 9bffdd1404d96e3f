import Distillation
import Foundation
import Testing

@testable import LanguageModel

@Suite struct AdapterFileTests {
    private func adapter() throws -> LoRAAdapter {
        var adapter = try LoRAAdapter.fresh(TinyModel.weights.configuration, rank: 3, alpha: 6, seed: 5)
        var random = RandomStream(seed: 9)
        for index in adapter.values.indices { adapter.values[index] = random.unit() - 0.5 }
        adapter.metadata = ["rows": "abc"]
        return adapter
    }

    @Test func anAdapterComesBackAsItWasWritten() throws {
        let adapter = try adapter()
        let bytes = try adapter.encode(.single)
        #expect(try LoRAAdapter(decoding: bytes, for: TinyModel.weights.configuration) == adapter)
        #expect(try adapter.encode(.single) == bytes)
    }

    @Test func halvesRoundEachNumber() throws {
        let adapter = try adapter()
        let back = try LoRAAdapter(decoding: adapter.encode(.half), for: TinyModel.weights.configuration)
        #expect(back.values == adapter.values.map { Float(Float16($0)) })
    }

    @Test func theLayoutIsPEFTs() throws {
        let bytes = try adapter().encode(.half)
        let file = try Safetensors(bytes, name: "adapter")
        #expect(file.tensors.count == 2 * 7 * 2)
        let a = try #require(file.tensors["base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight"])
        #expect(a.shape == [3, 24])
        let b = try #require(file.tensors["base_model.model.model.layers.0.mlp.down_proj.lora_B.weight"])
        #expect(b.shape == [24, 3])
        #expect(file.metadata["rank"] == "3" && file.metadata["alpha"] == "6.0" && file.metadata["rows"] == "abc")
    }

    @Test func noDamagedByteTraps() throws {
        let bytes = try adapter().encode(.half)
        let shape = try TinyModel.weights.configuration
        for position in 0..<3000 {
            for value: UInt8 in [0, 0x39, 0xFF] {
                var damaged = bytes
                damaged[position] = value
                do { _ = try LoRAAdapter(decoding: damaged, for: shape) } catch is WeightsError {} catch is EngineError
                {}
            }
        }
        for length in stride(from: 0, to: bytes.count, by: 61) {
            #expect(throws: WeightsError.self) { try LoRAAdapter(decoding: bytes.prefix(length), for: shape) }
        }
    }

    @Test func anotherModelsAdapterIsRefused() throws {
        let bytes = try adapter().encode()
        var other = try TinyModel.weights.configuration
        other.layers = 1
        #expect(throws: EngineError.self) { try LoRAAdapter(decoding: bytes, for: other) }
        other.layers = 2
        other.width = 26
        #expect(throws: EngineError.self) { try LoRAAdapter(decoding: bytes, for: other) }
        let student = try TinyModel.weights.selecting(layers: [0])
        #expect(throws: EngineError.self) { try Transformer(student, adapter: adapter()) }
    }
}
