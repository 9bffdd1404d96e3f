import Distillation
import Foundation
import Testing

@testable import LanguageModel

@Suite struct GGUFTests {
    @Test func everyTruncationIsAnErrorThatNamesTheFile() throws {
        let file = TinyModel.file
        for length in stride(from: 0, to: file.count, by: 97) {
            let error = try #require(throws: WeightsError.self) {
                try LanguageModelWeights.load(TinyModel.open(file.prefix(length)))
            }
            #expect(error.description.contains("tiny.gguf"))
        }
    }

    /// Whatever a single byte becomes, opening ends in a model or an error: never in a trap or a huge allocation.
    @Test func noDamagedByteOfTheHeaderTraps() throws {
        let file = TinyModel.file
        let header = file.count - TinyModel.tensors.reduce(0) { $0 + ($1.dimensions.reduce(4, *) + 31) / 32 * 32 }
        var random = RandomStream(seed: 1)
        for position in 0..<header {
            // Numbers stand before and between texts; inside long texts a sample is enough.
            guard position < 1200 || random.next() % 16 == 0 else { continue }
            for value in [0, 0xFF, UInt8(truncatingIfNeeded: random.next())] {
                var damaged = file
                damaged[position] = value
                do {
                    let gguf = try TinyModel.open(damaged)
                    _ = try Tokenizer(gguf)
                    let weights = try LanguageModelWeights.load(gguf)
                    _ = try Transformer(weights).logits([1, 2, 3])
                } catch is WeightsError {} catch is EngineError {}
            }
        }
    }

    @Test func absurdCountsAreFoundOutBeforeMemoryIsTaken() throws {
        for (tensors, metadata) in [(UInt64.max, UInt64(0)), (0, .max), (1 << 40, 0), (0, 1 << 60)] {
            var writer = GGUFWriter()
            writer.header(tensors: tensors, metadata: metadata)
            writer.append(Data(count: 64))
            #expect(throws: WeightsError.self) { try TinyModel.open(writer.bytes) }
        }
        var writer = GGUFWriter()
        writer.header(tensors: 1, metadata: 0)
        writer.string("t")
        writer.integer(UInt32(4))
        for _ in 0..<4 { writer.integer(UInt64(1) << 33) }
        writer.append(Data(count: 64))
        #expect(throws: WeightsError.self) { try TinyModel.open(writer.bytes) }
    }

    @Test func listsNestedWithoutEndAreRefused() throws {
        var writer = GGUFWriter()
        writer.header(tensors: 0, metadata: 1)
        writer.string("deep")
        writer.integer(UInt32(9))
        for _ in 0..<100_000 {
            writer.integer(UInt32(9))
            writer.integer(UInt64(1))
        }
        #expect(throws: WeightsError.self) { try TinyModel.open(writer.bytes) }
    }

    @Test func messagesSayWhatFileWhatIsWrongAndWhatToDo() throws {
        #expect(
            WeightsError.truncated(file: "/w/m.gguf", reading: "tensor `a`", needs: 10, has: 3).description
                == "/w/m.gguf is cut short: tensor `a` needs 10 bytes, 3 are there. Delete the file and fetch it again (`distnb models add`)."
        )
        let text = Data("Not weights at all".utf8)
        let error = try #require(throws: WeightsError.self) { try TinyModel.open(text) }
        #expect(error.description.hasPrefix("tiny.gguf is not a GGUF file"))
        let missing = URL(fileURLWithPath: "/nowhere/m.gguf")
        let absent = try #require(throws: WeightsError.self) { try GGUFFile(missing) }
        #expect(absent.description == "cannot read the weights /nowhere/m.gguf: there is no such file")
    }

    @Test func selectedLayersShareMemory() throws {
        let weights = try TinyModel.weights
        let student = try weights.selecting(layers: [1])
        #expect(student.configuration.layers == 1)
        #expect(student.sourceLayers == [1])
        #expect(student.layers[0].qkv.pointer == weights.layers[1].qkv.pointer)
        #expect(throws: EngineError.self) { try weights.selecting(layers: []) }
        #expect(throws: EngineError.self) { try weights.selecting(layers: [2]) }
    }

    @Test(.needsWeights) func theDigestIsTheFilesSHA256() throws {
        #expect(try RealModel.base.sha256 == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
    }
}
