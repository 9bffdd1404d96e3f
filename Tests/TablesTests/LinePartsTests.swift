import OrderedCollections
import SeededRandom
import Testing

@testable import Tables

/// A source that gives few bytes at a time and is read in many parts.
private struct SlowSource: ByteSource {
    let all: [UInt8]
    var count: Int { all.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let part = all[min(offset, all.count)..<min(all.count, offset + min(buffer.count, 1_000_003))]
        part.withUnsafeBytes { buffer.copyMemory(from: $0) }
        return part.count
    }
}

@Suite struct LinePartsTests {
    /// The rows as the full parser reads them.
    private static func expected(_ text: String) throws -> [Record] {
        try Array(text.utf8).split(separator: 0x0A).compactMap { line in
            line.allSatisfy { $0 == 0x20 || $0 == 0x0D } ? nil : try JSON.parse(Array(line)).record
        }
    }

    private static let values = [
        "1", "-7", "0", "-0", "12345678901234567", "9223372036854775807", "9223372036854775808", "1.5", "-2.25e3",
        "0.1", "1e22", "1e23", "1e-300", "123456789012345678.5", "true", "false", "null", "\"\"", "\"plain\"",
        "\"with \\\"quotes\\\" and \\\\\"", "\"\\u00e9\\n\\ud83d\\ude00\"", "\"é 😀 漢\"", "\"\\ud800 alone\"", "[]",
        "{}",
        "[1, [2, \"x\"], {\"a\": null}]", "{\"deep\": {\"er\": [true]}}", "\"12345678\\t\"", "\"1234567\"",
    ]

    @Test func linesReadAsTheFullParserReadsThem() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<400 {
            var text = ""
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let names = ["a", "b", "c", "d é", "e\\n"].shuffled(using: &random).prefix(
                    Int.random(in: 0...5, using: &random))
                let blank = Bool.random(using: &random) ? " " : ""
                let fields = names.map { name in
                    "\"\(name)\"\(blank):\(blank)\(Self.values.randomElement(using: &random) ?? "1")"
                }
                var all = Array(fields)
                if Int.random(in: 0..<6, using: &random) == 0 { all += all.prefix(1) }
                text +=
                    "\(blank){\(blank)\(all.joined(separator: ",\(blank)"))}\(blank)\(Bool.random(using: &random) ? "\r" : "")\n"
                if Int.random(in: 0..<9, using: &random) == 0 { text += "  \n" }
            }
            let rows = try JSONLines.read(Array(text.utf8)).rows
            let expected = try Self.expected(text)
            #expect(rows.count == expected.count)
            for (index, record) in expected.enumerated() {
                for name in rows.columnNames {
                    #expect(rows.value(index, name) == record[name] ?? .null, "\(text)")
                    if case .number(let number)? = record[name], case .number(let read) = rows.value(index, name) {
                        #expect(number.description == read.description)
                    }
                }
                #expect(Set(record.keys).isSubset(of: rows.columnNames))
            }
        }
    }

    @Test func partsOfALargeFileAreReadInTheirOrder() throws {
        var text = ""
        for number in 0..<120_000 {
            text +=
                "{\"id\": \(number), \"text\": \"row \(number) \(number % 100 == 0 ? "é" : "")\", \"odd\": [\(number)]}\n"
            if number == 70_000 { text += "\n" }
            if number > 100_000 { text += "{\"id\": null, \"late\": 0.5}\n" }
        }
        let rows = try JSONLines.read(SlowSource(all: Array(text.utf8))).rows
        #expect(rows.count == 120_000 + 19_999)
        #expect(rows.columnNames == ["id", "text", "odd", "late"])
        #expect(rows.value(99_999, "id") == 99_999 && rows.value(99_999, "late") == .null)
        #expect(rows.value(100_000, "text") == "row 100000 é")
        #expect(rows.value(100_002, "late") == 0.5)
        #expect(rows.value(139_998, "id") == .null && rows.value(139_997, "odd") == [119_999])
    }

    @Test func onlyTheColumnsThatAreAskedForAreKept() throws {
        let text = "{\"a\": 1, \"b\": \"x\", \"c\": [1]}\n{\"c\": {}, \"d\": 2}\n"
        let loaded = try JSONLines.read(BytesInMemory(Array(text.utf8)), columns: ["b", "d", "nowhere"])
        #expect(loaded.rows.columnNames == ["b", "d"] && loaded.rows.count == 2)
        #expect(loaded.leftOut == ["a", "c"])
        #expect(loaded.rows.value(1, "b") == .null && loaded.rows.value(1, "d") == 2)
    }

    @Test func aBadLineIsToldWithItsNumberWhereverItStands() throws {
        var lines = (0..<90_000).map { "{\"id\": \($0), \"text\": \"some more words to fill the part\"}" }
        lines[80_000] = "{\"id\": 3, \"text\": broken}"
        lines[85_000] = "{\"id\": }"
        let source = SlowSource(all: Array(lines.joined(separator: "\n").utf8))
        #expect(throws: FormatError(line: 80_001, column: 19, expected: "a JSON value", found: "`broken`")) {
            try JSONLines.read(source)
        }
        let loaded = try JSONLines.read(source, badRows: .skip)
        #expect(loaded.skipped.map(\.line) == [80_001, 85_001] && loaded.rows.count == 89_998)
    }

    @Test(arguments: [
        "[1]", "{\"a\": 1} x", "{\"a\" 1}", "{\"a\": 01}", "{\"a\": 1,}", "{a: 1}", "{\"a\": tru}", "{\"a\": \"x}", "{",
        "{\"a\": [1,]}", "{\"a\": nullx}", "{\"a\": 1.}", "{\"a\": \"\\q\"}", "{\"a\": {\"b\": \"\\q\"}}",
        "{\"a\": \"\u{1}\"}", "{\"a\": -}", "{\"a\": 1e}", "{\"a\": 1}{\"b\": 2}",
    ])
    func whatIsNoObjectIsAMistakeAlsoWhereNobodyAsksForIt(_ line: String) {
        for columns in [nil, Set(["z"])] {
            #expect(throws: FormatError.self) {
                try JSONLines.read(BytesInMemory(Array("{\"z\": 1}\n\(line)\n".utf8)), columns: columns)
            }
        }
    }

    @Test func bytesThatAreNoTextAreAMistake() {
        for bad in [[0xC3, 0x28], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xC3]]
            as [[UInt8]]
        {
            let line = Array("{\"a\": \"".utf8) + bad + Array("\"}\n".utf8)
            #expect(throws: FormatError.self) { try JSONLines.read(line) }
            #expect(throws: FormatError.self) { try JSONLines.read(BytesInMemory(line), columns: []) }
        }
    }
}
