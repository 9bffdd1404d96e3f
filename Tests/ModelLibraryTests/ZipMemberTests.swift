import Distillation
import Foundation
import Testing

@testable import ModelLibrary

/// Zip archives made by Python's zipfile, whole and damaged in every byte of their headers.
@Suite struct ZipMemberTests {
    private let content = noise(5_000) + Data(count: 600_000)

    private func archive(_ bench: Bench, of content: Data) throws -> Data {
        try bench.write("content", content)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.currentDirectoryURL = URL(fileURLWithPath: bench.path)
        process.arguments = [
            "python3", "-c",
            """
            import zipfile
            with zipfile.ZipFile("a.zip", "w") as archive:
                archive.comment = b"a comment at the end"
                archive.write("content", "in/stored", zipfile.ZIP_STORED)
                archive.write("content", "in/deflated", zipfile.ZIP_DEFLATED)
                archive.writestr("empty", b"")
            """,
        ]
        try process.run()
        process.waitUntilExit()
        return try #require(bench.read("a.zip"))
    }

    private func unpack(_ name: String, _ bench: Bench) throws {
        try ZipMember(name, in: bench.path + "/a.zip").unpack(to: bench.path + "/out", cancellation: .never) { _ in }
    }

    @Test(arguments: ["in/stored", "in/deflated"]) func membersComeOutAsTheyWentIn(_ name: String) throws {
        let bench = try Bench()
        _ = try archive(bench, of: content)
        try unpack(name, bench)
        #expect(bench.read("out") == content)
    }

    @Test func anEmptyMemberIsEmpty() throws {
        let bench = try Bench()
        _ = try archive(bench, of: content)
        try unpack("empty", bench)
        #expect(bench.read("out") == Data())
    }

    @Test func aMissingMemberAndAnotherFileAreTold() throws {
        let bench = try Bench()
        _ = try archive(bench, of: content)
        #expect(throws: ModelLibraryError.damagedArchive(file: "a.zip", reason: "it has no in/none")) {
            try unpack("in/none", bench)
        }
        try bench.write("a.zip", noise(1_000))
        #expect(throws: ModelLibraryError.damagedArchive(file: "a.zip", reason: "it is no zip archive")) {
            try unpack("in/stored", bench)
        }
        try bench.write("a.zip", Data())
        #expect(throws: ModelLibraryError.self) { try unpack("in/stored", bench) }
    }

    /// No damage traps; what comes out without an error has the right length.
    @Test func noDamagedHeaderTraps() throws {
        let bench = try Bench()
        let whole = try archive(bench, of: noise(300) + Data(count: 300))
        let directory = try #require(whole.firstRange(of: Data([0x50, 0x4B, 0x01, 0x02]))?.lowerBound)
        let places = Array(0..<40) + Array(directory..<whole.count)
        for place in places {
            for value in [UInt8(0), 0xFF] {
                var damaged = whole
                damaged[place] = value
                try bench.write("a.zip", damaged)
                for name in ["in/stored", "in/deflated"] {
                    do {
                        try unpack(name, bench)
                        #expect((bench.read("out")?.count ?? -1) >= 0)
                    } catch is ModelLibraryError {}
                }
            }
        }
        // The comment at its end is the only part that can be missing.
        for length in stride(from: 0, to: whole.count - 20, by: 7) {
            try bench.write("a.zip", whole.prefix(length))
            #expect(throws: ModelLibraryError.self) { try unpack("in/deflated", bench) }
        }
    }
}
