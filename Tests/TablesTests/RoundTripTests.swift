import OrderedCollections
import Testing

@testable import Tables

/// Rows of texts that break careless formats, made anew from a seed, the same each time.
private struct NastyRows {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private static let pieces = [
        "\n", "\r\n", "\r", " ", "\t", ",", ";", "\"", "\"\"", "\"\u{301}", ",\u{301}", "\\", "\\n", "{", "}", "[", "]",
        "null", "é", "e\u{301}", "\u{338}", "\u{2028}", "\u{85}", "\u{1}", "\u{7F}", "\u{FEFF}", "😀", "👩‍👩‍👧", "x", "a b",
        "0",
        "=1+1",
    ]

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    /// Text that is never empty nor a number, which CSV has no sign for.
    mutating func text() -> String {
        "t" + (0..<below(9)).map { _ in Self.pieces[below(Self.pieces.count)] }.joined()
    }

    mutating func value(depth: Int = 0) -> Value {
        switch below(depth > 2 ? 6 : 8) {
        case 0: .null
        case 1: .bool(below(2) == 0)
        case 2: .integer(below(1_000_000) - 500_000)
        case 3: .double(Double(below(1_000_000)) / 7)
        case 4, 5: .string(below(5) == 0 ? "" : text())
        case 6: .list((0..<below(4)).map { _ in value(depth: depth + 1) })
        default:
            .record(
                Record((0..<below(3)).map { ("\($0)\(text())", value(depth: depth + 1)) }, uniquingKeysWith: { $1 }))
        }
    }

    mutating func rows(of cell: (inout NastyRows) -> Value) -> DataSet {
        let names = (0...below(3)).map { "\($0)\(text())" }
        let rows = (0..<(1 + below(5))).map { _ in
            Record(names.map { ($0, cell(&self)) }, uniquingKeysWith: { $1 })
        }
        return DataSet(rows: rows)
    }
}

/// What is written is read back the same, gzipped or not.
@Suite struct RoundTripTests {
    private func expectSame(_ rows: DataSet, _ format: TableFormat, _ path: String) throws {
        let bytes = try format.bytes(of: rows, path: path)
        let read = try TableFile(bytes, path: path, options: .init(format: format)).rows
        #expect(read.columnNames == rows.columnNames, "\(path)")
        #expect(read.rows == rows.rows, "\(path): \(String(decoding: bytes, as: UTF8.self))")
    }

    @Test(arguments: 0..<60) func jsonKeepsEveryValue(_ seed: UInt64) throws {
        var nasty = NastyRows(seed: seed)
        let rows = nasty.rows { $0.value() }
        try expectSame(rows, .jsonl, "x.jsonl")
        try expectSame(rows, .json, "x.json")
        try expectSame(rows, .jsonl, "x.jsonl.gz")
        try expectSame(rows, .json, "x.json.gz")
    }

    @Test(arguments: 0..<60) func csvKeepsEveryText(_ seed: UInt64) throws {
        var nasty = NastyRows(seed: seed)
        let rows = nasty.rows { $0.below(6) == 0 ? .null : .string($0.text()) }
        for name in ["x.csv", "x.csv.gz"] { try expectSame(rows, .csv, name) }
        for name in ["x.tsv", "x.tsv.gz"] { try expectSame(rows, .tsv, name) }
    }

    @Test(arguments: 0..<40) func conversationsKeepEveryTurn(_ seed: UInt64) throws {
        var nasty = NastyRows(seed: seed)
        let rows = DataSet(
            rows: (0..<4).map { _ in
                let turns = (0..<(1 + nasty.below(2))).flatMap { _ -> [Value] in
                    [
                        ["role": "user", "content": .string(nasty.text())],
                        ["role": "assistant", "content": .string(nasty.text())],
                    ]
                }
                return ["messages": .list(turns.dropLast()), "output": .string(nasty.text())]
            })
        for format in [TableFormat.openai, .sharegpt] {
            for path in ["x.jsonl", "x.json", "x.jsonl.gz"] {
                let bytes = try format.bytes(of: ConversationRows.written(rows, as: format).rows, path: path)
                let file = try TableFile(bytes, path: path)
                #expect(file.format == format)
                #expect(file.rows.rows == rows.rows)
            }
        }
    }
}
