import Foundation
import Testing

@testable import LanguageModel

@Suite struct FileMappingTests {
    @Test func bytesAreThereAgainAfterTheirMemoryWasGivenBack() throws {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        for mapping in [try FileMapping(path), FileMapping(copying: Data(bytes))] {
            mapping.letGo()
            #expect(Array(mapping.bytes) == bytes)
        }
    }
}
