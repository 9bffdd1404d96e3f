import Foundation
import Testing

@testable import ModelLibrary

/// What a model's headers tell, also when somebody has changed them: nothing here may trap.
@Suite struct DescriptionTests {
    @Test func aGGUFTellsItsShape() throws {
        let bench = try Bench()
        try bench.write("m.gguf", tinyGGUF())
        let description = try ModelDescription(path: bench.path + "/m.gguf")
        #expect(description.title == "Tiny")
        #expect(description.layers == 2)
        #expect(description.headWidth == 16)
        #expect(description.vocabulary == 32)
        #expect(description.template == "ChatML")
        let memory = try #require(ModelMemory(description))
        #expect(memory.unpacked == 4 * 2048)
        // Keys and values of 2 heads of 16 in 2 layers, 4 bytes each.
        #expect(memory.perToken == 2 * 2 * 2 * 16 * 4)
        #expect(memory.full == 16 * 2048)
        // Rows and columns of q, k, v, output, gate, up and down at rank 8; value, gradient and two moments.
        let sides = (64 + 64) + 2 * (64 + 32) + (64 + 64) + 2 * (64 + 128) + (128 + 64)
        #expect(memory.lowRank == 16 * 8 * 2 * sides)
    }

    @Test func noDamagedByteOfAGGUFHeaderTraps() throws {
        let bench = try Bench()
        let whole = tinyGGUF()
        for place in 0..<(whole.count - 64 * 32 * 4) {
            for value in [UInt8(0), 0x7F, 0x80, 0xFF] {
                var damaged = whole
                damaged[place] = value
                try bench.write("m.gguf", damaged)
                do {
                    _ = ModelMemory(try ModelDescription(path: bench.path + "/m.gguf"))
                } catch is ModelLibraryError {}
            }
        }
    }

    @Test(arguments: [
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,24]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,24]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":\"none\"}}", "{\"a\":7}", "[1]", "",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807]},\"b\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807]}}",
    ]) func aFolderWithAStrangeHeaderIsToldOrCounted(_ header: String) throws {
        let bench = try Bench()
        try bench.write("m/config.json", Data("{\"model_type\": \"llama\", \"num_hidden_layers\": -4}".utf8))
        for length in [UInt64(header.utf8.count), 0, 5, .max, 1 << 40] {
            let bytes = withUnsafeBytes(of: length.littleEndian) { Data($0) }
            try bench.write("m/model.safetensors", bytes + Data(header.utf8))
            do {
                _ = ModelMemory(try ModelDescription(path: bench.path + "/m"))
            } catch is ModelLibraryError {}
        }
    }
}
