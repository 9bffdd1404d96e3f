import Testing

@testable import Tables

@Suite struct GzipTests {
    @Test(arguments: [0, 1, 100, 65_536, 300_000]) func whatIsCompressedUnpacksToTheSame(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        let packed = try Gzip.compress(bytes)
        #expect(Gzip.isCompressed(packed))
        #expect(try Gzip.decompress(packed) == bytes)
        #expect(try Gzip.compress(bytes) == packed, "the same bytes give the same file")
    }

    @Test func severalMembersAreOneFile() throws {
        let packed = try Gzip.compress(Array("ab".utf8)) + Gzip.compress(Array("cd".utf8))
        #expect(try Gzip.decompress(packed) == Array("abcd".utf8))
        #expect(try Gzip.decompress(packed + [0, 0, 0]) == Array("abcd".utf8), "zeros behind are let be")
    }

    @Test func aFileThatUnpacksToMoreThanTheLimitIsRefusedBeforeItIsWhole() throws {
        let bomb = try Gzip.compress([UInt8](repeating: 0, count: 10_000_000))
        #expect(bomb.count < 20_000)
        let error = #expect(throws: ContentError.self) { try Gzip.decompress(bomb, limit: 1_000_000) }
        #expect(error?.description == "the file unpacks to more than 1,000,000 bytes")
        #expect(try Gzip.decompressedPrefix(bomb, count: 1_000).count == 1_000)
    }

    @Test func everyCutAndEveryFlippedByteIsAnswered() throws {
        let text = Array("{\"a\": 1}\n{\"a\": 2}\n".utf8)
        let packed = try Gzip.compress(text)
        for count in 2..<packed.count {
            #expect(throws: ContentError.self) { try Gzip.decompress(Array(packed[..<count])) }
        }
        for place in packed.indices {
            var damaged = packed
            damaged[place] ^= 0x55
            // The time and the system in the header say nothing of the content.
            if let unpacked = try? Gzip.decompress(damaged) { #expect(unpacked == text, "byte \(place)") }
        }
    }

    @Test func theBeginningOfACutFileCanBeRead() throws {
        let text = (0..<20_000).flatMap { Array("line \($0 &* 7_919)\n".utf8) }
        let packed = try Gzip.compress(text)
        let start = try Gzip.decompressedPrefix(Array(packed.prefix(packed.count / 2)), count: 1_000)
        #expect(start == Array(text.prefix(1_000)))
    }
}
