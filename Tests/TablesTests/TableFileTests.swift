import Foundation
import OrderedCollections
import Testing

@testable import Tables

/// Reading whole files: which format they are taken for, and what is said of it.
@Suite struct TableFileTests {
    private func read(
        _ text: String, _ path: String, _ options: TableFile.Options = TableFile.Options()
    ) throws -> TableFile {
        try TableFile(Array(text.utf8), path: path, options: options)
    }

    /// Content, name, and the rows as JSON; what was remarked.
    @Test(arguments: [
        ("{\"a\":1}\n{\"a\":2}\n", "x.jsonl", "[{\"a\":1},{\"a\":2}]", ""),
        ("{\"a\":1}", "x.jsonl", "[{\"a\":1}]", ""),
        ("[{\"a\":1},{\"b\":2}]", "x.json", "[{\"a\":1,\"b\":null},{\"a\":null,\"b\":2}]", ""),
        (
            "{\"a\":1}\n{\"a\":2}\n", "x.json", "[{\"a\":1},{\"a\":2}]",
            "Read as JSON Lines, which it holds despite its name."
        ),
        ("[{\"a\":1}]", "x.jsonl", "[{\"a\":1}]", "Read as JSON, which it holds despite its name."),
        (
            "{\"a\":[1,2],\"b\":[\"x\",null]}", "x.json", "[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"b\":null}]",
            "Each field of the one object is a column."
        ),
        (
            "{\"version\":1,\"data\":[{\"a\":1}]}\n", "x.json", "[{\"a\":1}]",
            "The rows are the list `data`; what stands beside it was left out: version."
        ),
        ("a,b\n1,x\n", "x.csv", "[{\"a\":1,\"b\":\"x\"}]", ""),
        ("a\tb\n1\tx\n", "x.tsv", "[{\"a\":1,\"b\":\"x\"}]", ""),
        ("a;b\n1;x\n", "x.csv", "[{\"a\":1,\"b\":\"x\"}]", "Its fields are separated by `;`."),
        ("a;c,b\n1,x\n", "x.csv", "[{\"a;c\":1,\"b\":\"x\"}]", ""),
        ("text\none\n", "x.csv", "[{\"text\":\"one\"}]", ""),
        ("a\tb\n1\tx\n", "x.data", "[{\"a\":1,\"b\":\"x\"}]", "Read as TSV, by its content."),
        ("{\"a\":1}\n{\"a\":2}\n", "x", "[{\"a\":1},{\"a\":2}]", "Read as JSON Lines, by its content."),
        ("\u{FEFF}a\nx\n", "x.csv", "[{\"a\":\"x\"}]", ""),
    ]) func theNameAndTheContentTellTheFormat(_ text: String, _ path: String, _ rows: String, _ remark: String) throws {
        let file = try read(text, path)
        #expect(JSON.text(.list(file.rows.rows.map { .record($0) })) == rows)
        #expect(file.remarks.joined(separator: " ") == remark)
        let packed = try TableFile(try Gzip.compress(Array(text.utf8)), path: path + ".gz")
        #expect(packed.rows.rows == file.rows.rows && packed.remarks == file.remarks)
    }

    @Test func theFormatThatIsAskedForWins() throws {
        let file = try read("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}\n", "x.txt", .init(format: .jsonl))
        #expect(file.rows.columnNames == ["messages"] && file.format == .jsonl && file.remarks.isEmpty)
        #expect(throws: FormatError.self) { try read("[{\"a\":1}]", "x.jsonl", .init(format: .jsonl)) }
    }

    @Test(arguments: ["", "Just words.", "\u{1}\u{2}"]) func whatNothingTellsIsUnknown(_ text: String) {
        #expect(throws: TableFile.UnknownFormat.self) { try read(text, "notes") }
    }

    @Test(arguments: [
        ("[1,2]", "line 1, column 1: expected a list of objects, found a whole number as element 1"),
        ("{\"a\":1}", "line 1, column 1: expected a list of objects, found one object without rows"),
        (
            "{\"a\":[1],\"b\":[1,2]}",
            "line 1, column 1: expected a list of objects, found an object whose lists differ in length"
        ),
        (
            "{\"a\":[{}],\"b\":[{}]}",
            "line 1, column 1: expected a list of objects, found an object with several lists: a, b"
        ), ("[{\"a\":}]", "line 1, column 7: expected a JSON value, found `}`"),
    ]) func jsonWithoutRowsIsAMistake(_ text: String, _ message: String) {
        let error = #expect(throws: FormatError.self) { try read(text, "x.json") }
        #expect(error?.description == message)
    }

    @Test func badElementsOfAListAreSkippedAndToldWhereThatIsAsked() throws {
        let file = try read("[{\"a\":1},5,{\"a\":2}]", "x.json", .init(badRows: .skip))
        #expect(file.rows.count == 2)
        #expect(file.skipped == ["element 2: expected an object, found a whole number"])
    }

    // MARK: Encodings

    @Test func utf16WithAMarkIsDecodedAndTold() throws {
        let text = "name,city\nJosé,Zürich 😀\n"
        for isLittle in [true, false] {
            let units = [0xFEFF] + Array(text.utf16)
            let bytes = units.flatMap { unit in
                isLittle ? [UInt8(unit & 255), UInt8(unit >> 8)] : [UInt8(unit >> 8), UInt8(unit & 255)]
            }
            let file = try TableFile(bytes, path: "x.csv")
            #expect(file.rows.rows == [["name": "José", "city": "Zürich 😀"]])
            #expect(file.remarks == ["The text was decoded from UTF-16."])
        }
    }

    @Test func latin1IsToldWithTheWayToReadIt() throws {
        let bytes = Array("name\nM".utf8) + [0xFC] + Array("ller\n".utf8)
        let error = #expect(throws: FormatError.self) { try TableFile(bytes, path: "x.csv") }
        #expect(error?.description == "line 2, column 1: expected UTF-8 text, found bytes that look like latin1")
        #expect(error?.hint == "add encoding: \"latin1\"")
        let file = try TableFile(bytes, path: "x.csv", options: .init(encoding: .latin1))
        #expect(file.rows.rows == [["name": "Müller"]])
        let skipped = try TableFile(bytes + Array("Ann\n".utf8), path: "x.csv", options: .init(badRows: .skip))
        #expect(skipped.rows.rows == [["name": "Ann"]])
        #expect(skipped.remarks == ["The file is no UTF-8; encoding: \"latin1\" may read more of its rows."])
    }

    @Test func linesOfAnotherEncodingAreToldAlsoWhereTheyAreReadPartByPart() throws {
        let bytes = Array("{\"a\": \"M".utf8) + [0xFC] + Array("ller\"}\n".utf8)
        let good = (0..<30_000).flatMap { Array("{\"a\": \($0)}\n".utf8) }
        let error = #expect(throws: FormatError.self) {
            try TableFile(
                streaming: BytesInMemory(good + bytes), path: "x.jsonl", options: .init(), columns: nil,
                isCancelled: { false })
        }
        #expect(error?.line == 30_001 && error?.hint == "add encoding: \"latin1\"")
    }

    @Test func windows1252HasTypographicSignsWhereLatin1HasNone() throws {
        let bytes = Array("a\n".utf8) + [0x93, 0x68, 0x69, 0x94, 0x80, 0x0A]
        #expect(throws: FormatError.self) { try TableFile(bytes, path: "x.csv") }
        let file = try TableFile(bytes, path: "x.csv", options: .init(encoding: .windows1252))
        #expect(file.rows.rows == [["a": "“hi”€"]])
    }

    @Test func utf16WithoutAMarkIsToldApart() throws {
        let bytes = "a\nx\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        let error = #expect(throws: FormatError.self) { try TableFile(bytes, path: "x.csv") }
        #expect(error?.hint == "add encoding: \"utf-16le\"")
        #expect(try TableFile(bytes, path: "x.csv", options: .init(encoding: .utf16LittleEndian)).rows.count == 1)
    }

    @Test func halfAPairInUtf16IsAMistake() {
        let bytes: [UInt8] = [0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00, 0x00, 0xD8]
        #expect(throws: ContentError.self) { try TableFile(bytes, path: "x.csv") }
        #expect(throws: ContentError.self) { try TableFile(bytes + [0x61], path: "x.csv") }
    }

    // MARK: The beginning of a file

    @Test func theColumnsOfABigFileAreToldFromItsBeginning() throws {
        let lines = (0..<5_000).map { "{\"id\":\($0),\"text\":\"line \($0)\"}" }
        let texts = [
            "x.jsonl": lines.joined(separator: "\n"), "x.json": "[" + lines.joined(separator: ",\n") + "]",
            "y.json": "{\"version\":\"[{\",\"data\":[" + lines.joined(separator: ",") + "]}",
            "x.csv": "id,text\n" + (0..<5_000).map { "\($0),\"line\n\($0)\"\n" }.joined(),
        ]
        for (path, text) in texts {
            for bytes in [Array(text.utf8), try Gzip.compress(Array(text.utf8))] {
                let rows = try #require(
                    TableFile.beginning(
                        Array(bytes.prefix(9_001)), isWhole: bytes.count <= 9_001, path: path, limit: 9_001)
                ).file.rows
                #expect(rows.columns.mapValues(\.typeName) == ["id": "integer", "text": "text"], "\(path)")
                #expect(rows.count > 50)
            }
        }
    }

    @Test func ofWhatCannotBeToldNothingIsSaid() {
        #expect(TableFile.beginning(Array("{\"a\": [1, 2".utf8), isWhole: false, path: "x.json", limit: 100) == nil)
        #expect(
            TableFile.beginning([0x1F, 0x8B, 9, 9], isWhole: true, path: "x.csv.gz", limit: 100) == nil)
    }
}

@Suite struct SharedDataTests {
    /// Data sets that lie beside the repository, where they were fetched.
    private static let folder = URL(fileURLWithPath: #filePath).appending(path: "../../../../shared/data")
        .standardizedFileURL

    @Test(arguments: [
        ("banking77/test.csv", 3_080, "text text, category text"),
        ("svamp/SVAMP.json", 1_000, "ID text, Body text, Question text, Equation text, Answer number, Type text"),
        ("gsm8k/test.jsonl", 1_319, "question text, answer text"),
        ("commonsenseqa/dev_rand_split.jsonl", 950, "answerKey text, id text, question record"),
    ]) func realFilesReadWhole(_ path: String, _ count: Int, _ columns: String) throws {
        let url = Self.folder.appending(path: path)
        guard let data = try? Data(contentsOf: url) else {
            print("SKIPPED: \(path) is not beside the repository")
            return
        }
        let file = try TableFile(Array(data), path: path)
        #expect(file.rows.count == count && file.skipped.isEmpty && file.remarks.isEmpty)
        let found = file.rows.columns.map { "\($0) \($1.typeName)" }.joined(separator: ", ")
        #expect(found == columns)
        let start = try #require(
            TableFile.beginning(Array(data.prefix(100_000)), isWhole: false, path: path, limit: 100_000)
        ).file.rows
        #expect(start.columns.map { "\($0) \($1.typeName)" }.joined(separator: ", ") == columns)
    }
}
