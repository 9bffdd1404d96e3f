import Foundation
import OrderedCollections
import SeededRandom
import Testing

@testable import Tables

/// Whatever bytes a data file holds, reading answers: rows that fit together, or a mistake with its place.
///
/// `DISTNB_FUZZ=n` makes n rounds of each instead of one.
@Suite struct DataFuzzTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["DISTNB_FUZZ"].flatMap(Int.init).map { max(1, $0) } ?? 1

    private static let originals: [(path: String, text: String)] = [
        (
            "x.jsonl",
            "{\"a\":[1,2.5e3,\"x\\u00e9\\n\"],\"b\":{\"c\":null}}\n{\"a\":\"\\ud83d\\ude00\",\"n\":-12.5,\"t\":true}\n\n{\"n\":9007199254740993}\n"
        ),
        ("x.json", "[{\"a\": 1, \"b\": \"é\"}, {\"a\": 2.5, \"b\": null}, {\"a\": [true, {\"c\": \"\\\\\"}]}]"),
        ("y.json", "{\"version\": \"1\", \"data\": [{\"a\": 1}, {\"a\": 2}]}"),
        ("z.json", "{\"a\": [1, 2, 3], \"b\": [\"x\", \"y\", null]}"),
        ("x.csv", "id,text,price\r\n1,\"a \"\"quoted\"\" word\",1.5\r\n2,\"two\nlines\",\r\n00123,é,-7\r\n"),
        ("x.tsv", "id\ttext\n1\ta b\n2\t\"c\td\"\n"),
        (
            "chat.jsonl",
            "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}, {\"role\": \"assistant\", \"content\": \"ho\"}]}\n"
        ),
        (
            "share.json",
            "[{\"conversations\": [{\"from\": \"human\", \"value\": \"hi\"}, {\"from\": \"gpt\", \"value\": \"ho\"}]}]"
        ),
        ("alpaca.jsonl", "{\"instruction\": \"add\", \"input\": \"1 2\", \"output\": \"3\"}\n"),
        ("unknown", "a;b;c\n1;2;3\n"),
    ]

    @Test(arguments: 0..<4) func everyMutantOfAFileIsAnswered(_ seed: Int) throws {
        for round in 0..<Self.rounds {
            var random = SeededRandom(seed: 1_000 * round + seed)
            for (path, text) in Self.originals {
                for attempt in 0..<60 {
                    var bytes = Array(text.utf8)
                    for _ in 0...random.below(5) { mutate(&bytes, &random) }
                    if attempt % 10 == 9 { bytes = try Gzip.compress(bytes) }
                    if attempt % 20 == 19 { mutate(&bytes, &random) }
                    expectAnswer(bytes, path)
                }
            }
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let marks = Array("\"'{}[]:,;\t\n\r\\ 0-.eu\u{0}\u{FEFF}é".utf8)
        guard !bytes.isEmpty else { return bytes.append(marks[random.below(marks.count)]) }
        let place = random.below(bytes.count)
        switch random.below(5) {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes.insert(marks[random.below(marks.count)], at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(12)))
        case 3:
            let other = random.below(bytes.count)
            bytes.insert(contentsOf: Array(bytes[other..<min(bytes.count, other + random.below(40))]), at: place)
        default: bytes[place] = marks[random.below(marks.count)]
        }
    }

    private func expectAnswer(_ bytes: [UInt8], _ path: String) {
        for badRows in BadRows.allCases {
            guard let file = try? TableFile(bytes, path: path, options: .init(badRows: badRows)) else { continue }
            #expect(file.rows.columns.values.allSatisfy { $0.count == file.rows.count })
            for index in file.rows.indices { _ = file.rows.row(index) }
        }
        _ = TableFile.beginning(bytes, isWhole: bytes.count % 2 == 0, path: path, limit: 1 + bytes.count / 2)
        let lines = (try? JSONLines.read(BytesInMemory(bytes), columns: ["a"], badRows: .skip))?.rows
        #expect(lines?.columns.values.allSatisfy { $0.count == lines?.count } ?? true)
    }

    /// Nesting and length have limits, or are read in time that grows with them.
    @Test func largeAndDeepFilesAreAnswered() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: (any Error).self) { try TableFile(Array("{\"a\": \(deep)".utf8), path: "x.jsonl") }
        #expect(throws: (any Error).self) { try TableFile(Array(deep.utf8), path: "x.json") }
        let wide = "{" + (0..<20_000).map { "\"c\($0)\": \($0)" }.joined(separator: ", ") + "}\n"
        #expect((try? TableFile(Array((wide + wide).utf8), path: "x.jsonl"))?.rows.columns.count == 20_000)
        let long = "{\"a\": \"\(String(repeating: "é", count: 3_000_000))\"}\n"
        #expect((try? TableFile(Array(long.utf8), path: "x.jsonl"))?.rows.count == 1)
        let commas = String(repeating: ",", count: 200_000)
        #expect((try? TableFile(Array("\(commas)\n\(commas)\n".utf8), path: "x.csv"))?.rows.count == 1)
        let quotes = "a,b\n" + String(repeating: "\"", count: 2_000_001)
        #expect(throws: (any Error).self) { try TableFile(Array(quotes.utf8), path: "x.csv") }
    }
}
