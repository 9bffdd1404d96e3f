import Foundation
import OrderedCollections
import SeededRandom
import Tables
import Testing

@testable import Notebook

@Suite struct CanonicalFileTests {
    private func text(_ document: NotebookDocument) -> String { NotebookCodec.encode(document) }

    private func decode(_ text: String) throws -> NotebookDocument { try NotebookCodec.decode(Array(text.utf8)) }

    private func document() -> NotebookDocument {
        var document = NotebookDocument.empty(kernel: "embedded")
        document.cells = (0..<3).map { NotebookCell(id: "c\($0)", kind: .code, source: "let a = \($0)\na") }
        return document
    }

    // MARK: Any document

    private func number(_ random: inout SeededRandom) -> Value {
        let special: [Value] = [
            .double(1e22), .double(-0.0), .double(0.1), .double(2.2250738585072014e-308),
            .double(1.7976931348623157e308), .double(1e16),
            .double(1e-5), .double(123456789012345680.0), .integer(.max), .integer(.min), 0, -1, .double(2.5),
        ]
        return random.below(2) == 0
            ? random.one(of: special)
            : .double(Double(bitPattern: random.next()).isFinite ? Double(bitPattern: random.next()) : 1)
    }

    private func value(_ random: inout SeededRandom, _ texts: inout HostileTexts, depth: Int) -> Value {
        switch random.below(depth > 3 ? 4 : 6) {
        case 0: return number(&random)
        case 1: return .string(texts.next() ?? "")
        case 2: return .bool(random.below(2) == 0)
        case 3: return .null
        case 4: return .list((0..<random.below(4)).map { _ in value(&random, &texts, depth: depth + 1) })
        default: return .record(record(&random, &texts, depth: depth + 1))
        }
    }

    private func record(_ random: inout SeededRandom, _ texts: inout HostileTexts, depth: Int = 0) -> Record {
        var fields = Record()
        for _ in 0..<random.below(4) { fields[texts.next() ?? ""] = value(&random, &texts, depth: depth) }
        return fields
    }

    private func anyDocument(_ seed: UInt64) -> NotebookDocument {
        var random = SeededRandom(seed: seed)
        var texts = HostileTexts(seed: seed &+ 1_000)
        var document = texts.document()
        document.metadata["other_tool"] = .record(record(&random, &texts))
        for index in document.cells.indices {
            document.cells[index].metadata["nested"] = value(&random, &texts, depth: 0)
            document.cells[index].source += random.one(of: [
                "", "\u{0C}", "a\u{0B}b", "\u{1B}[0m", "\u{7F}", "\u{2029}",
            ])
            if random.below(3) == 0 { document.cells[index].other["mine"] = value(&random, &texts, depth: 0) }
            guard document.cells[index].kind == .code else { continue }
            document.cells[index].outputs = (0..<random.below(3)).map { _ in
                [
                    "output_type": "display_data", "metadata": .record(record(&random, &texts)),
                    "data": [
                        "text/plain": .string(texts.next() ?? ""),
                        "application/json": value(&random, &texts, depth: 0),
                        "image/svg+xml": .string(texts.next() ?? ""),
                    ],
                ]
            }
            if random.below(2) == 0 {
                document.cells[index].outputs.append(
                    ["output_type": "stream", "name": "stdout", "text": .string(texts.next() ?? "")])
                document.cells[index].executionCount = random.below(100)
            }
        }
        return document
    }

    @Test(arguments: UInt64(0)..<150) func whatWasWrittenReadsBackToTheSameBytes(_ seed: UInt64) throws {
        let document = anyDocument(seed)
        let written = text(document)
        var back = try decode(written)
        #expect(back.cells.map { Array($0.source.utf8) } == document.cells.map { Array($0.source.utf8) })
        #expect(back.cells.map(\.outputs) == document.cells.map(\.outputs))
        #expect(back.cells.allSatisfy { $0.written != nil })
        #expect(String(decoding: NotebookCodec.encode(&back), as: UTF8.self) == written)
        // Written anew, not copied.
        for index in back.cells.indices { back.cells[index].written = nil }
        #expect(Array(text(back).utf8) == Array(written.utf8))
    }

    @Test(arguments: UInt64(200)..<230) func anotherLayoutBecomesCanonical(_ seed: UInt64) throws {
        let written = text(anyDocument(seed))
        let value = try JSON.parse(written)
        for style in [JSONStyle.compact, .readable, JSONStyle(indent: 4, sortsFields: true), .line] {
            let other = JSON.text(reversed(value), style)
            #expect(text(try decode(other)) == written)
        }
    }

    /// The same JSON with the fields of all records the other way round.
    private func reversed(_ value: Value) -> Value {
        switch value {
        case .list(let elements): .list(elements.map(reversed))
        case .record(let fields):
            .record(Record(uniqueKeysWithValues: fields.reversed().map { ($0.key, reversed($0.value)) }))
        default: value
        }
    }

    // MARK: Unchanged cells

    @Test func anUnchangedCellKeepsItsBytesAndAnEditedOneDoesNot() throws {
        var document = try decode(text(document()))
        let before = document.cells.map(\.written)
        document.cells[1].source = "2"
        #expect(document.cells.map { $0.written == nil } == [false, true, false])
        _ = NotebookCodec.encode(&document)
        #expect(document.cells[0].written == before[0])
        #expect(document.cells[1].written != before[1])
        #expect(document.cells[2].written == before[2])
    }

    @Test func everyChangeOfACellWritesItAnew() throws {
        let read = try decode(text(document()))
        let changes: [(inout NotebookCell) -> Void] = [
            { $0.source += " " }, { $0.kind = .raw }, { $0.metadata["a"] = 1 }, { $0.outputs = [] },
            { $0.executionCount = 4 }, { $0.other["b"] = 1 }, { $0.state = CellState(status: .ok, fingerprint: "f") },
            { $0.handout = "x" }, { $0.own["y"] = 2 },
        ]
        for change in changes {
            var cell = read.cells[0]
            change(&cell)
            #expect(cell.written == nil)
        }
    }

    @Test func aCellInAnotherLayoutIsWrittenAnew() throws {
        let compact = JSON.text(try JSON.parse(text(document())), .compact)
        let document = try decode(compact)
        #expect(document.cells.allSatisfy { $0.written == nil })
        #expect(text(document) == text(self.document()))
    }

    // MARK: What others wrote

    @Test func whatOtherToolsKeepStays() throws {
        let file =
            #"{"cells":[{"cell_type":"markdown","id":"a","metadata":{"jupyter":{"source_hidden":true},"slide":1},"source":["x"],"attachments":{"p.png":{"image/png":"AA=="}},"mine":{"b":[1]}}],"metadata":{"widgets":{"v":1},"kernelspec":{"name":"python3"}},"nbformat":4,"nbformat_minor":5}"#
        let document = try decode(file)
        #expect(try JSON.parse(text(document)) == JSON.parse(file))
    }

    @Test func transientsAreStrippedOnWriting() throws {
        var document = document()
        document.metadata["signature"] = "s"
        document.metadata["orig_nbformat"] = 3
        document.cells[0].metadata = ["trusted": true, "ExecuteTime": ["a": 1], "execution": [:], "kept": 1]
        let written = text(document)
        for word in ["signature", "orig_nbformat", "trusted", "ExecuteTime", "execution\""] {
            #expect(!written.contains("\"" + word + (word.hasSuffix("\"") ? "" : "\"")))
        }
        #expect(written.contains("kept"))
    }

    @Test func transientsAreStrippedOnReading() throws {
        let file =
            #"{"cells":[{"cell_type":"code","id":"a","metadata":{"trusted":true,"collapsed_state":1,"execution":{"a":1},"ExecuteTime":{},"kept":1},"source":"x","outputs":[],"execution_count":null}],"metadata":{"orig_nbformat":3,"orig_nbformat_minor":2,"signature":"s"},"nbformat":4,"nbformat_minor":5}"#
        let document = try decode(file)
        #expect(document.metadata == [:])
        #expect(document.cells[0].metadata == ["kept": 1])
    }

    @Test func ofAFieldThatStandsTwiceTheLastCounts() throws {
        let cell = #"{"cell_type":"markdown","id":"ID","metadata":{},"source":"x"}"#
        let one = cell.replacing("ID", with: "one")
        let two = cell.replacing("ID", with: "two")
        let file = "{\"cells\":[\(one),\(one)],\"cells\":[\(two)],\"nbformat\":4,\"nbformat_minor\":5,\"metadata\":{}}"
        let document = try decode(file)
        #expect(document.cells.map(\.id) == ["two"])
        #expect(text(try decode(text(document))) == text(document))
    }

    @Test func cellsWithOneIdAreSavedUnderTwo() throws {
        let twice = text(document()).replacing("\"c1\"", with: "\"c0\"")
        let document = try decode(twice)
        #expect(document.cells[0].id == "c0")
        #expect(Set(document.cells.map(\.id)).count == 3)
        #expect(document.cells[1].written == nil)
        #expect(text(try decode(text(document))) == text(document))
    }

    /// Swift takes two spellings of an accent for one text, JSON does not.
    @Test func namesThatDifferOnlyInTheSpellingOfAnAccentStayApart() throws {
        let file =
            "{\"cells\":[],\"metadata\":{\"\u{E9}\":1,\"e\u{301}\":2},\"nbformat\":4,\"nbformat_minor\":5}"
        let read = try decode(file)
        withKnownIssue("Records' names are compared as Swift compares texts.") {
            #expect(read.metadata.count == 2)
        }
    }
}
