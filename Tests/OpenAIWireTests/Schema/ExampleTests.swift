import OpenAIWire
import OrderedCollections
import SeededRandom
import Tables
import Testing

/// OpenAI's own examples are read, those too that its schema would refuse, and written back the same.
@Suite struct ExampleTests {
    /// The examples that a wire type reads.
    private static func examples() throws -> [(example: OpenAISchema.Example, kind: WireKind)] {
        try OpenAISchema.load().examples().compactMap { example in
            WireKind.byComponent[example.schema].map { (example, $0) }
        }
    }

    @Test func everyExampleIsReadAndWrittenBackTheSame() throws {
        let examples = try Self.examples()
        #expect(examples.count > 70)
        #expect(examples.contains { !$0.example.fits })
        for (example, kind) in examples {
            do throws(WireError) {
                let written = try kind.roundTrip(example.json)
                #expect(JSON.text(written) == JSON.text(example.json), "\(example.at)")
            } catch {
                Issue.record("\(example.at): \(error)")
            }
        }
    }

    @Test func everyComponentWithATypeHasAnExampleOrIsKnownToHaveNone() throws {
        let seen = Set(try Self.examples().map(\.example.schema))
        let unseen = WireKind.byComponent.keys.filter { !seen.contains($0) }.sorted()
        // Their examples are no JSON: a comma is missing, or "(1536 floats total)" stands among the numbers.
        #expect(
            unseen == [
                "CreateEmbeddingResponse", "CreateEvalRunRequest", "FineTuningJobEvent",
                "ListPaginatedFineTuningJobsResponse",
            ])
    }

    @Test func unknownFieldsSurviveEverywhere() throws {
        /// Adds a field to every object.
        func adding(_ value: Value) -> Value {
            switch value {
            case .list(let list): return .list(list.map(adding))
            case .record(let record):
                var record = record.mapValues(adding)
                record["x_new"] = ["since": 2031, "words": ["a", 1.5, nil, true]]
                return .record(record)
            default: return value
            }
        }
        for (example, kind) in try Self.examples() {
            // An object of texts, as metadata, takes texts only.
            guard example.json[field: "metadata"].record?.isEmpty ?? true else { continue }
            let json = adding(example.json)
            guard (try? kind.roundTrip(json)) != nil else {
                #expect(JSON.text(json).contains("\"metadata\""), "\(example.at)")
                continue
            }
            #expect(JSON.text(try kind.roundTrip(json)) == JSON.text(json), "\(example.at)")
        }
    }

    /// Values of every kind, the extreme ones among them.
    private static let oddities: [Value] = [
        nil, true, 0, -1, 3, 1.5, 1e308, -0.0, .integer(.max), .integer(.min), "", "x", "auto", "\u{0}é🦊", [], [nil],
        ["a", 1], [[:]], [:], ["a": nil], ["index": -9_223_372_036_854_775_807], ["content": 4, "role": []],
    ]

    private static func mutated(_ value: Value, _ random: inout SeededRandom) -> Value {
        switch value {
        case .record(var record) where !record.isEmpty && random.below(8) != 0:
            let name = random.one(of: Array(record.keys))
            if random.below(8) == 0 {
                record.removeValue(forKey: name)
            } else {
                record[name] = mutated(record[name] ?? .null, &random)
            }
            return .record(record)
        case .list(var list) where !list.isEmpty && random.below(8) != 0:
            let index = random.below(list.count)
            if random.below(8) == 0 { list.append(list[index]) }
            list[index] = mutated(list[index], &random)
            return .list(list)
        default: return random.one(of: oddities)
        }
    }

    @Test(arguments: 0..<8) func whateverStandsInAnExampleNothingTraps(seed: Int) throws {
        var random = SeededRandom(seed: seed)
        var read = 0
        var refused = 0
        for (example, kind) in try Self.examples() {
            for _ in 0..<16 {
                var json = Self.mutated(example.json, &random)
                if random.below(3) == 0 { json = Self.mutated(json, &random) }
                do throws(WireError) {
                    #expect(try kind.roundTrip(json) == json)
                    read += 1
                } catch {
                    #expect(error.description.hasPrefix("Expected "), "\(error)")
                    refused += 1
                }
                for other in WireKind.others { _ = try? other.roundTrip(json) }
                _ = APIErrorBody(json: json).message
            }
        }
        #expect(read > 300 && refused > 60, "\(read) read, \(refused) refused")
    }

}
