import SeededRandom
import Tables
import Testing

@testable import LanguageServer

@Suite struct FramingTests {
    private func frames(_ text: String) -> [FrameReader.Frame] {
        var reader = FrameReader()
        reader.append(Array(text.utf8))
        var frames: [FrameReader.Frame] = []
        while let frame = reader.next() { frames.append(frame) }
        return frames
    }

    private func message(_ text: String) -> FrameReader.Frame { .message(Array(text.utf8)) }

    @Test func messagesAreCutByTheirLength() {
        #expect(
            frames("Content-Length: 2\r\n\r\n{}Content-Type: x\r\nContent-Length: 4\r\n\r\nnull")
                == [message("{}"), message("null")])
    }

    @Test func theHeaderIsReadAsPeopleWriteIt() {
        #expect(frames("content-length:2\n\n{}") == [message("{}")])
        #expect(frames("Content-Length: 0\r\n\r\n") == [message("")])
    }

    @Test func bytesMayComeOneByOne() {
        var reader = FrameReader()
        var found: [FrameReader.Frame] = []
        for byte in "Content-Length: 3\r\n\r\n\"é\"Content-Length: 2\r\n\r\n{}".replacing("3", with: "4").utf8 {
            reader.append([byte])
            while let frame = reader.next() { found.append(frame) }
        }
        #expect(found == [message("\"é\""), message("{}")])
    }

    @Test(arguments: [
        "Content-Length: -1", "Content-Length: x", "Content-Length: 99999999999999999999",
        "Content-Length: 999999999999",
        "Content-Length:", "X: 1", "no header at all", "\u{0}\u{1}: \u{7F}",
    ])
    func aMalformedHeaderIsRefusedAndTheNextMessageRead(_ header: String) {
        let found = frames(header + "\r\n\r\nContent-Length: 2\r\n\r\n{}")
        guard case .refused? = found.first else {
            Issue.record("not refused: \(found)")
            return
        }
        #expect(found.last == message("{}"))
    }

    @Test func anEndlessHeaderIsRefused() {
        let found = frames(String(repeating: "x", count: 100_000) + "\r\n\r\nContent-Length: 2\r\n\r\n{}")
        #expect(found.count == 2)
        #expect(found.last == message("{}"))
    }

    @Test func aHugeLengthKeepsNothingInMemory() {
        let found = frames("Content-Length: \(FrameReader.maximumLength + 1)\r\n\r\n")
        #expect(found == [.refused("Expected a `Content-Length` from 0 to \(FrameReader.maximumLength).")])
    }

    @Test func whatIsWrittenIsReadBack() {
        var reader = FrameReader()
        reader.append(FrameWriter.bytes(of: ["text": "é😀\r\n\r\n"]))
        #expect(reader.next() == .message(JSON.bytes(["text": "é😀\r\n\r\n"])))
        #expect(reader.next() == nil)
    }

    @Test(arguments: UInt64(0)..<200) func anyBytesAreSurvived(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = [
            "Content-Length: ", "2", "999999999999999", "\r\n", "\r\n\r\n", "\n", "{}", "C", "c", ":", "\u{0}", "é",
            "Content-Length: 2\r\n\r\n{}",
        ]
        var bytes: [UInt8] = []
        for _ in 0..<random.below(60) {
            bytes += Array(random.one(of: pieces).utf8)
            if random.below(4) == 0 { bytes.append(UInt8(random.below(256))) }
        }
        var reader = FrameReader()
        var count = 0
        while !bytes.isEmpty {
            let part = min(bytes.count, 1 + random.below(20))
            reader.append(bytes.prefix(part))
            bytes.removeFirst(part)
            while reader.next() != nil { count += 1 }
        }
        #expect(count <= 1_000)
    }
}
