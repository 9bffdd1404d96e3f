import OrderedCollections
import Testing

@testable import Tables

@Suite struct JSONTests {
    @Test(arguments: [
        "null", "true", "[]", "{}", "[1,2.5,-3]", #"{"b":1,"a":[null,{"x":"é"}]}"#, #""\u0001\\\"\n""#, "1e-07",
        "1e+16", "123456789012345.6",
        "0.0001", "1e-05", "-0.0",
    ]) func canonicalTextReadsBackToTheSameBytes(_ text: String) throws {
        #expect(JSON.text(try JSON.parse(text)) == text)
    }

    /// What Python's `repr` writes, for the numbers where Swift's own text differs or might.
    @Test(arguments: [
        (1e15, "1000000000000000.0"), (1e16, "1e+16"), (12345678901234567.0, "1.2345678901234568e+16"),
        (0.001, "0.001"),
        (0.0001, "0.0001"), (0.00012345, "0.00012345"), (1e-5, "1e-05"), (1.5e-7, "1.5e-07"), (1e100, "1e+100"),
        (1e22, "1e+22"),
        (9007199254740993.0, "9007199254740992.0"), (-2.5e-10, "-2.5e-10"), (100.0, "100.0"), (5e-324, "5e-324"),
    ]) func numbersAreWrittenAsPythonWritesThem(_ number: Double, _ text: String) {
        #expect(Number.double(number).description == text)
    }

    @Test func notebookLayoutIsIndentedByOneAndSorted() {
        let value: Value = ["b": [1, []], "a": ["c": [:], "B": nil]]
        #expect(
            JSON.text(value, .notebook)
                == "{\n \"a\": {\n  \"B\": null,\n  \"c\": {}\n },\n \"b\": [\n  1,\n  []\n ]\n}")
    }

    @Test(arguments: [
        ("{\"a\": refund}", 1, 7, "a JSON value", "`refund`"), ("[1, 2", 1, 6, "`,` or `]`", "the end of the text"),
        ("{\"a\": 1,}", 1, 9, "a field name in double quotes", "`}`"),
        ("\"abc", 1, 1, "a closing `\"`", "the end of the text"),
        ("[1,\n 01]", 2, 2, "a number without leading zeros", "`01`"), ("1 2", 1, 3, "the end of the JSON text", "`2`"),
        ("\"\\x\"", 1, 3, "one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u", "`x`"),
        ("nul", 1, 1, "a JSON value", "`nul`"),
    ]) func mistakesNameTheirPlace(_ text: String, _ line: Int, _ column: Int, _ expected: String, _ found: String) {
        let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
        #expect(error?.expected == expected)
        #expect(error?.found == found)
    }

    @Test func bytesThatAreNoTextAreNamedByNumber() {
        let error = #expect(throws: JSONError.self) { try JSON.parse([0xFF, 0x41] as [UInt8]) }
        #expect(error?.found == "the byte 0xFF")
    }

    @Test func surrogatePairsAreOneCharacterAndLoneOnesAreReplaced() throws {
        #expect(try JSON.parse(#""\ud83d\ude00""#).text == "😀")
        #expect(try JSON.parse(#""\ud83dx""#).text == "\u{FFFD}x")
    }

    @Test func hugeNestingIsAnErrorNotACrash() {
        #expect(throws: JSONError.self) { try JSON.parse(String(repeating: "[", count: 100_000)) }
    }

    @Test func integersBeyond64BitsBecomeDoubles() throws {
        #expect(try JSON.parse("9223372036854775807").integer == Int.max)
        #expect(try JSON.parse("18446744073709551616").double == 18446744073709551616.0)
    }
}

@Suite struct ValueTests {
    @Test func numbersThatNoDoubleHoldsAreMistakes() {
        for text in ["1e400", "-1E999", String(repeating: "9", count: 400)] {
            #expect(throws: JSONError.self) { try JSON.parse(text) }
            #expect(throws: FormatError.self) { try JSONLines.read(Array("{\"a\": \(text)}\n".utf8)) }
        }
    }

    @Test func numbersAreEqualByValueAndHashAlike() {
        #expect(Value.integer(1) == Value.double(1))
        #expect(Set([Value.integer(1), Value.double(1)]).count == 1)
    }

    @Test func recordsAreEqualWithoutRegardToOrder() {
        let a: Value = ["x": 1, "y": 2]
        let b: Value = ["y": 2, "x": 1]
        #expect(a == b)
        #expect(a.hashValue == b.hashValue)
    }

    @Test func everyValueComesBackFromItsState() throws {
        let rows = DataSet(rows: [["b": 1, "a": "x"], ["b": nil, "a": .error(RowError("late"))]]).setting(
            "g", Column([1, 0]), isGrade: true)
        let value: Value = [
            "n": nil, "nan": .double(.nan), "inf": .double(-.infinity), "list": [1, "two", [true]], "$type": "mine",
            "rows": .domain(rows),
        ]
        var encoder = ValueEncoder(blobs: MemoryBlobs())
        let state = try JSON.parse(JSON.text(try encoder.encode(value), .canonical))
        let back = try ValueCodec().decode(state, blobs: MemoryBlobs())
        #expect(back[field: "nan"].double?.isNaN == true)
        #expect(back[field: "inf"].double == -.infinity)
        #expect(back[field: "$type"] == "mine")
        #expect(back[field: "list"] == value[field: "list"])
        #expect(back[field: "rows"].rows?.columnNames == ["b", "a", "g"])
        #expect(back[field: "rows"] == value[field: "rows"])
        #expect(back[field: "rows"].rows?.grades == ["g"])
    }

    @Test func largeValuesBecomeBlobs() throws {
        let blobs = MemoryBlobs()
        let rows = DataSet(rows: (0..<100).map { ["n": .integer($0)] })
        var encoder = ValueEncoder(blobs: blobs, blobLimit: 100)
        let state = try encoder.encode(.domain(rows))
        #expect(encoder.references.count == 1)
        #expect(state[field: "blob"].text == encoder.references.first)
        #expect(try ValueCodec().decode(state, blobs: blobs) == .domain(rows))
        #expect(throws: BlobError.self) { try ValueCodec().decode(state, blobs: MemoryBlobs()) }
    }
}

/// Blobs in memory.
final class MemoryBlobs: BlobStoring, @unchecked Sendable {
    // Used by one test on one thread.
    private var bytes: [String: [UInt8]] = [:]

    func put(_ bytes: [UInt8]) throws -> String {
        let name = SHA256Name.of(bytes)
        self.bytes[name] = bytes
        return name
    }

    func get(_ name: String) throws -> [UInt8] {
        guard let found = bytes[name] else { throw BlobError.missing(name) }
        return found
    }

    func contains(_ name: String) -> Bool { bytes[name] != nil }
}
