import OrderedCollections
import Synchronization
import Testing

@testable import Tables

/// Blobs in memory, by number.
private final class CountedBlobs: BlobStoring {
    private let all = Mutex([String: [UInt8]]())

    func put(_ bytes: [UInt8]) -> String {
        all.withLock {
            let name = "blob \($0.count)"
            $0[name] = bytes
            return name
        }
    }

    func get(_ name: String) throws -> [UInt8] {
        guard let bytes = all.withLock({ $0[name] }) else { throw StateError("nothing") }
        return bytes
    }

    func contains(_ name: String) -> Bool { all.withLock { $0[name] != nil } }
}

@Suite struct StateTests {
    private static func rows(_ count: Int, _ odd: [Value]) -> DataSet {
        let texts: [Value] = ["plain", "é \"quoted\" \\ \n\t", "", .null, "\u{1F600}", "e\u{301}"]
        let numbers: [Value] = [1, 2.5, -0.0, .null, 1e300, .integer(.max), .integer(.min), 1e16, 3.0]
        func column(_ values: [Value]) -> Column { Column((0..<count).map { values[$0 % values.count] }) }
        return DataSet(
            columns: [
                "z last": column(texts), "a \"first\"": column(numbers), "whole": column([1, .null, -7]),
                "mixed": column([1, 0.5]), "flag": column([true, false, .null]), "nothing": Column(nulls: count),
                "nested": column([[1, "x", .null], ["k": ["deep": [true]]], "text", 5, .null]), "odd": column(odd),
            ], count: count
        ).setting("grade", column([1, 0]), isGrade: true)
    }

    /// Few rows stand in the state, many in a blob of lines; with errors or infinities they stay by column.
    @Test(
        arguments: [0, 1, 1_999, 2_000, 5_000],
        [[1], [.error(RowError("late")), 2], [.double(.infinity)]] as [[Value]])
    func rowsComeBackAsTheyWere(_ count: Int, _ odd: [Value]) throws {
        let rows = Self.rows(count, odd)
        let blobs = CountedBlobs()
        var encoder = ValueEncoder(blobs: blobs)
        let state = try encoder.encodeWhole(.domain(rows))
        let back = try #require(try ValueCodec().decode(state, blobs: blobs).rows)
        #expect(back.columnNames == rows.columnNames && back.grades == rows.grades && back.count == count)
        for name in rows.columnNames {
            for row in rows.indices {
                let (was, is_) = (rows.value(row, name), back.value(row, name))
                #expect(was == is_ && was.kindName == is_.kindName, "\(name) \(row): \(is_)")
                if was != is_ { return }
            }
        }
    }

    /// A reply names the blob of what its writer was trained on.
    @Test(arguments: [3, 2_500]) func blobsThatRowsNameAreReferredTo(_ count: Int) throws {
        let blobs = MemoryBlobs()
        let (named, gone) = (try blobs.put(Array("lineage".utf8)), SHA256Name.of("nowhere"))
        let samples: [Value] = (0..<count).map { ["lineage": .string($0 % 2 == 0 ? named : gone), "n": .integer($0)] }
        var encoder = ValueEncoder(blobs: blobs)
        _ = try encoder.encodeWhole(.domain(DataSet(columns: ["sample": Column(samples)], count: count)))
        #expect(encoder.references.contains(named) && !encoder.references.contains(gone))
        #expect(Set(encoder.references).count == encoder.references.count)
    }

    @Test func damagedLinesAreTold() throws {
        let rows = Self.rows(2_500, [1])
        let blobs = CountedBlobs()
        var encoder = ValueEncoder(blobs: blobs)
        var state = try #require(try encoder.encode(.domain(rows)).record?["value"]?.record)
        func decoded() throws -> Value {
            try ValueCodec().decode(["$type": "rows", "value": .record(state)], blobs: blobs)
        }
        _ = try decoded()
        state["count"] = 2_499
        #expect(throws: StateError.self) { try decoded() }
        state["count"] = 2_500
        state["lines"] = .string(blobs.put(Array("{\"a\": }".utf8)))
        #expect(throws: StateError.self) { try decoded() }
        state["lines"] = "gone"
        #expect(throws: StateError.self) { try decoded() }
    }
}
