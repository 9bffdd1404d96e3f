import Distillation
import Foundation
import Testing

@testable import Notebook

/// Teachers' probabilities on the disk.
@Suite struct SoftLabelFolderTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: "distnb-\(UUID().uuidString)").path

    @Test func whatIsKeptIsThereForTheNextOne() throws {
        let folder = SoftLabelFolder(folder: path)
        #expect(folder.parts(of: "a").isEmpty)
        try folder.add(Data("one".utf8), to: "a")
        try folder.add(Data("two".utf8), to: "a")
        try folder.add(Data("one".utf8), to: "a")
        try folder.add(Data("three".utf8), to: "b")
        let parts = Set(SoftLabelFolder(folder: path).parts(of: "a"))
        #expect(parts == [Data("one".utf8), Data("two".utf8)])
    }

    @Test func linksAreNotFollowed() throws {
        let folder = SoftLabelFolder(folder: path)
        try folder.add(Data("one".utf8), to: "a")
        try Data("secret".utf8).write(to: URL(fileURLWithPath: path + "/secret"))
        try FileManager.default.createSymbolicLink(
            atPath: path + "/a/link.labels", withDestinationPath: path + "/secret")
        #expect(folder.parts(of: "a") == [Data("one".utf8)])
    }

    @Test func aFolderThatCannotBeMadeIsTold() throws {
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(throws: FileError.self) { try SoftLabelFolder(folder: path).add(Data("one".utf8), to: "a") }
    }
}
