import Distillation
import Foundation
import OrderedCollections
import PipelineSyntax
import Tables
import Testing

@testable import Notebook

@Suite struct BlobTests {
    /// Over the limit beyond which state goes to blobs.
    private static let rows = (0..<3_000).map { "{\"prompt\":\"question number \($0)\",\"answer\":\"no\"}\n" }.joined()
    private static let cells = ["let rows = load \"rows.jsonl\"", "len(rows)"]

    private func scratch() throws -> Scratch {
        let scratch = try Scratch(cells: Self.cells, files: ["rows.jsonl": Self.rows])
        _ = try scratch.session().run()
        return scratch
    }

    private func blobs(_ scratch: Scratch) -> [String] {
        scratch.names(in: ".distnb/blobs").filter(SHA256Name.isName)
    }

    // MARK: Collecting

    @Test func whatNothingRefersToIsRemoved() throws {
        let scratch = try scratch()
        let before = blobs(scratch)
        #expect(before.count == 1)
        try scratch.edit { $0.cells[0].source += " | where .prompt != \"question number 7\"" }
        _ = try scratch.session().run()
        #expect(blobs(scratch).count == 1)
        #expect(blobs(scratch) != before)
        try scratch.edit { $0.cells[0].source = "let rows = [1]" }
        _ = try scratch.session().run()
        #expect(blobs(scratch) == [])
    }

    @Test func clearingStateRemovesItsBlobs() throws {
        let scratch = try scratch()
        try scratch.session().clear(outputs: true, state: false)
        #expect(blobs(scratch).count == 1)
        try scratch.session().clear()
        #expect(blobs(scratch) == [])
    }

    @Test func aFailedRunRemovesNothing() throws {
        let scratch = try scratch()
        try scratch.edit { $0.cells[0].source = "let rows = load \"nope.jsonl\"" }
        _ = try scratch.session().run()
        #expect(blobs(scratch).count == 1)
    }

    @Test(arguments: ["other.distnb", "lab.distnb.unsaved"])
    func whatAnotherNotebookOfTheFolderRefersToStays(_ name: String) throws {
        let scratch = try scratch()
        try scratch.write(name, String(decoding: scratch.read("lab.distnb"), as: UTF8.self))
        try scratch.session().clear()
        #expect(blobs(scratch).count == 1)
        try scratch.remove(name)
        try scratch.session().clear()
        #expect(blobs(scratch) == [])
    }

    @Test func nothingIsRemovedWhileAnotherHasPutSomething() throws {
        let scratch = try scratch()
        do {
            let other = BlobFolder(folder: scratch.folder + "/.distnb/blobs")
            let name = try other.put([1, 2, 3])
            try scratch.session().clear()
            #expect(blobs(scratch).count == 2)
            #expect(try other.get(name) == [1, 2, 3])
        }
        try scratch.session().clear()
        #expect(blobs(scratch) == [])
    }

    @Test func onlyBlobsAreRemoved() throws {
        let scratch = try scratch()
        try scratch.write(".distnb/blobs/readme.txt", "mine")
        try scratch.session().clear()
        #expect(scratch.names(in: ".distnb/blobs").contains("readme.txt"))
    }

    // MARK: Packing

    /// A new folder with nothing but the notebook's file.
    private func alone(_ scratch: Scratch) throws -> Scratch {
        let other = try Scratch(cells: [])
        try other.write("lab.distnb", String(decoding: scratch.read("lab.distnb"), as: UTF8.self))
        return other
    }

    @Test func aPackedFileGoesOnAloneAtTheNextCell() throws {
        let scratch = try scratch()
        let packed = try scratch.session().pack()
        #expect(packed.count == 1)
        #expect(packed.bytes > 64 * 1024)
        #expect(packed.missing == [])
        let other = try alone(scratch)
        try other.edit { $0.cells.append(NotebookCell(id: "next", kind: .code, source: "len((rows | take 5))")) }
        // The file that the rows were loaded from did not travel.
        try other.write("rows.jsonl", Self.rows)
        let listener = Listener()
        #expect(try other.session().run(observer: listener).ran == 1)
        #expect(listener.started == [3])
        #expect(listener.shown == [5])
    }

    @Test func unpackingPutsTheBlobsBesideTheFile() throws {
        let scratch = try scratch()
        let before = try scratch.read("lab.distnb")
        _ = try scratch.session().pack()
        let other = try alone(scratch)
        #expect(try other.session().unpack() == 1)
        #expect(blobs(other) == blobs(scratch))
        #expect(try other.read("lab.distnb") == before)
        #expect(try other.session().unpack() == 0)
        try other.write("rows.jsonl", Self.rows)
        #expect(try other.session().statuses().map(\.status) == [.current, .current])
    }

    @Test func packingTwiceGivesTheSameBytes() throws {
        let scratch = try scratch()
        _ = try scratch.session().pack()
        let once = try scratch.read("lab.distnb")
        _ = try scratch.session().pack()
        #expect(try scratch.read("lab.distnb") == once)
    }

    @Test func blobsThatAreNowhereAreTold() throws {
        let scratch = try scratch()
        let names = blobs(scratch)
        try scratch.remove(".distnb/blobs")
        let packed = try scratch.session().pack()
        #expect(packed.count == 0)
        #expect(packed.missing == names)
    }

    @Test func aDamagedPackedBlobIsToldAndTheFileStaysAsItWas() throws {
        let scratch = try scratch()
        let name = blobs(scratch)[0]
        _ = try scratch.session().pack()
        let other = try alone(scratch)
        try other.write("rows.jsonl", Self.rows)
        try other.edit { $0.packedBlobs[name] = "AAAA" }
        let before = try other.read("lab.distnb")
        #expect(throws: BlobError.corrupt(name)) { try other.session().unpack() }
        #expect(try other.read("lab.distnb") == before)
        #expect(blobs(other) == [])
        let session = try other.session()
        try session.addCell("len((rows | take 5))")
        let listener = Listener()
        #expect(try session.run(observer: listener).failed == 3)
        #expect(listener.mistakes.map(\.code) == [.missingState])
    }

    @Test(arguments: ["../../etc/passwd", "x", ""]) func aNameThatIsNoHashIsNoBlob(_ name: String) throws {
        let folder = BlobFolder(folder: "/nowhere", packed: [name: "AAAA"])
        #expect(!folder.contains(name))
        #expect(throws: BlobError.missing(name)) { try folder.get(name) }
    }
}
