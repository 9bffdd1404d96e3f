import OpenAIWire
import SeededRandom
import Tables
import Testing

/// The rule of the HTML standard, section 9.2.6, and its own examples.
@Suite struct ServerSentEventTests {
    private static func read(_ text: String) throws -> [ServerSentEvent] {
        var events = ServerSentEvents()
        return try events.read(Array(text.utf8))
    }

    @Test func theStandardsExamplesAreReadAsItSays() throws {
        #expect(
            try Self.read("data: YHOO\ndata: +2\ndata: 10\n\n") == [ServerSentEvent(data: "YHOO\n+2\n10")])
        #expect(
            try Self.read(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event")
                == [ServerSentEvent(data: "first event", id: "1"), ServerSentEvent(data: "second event")])
        #expect(
            try Self.read("data\n\ndata\ndata\n\ndata:") == [ServerSentEvent(data: ""), ServerSentEvent(data: "\n")])
        #expect(try Self.read("data:test\n\ndata: test\n\n").map(\.data) == ["test", "test"])
    }

    @Test func typesIdsAndUnknownFields() throws {
        let events = try Self.read(
            "event: error\nid: 7\ndata: {}\n\nevent: ping\n\nfoo: bar\nid: a\u{0}b\ndata: x\n\n")
        #expect(
            events == [
                ServerSentEvent(data: "{}", type: "error", id: "7"), ServerSentEvent(data: "x", id: "7"),
            ])
        var stream = ServerSentEvents()
        _ = try stream.read(Array("retry: 1500\nretry: x\nretry: \n".utf8))
        #expect(stream.retry == 1500)
        _ = try stream.read(Array("retry: 99999999999999999999\n".utf8))
        #expect(stream.retry == 1500)
    }

    @Test func everyEndOfLineIsOneAndTheMarkAtTheStartIsNone() throws {
        for end in ["\n", "\r", "\r\n"] {
            let text = "\u{FEFF}data: a\(end)data: \u{FEFF}b\(end)\(end): c\(end)data: d\(end)\(end)"
            #expect(try Self.read(text).map(\.data) == ["a\n\u{FEFF}b", "d"])
        }
    }

    @Test(arguments: 0..<20) func piecesMayEndAnywhere(seed: Int) throws {
        let text =
            "\u{FEFF}event: e\r\ndata: grün 🦊\r\ndata:\r\r\n: note\n\ndata: zwei\n\nid: é\rdata: drei\r\rdata: [DONE]\n\n"
        let bytes = Array(text.utf8)
        let whole = try Self.read(text)
        #expect(whole.map(\.data) == ["grün 🦊\n", "zwei", "drei", "[DONE]"])
        var random = SeededRandom(seed: seed)
        var stream = ServerSentEvents()
        var events: [ServerSentEvent] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + 1 + random.below(seed == 0 ? 1 : 9))
            events += try stream.read(bytes[start..<end])
            start = end
        }
        #expect(events == whole)
        #expect(!stream.isInsideEvent)
    }

    @Test func whatHasNoEmptyLineAfterItIsNoEvent() throws {
        var stream = ServerSentEvents()
        #expect(try stream.read(Array("data: cut\n".utf8)).isEmpty)
        #expect(stream.isInsideEvent)
        #expect(try stream.read(Array("\n".utf8)) == [ServerSentEvent(data: "cut")])
    }

    @Test(arguments: ["", "a", "a\nb", "\n", " leading", "x\n\ny"]) func whatIsSentIsRead(data: String) throws {
        for type in ["message", "error"] {
            let event = ServerSentEvent(data: data, type: type)
            var stream = ServerSentEvents()
            #expect(try stream.read(event.bytes) == [event])
        }
    }

    @Test func bytesThatAreNoTextDoNotTrap() throws {
        var random = SeededRandom(seed: 3)
        for _ in 0..<200 {
            var stream = ServerSentEvents()
            let bytes = (0..<60).map { _ in
                random.one(of: [0x0A, 0x0D, 0x3A, 0x20, 0xEF, 0xBB, 0xBF, 0xFF, 0x00, 0x64] as [UInt8])
            }
            _ = try stream.read(Array("data:".utf8) + bytes)
        }
    }
}
