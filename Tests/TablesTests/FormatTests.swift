import OrderedCollections
import Testing

@testable import Tables

@Suite struct CSVTests {
    private func read(_ text: String, badRows: BadRows = .fail) throws -> LoadedRows {
        try CSV.read(Array(text.utf8), badRows: badRows)
    }

    @Test func quotedFieldsMayHoldCommasQuotesAndLineBreaks() throws {
        let rows = try read("a,b\r\n\"x, \"\"y\"\"\",\"1\n2\"\r\nz,\r\n").rows
        #expect(rows.rows == [["a": "x, \"y\"", "b": "1\n2"], ["a": "z", "b": nil]])
    }

    @Test func columnsOfNumbersBecomeNumbersButOrderNumbersStayText() throws {
        let rows = try read("n,order,x\n1,00123,0.5\n,10441,2.25\n").rows
        #expect(rows[column: "n"]?.values == [1, nil])
        #expect(rows[column: "order"]?.values == ["00123", "10441"])
        #expect(rows[column: "x"]?.values == [0.5, 2.25])
    }

    @Test func aShortRowNamesItsLine() {
        let error = #expect(throws: FormatError.self) { try read("a,b\n1,2\n\"x\ny\",2\n3\n") }
        #expect(error?.line == 5)
        #expect(error?.expected == "2 fields as in the header")
    }

    @Test func badRowsAreSkippedAndCountedWhereThatIsAsked() throws {
        let loaded = try read("a,b\n1,2\n3\n\"x\"y,2\n4,5\n", badRows: .skip)
        #expect(loaded.rows.count == 2)
        #expect(loaded.skipped.map(\.line) == [3, 4])
    }

    @Test func plainNumbersAreNumbersAndCodesStayText() throws {
        func values(_ cells: String...) throws -> [Value]? {
            try read("x\n" + cells.joined(separator: "\n") + "\n").rows[column: "x"]?.values
        }
        #expect(try values("19.90", "-5.00", "1e-7", "2") == [19.9, -5.0, 1e-7, 2])
        for code in [
            "00123", "+2", "12e5", "0x10", "1.2.3", ".5", "NA", "12345678901234567890", "-", "1e",
        ] {
            #expect(try values("1", code) == ["1", .string(code)], "\(code)")
        }
    }

    @Test func aQuoteThatNothingClosesCostsOneLine() throws {
        let loaded = try read("a,b\n1,\"oops\n2,3\n4,\"5 \"\"x\"\"\"\n", badRows: .skip)
        #expect(loaded.rows.count == 2 && loaded.skipped.map(\.line) == [2])
        #expect(loaded.rows.value(1, "b") == "5 \"x\"")
    }

    @Test func anEmptyCellInQuotesIsARow() throws {
        #expect(try read("a\n\"\"\nx\n").rows.count == 2)
    }

    @Test func anotherEncodingIsRefused() {
        #expect(throws: FormatError.self) { try CSV.read(Array("a\nM".utf8) + [0xFC] + Array("ller\n".utf8)) }
    }

    @Test func aByteOrderMarkAndAnEmptyFileAreLetPass() throws {
        #expect(try read("\u{FEFF}a\n1\n").rows.columnNames == ["a"])
        #expect(try read("").rows.count == 0)
    }

    @Test func whatIsWrittenReadsBack() throws {
        let rows = DataSet(rows: [["a": "x, \"y\"", "b": 1.5], ["a": "line\nbreak", "b": 2.0]])
        #expect(try CSV.read(CSV.write(rows)).rows.rows == rows.rows)
    }
}

@Suite struct JSONLinesTests {
    @Test func rowsWithOtherFieldsHaveNullThere() throws {
        let rows = try JSONLines.read(Array("{\"a\":1}\n\n{\"b\":2,\"a\":3}\r\n".utf8)).rows
        #expect(rows.rows == [["a": 1, "b": nil], ["a": 3, "b": 2]])
    }

    @Test func aBadLineNamesLineAndColumn() {
        let error = #expect(throws: FormatError.self) {
            try JSONLines.read(Array("{\"a\":1}\n{\"intent\": refund}\n".utf8))
        }
        #expect(error?.description == "line 2, column 12: expected a JSON value, found `refund`")
    }

    @Test func aLineThatIsNoObjectIsRefused() {
        #expect(throws: FormatError.self) { try JSONLines.read(Array("[1]\n".utf8)) }
    }

    @Test(arguments: 0..<4) func everyMutationOfAFileIsAnswered(_ seed: Int) {
        var state = UInt64(seed) &* 31 &+ 7
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let original = Array("{\"a\":[1,2.5e3,\"x\\u00e9\\n\"],\"b\":{\"c\":null}}\n\"q\"\"r\",1\n".utf8)
        for _ in 0..<2_000 {
            var bytes = original
            for _ in 0...below(5) { bytes[below(bytes.count)] = UInt8(below(256)) }
            _ = try? JSONLines.read(bytes, badRows: .skip)
            _ = try? CSV.read(bytes, badRows: .skip)
            _ = try? JSON.parse(bytes)
        }
    }
}
