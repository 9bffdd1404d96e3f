import OrderedCollections
import Tables
import Testing

@testable import Notebook

@Suite struct FormatUpgradeTests {
    private func file(format: Int, cell own: String) -> [UInt8] {
        Array(
            """
            {"cells":[{"cell_type":"code","id":"a","metadata":{"distnb":\(own),"tags":["t"]},"source":"let a = 1",\
            "outputs":[],"execution_count":1}],"metadata":{"distnb":{"format":\(format),"kernel":"embedded"}},\
            "nbformat":4,"nbformat_minor":5}
            """.utf8)
    }

    private static let state = #"{"status":"ok","fingerprint":"f","reads":["b"],"exports":[{"name":"a","value":1}]}"#

    @Test func theStateOfFormat1IsFoundUnderItsName() throws {
        let document = try NotebookCodec.decode(file(format: 1, cell: Self.state))
        #expect(document.own["format"] == 2)
        #expect(document.cells[0].state?.fingerprint == "f")
        #expect(document.cells[0].state?.exports == ["a": 1])
        #expect(document.cells[0].own["status"] == nil)
        #expect(document.cells[0].tags == ["t"])
    }

    @Test func anUpgradedFileIsSavedInThePresentFormat() throws {
        let document = try NotebookCodec.decode(file(format: 1, cell: Self.state))
        let again = try NotebookCodec.decode(Array(NotebookCodec.encode(document).utf8))
        #expect(again == document)
        #expect(again.own["format"] == 2)
    }

    @Test func thePresentFormatStaysAsItIs() throws {
        let own = "{\"state\":\(Self.state),\"handout\":\"___\"}"
        let document = try NotebookCodec.decode(file(format: 2, cell: own))
        #expect(document.cells[0].state?.fingerprint == "f")
        #expect(document.cells[0].handout == "___")
    }

    @Test(arguments: [3, 4, 99, Int.max]) func aNewerFormatIsRefused(_ format: Int) {
        let bytes = file(format: format, cell: Self.state)
        let error = #expect(throws: NotebookError.self) { try NotebookCodec.decode(bytes) }
        #expect(error?.description.contains("a newer distnb (format \(format)); this one reads up to 2") == true)
    }

    @Test(arguments: [Int.min, -1, 0]) func aFormatThatNeverWasIsReadAsItStands(_ format: Int) throws {
        let document = try NotebookCodec.decode(file(format: format, cell: Self.state))
        #expect(document.cells.count == 1)
    }

    @Test func anotherToolsNotebookGetsNothingOfOurs() throws {
        let file = #"{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}"#
        #expect(try NotebookCodec.decode(Array(file.utf8)).metadata == [:])
    }
}
