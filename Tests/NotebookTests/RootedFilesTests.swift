import Distillation
import Foundation
import Tables
import Testing

@testable import Notebook

@Suite struct RootedFilesTests {
    private func reason(_ work: () throws(FileError) -> Void) -> FileError.Reason? {
        do throws(FileError) {
            try work()
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func nothingOutsideTheRootIsRead() throws {
        let scratch = try Scratch(cells: [], files: ["inside.txt": "x"])
        let files = RootedFiles(root: scratch.folder)
        try FileManager.default.createSymbolicLink(
            atPath: scratch.folder + "/link.txt", withDestinationPath: "/etc/hostname")
        #expect(reason { () throws(FileError) in _ = try files.read("inside.txt") } == nil)
        #expect(reason { () throws(FileError) in _ = try files.read("../x") } == .outsideRoot)
        #expect(reason { () throws(FileError) in _ = try files.read("/etc/hostname") } == .outsideRoot)
        #expect(reason { () throws(FileError) in _ = try files.read("link.txt") } == .outsideRoot)
        #expect(reason { () throws(FileError) in _ = try files.read("nope.txt") } == .missing)
        #expect(
            reason { () throws(FileError) in _ = try files.read(".distnb/..") } == .outsideRoot
                || reason { () throws(FileError) in _ = try files.read(".") } != nil)
    }

    @Test func aGrantedFileIsReadAndNothingBesideIt() throws {
        let scratch = try Scratch(cells: [])
        let files = RootedFiles(root: scratch.folder, granted: ["/etc/hostname"])
        #expect(reason { () throws(FileError) in _ = try files.read("/etc/hostname") } == nil)
        #expect(reason { () throws(FileError) in _ = try files.read("/etc/passwd") } == .outsideRoot)
    }

    @Test func onlyOutIsWritten() throws {
        let scratch = try Scratch(cells: [])
        let files = RootedFiles(root: scratch.folder)
        #expect(reason { () throws(FileError) in try files.write("out/a/b.txt", [1]) } == nil)
        #expect(reason { () throws(FileError) in try files.write("b.txt", [1]) } == .outsideRoot)
        #expect(reason { () throws(FileError) in try files.write("out/../b.txt", [1]) } == .outsideRoot)
        try FileManager.default.createSymbolicLink(atPath: scratch.folder + "/out/away", withDestinationPath: "/tmp")
        #expect(reason { () throws(FileError) in try files.write("out/away/b.txt", [1]) } == .outsideRoot)
    }

    @Test func aFileThatCannotBeReplacedStaysAsItIs() throws {
        #expect(reason { () throws(FileError) in try AtomicFile.replace("/proc/nope/x", with: [1]) } == .cannotWrite)
    }

    @Test func damagedBlobsAreNoticed() throws {
        let scratch = try Scratch(cells: [])
        let blobs = BlobFolder(folder: scratch.folder + "/blobs")
        let name = try blobs.put([1, 2, 3])
        #expect(try blobs.get(name) == [1, 2, 3])
        try Data([9]).write(to: URL(fileURLWithPath: scratch.folder + "/blobs/" + name))
        #expect(throws: BlobError.corrupt(name)) { try blobs.get(name) }
        #expect(throws: BlobError.missing("../../etc/passwd")) { try blobs.get("../../etc/passwd") }
    }
}
