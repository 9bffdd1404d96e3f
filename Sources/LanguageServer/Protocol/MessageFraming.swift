public import Tables

/// Cuts a stream of bytes into messages: header lines with `Content-Length`, an empty line, the body.
///
/// Whatever arrives, it goes on: after something that is no message it looks for the next header.
public struct FrameReader: Sendable {
    /// What was found in the stream.
    public enum Frame: Sendable, Equatable {
        case message([UInt8])
        /// Something that is no message, in a sentence.
        case refused(String)
    }

    /// A longer body, in bytes, is refused: no document is that long.
    public static let maximumLength = 256 << 20
    /// A longer header is none.
    private static let maximumHeader = 4096
    private static let label = Array("content-length:".utf8)

    private var buffer: [UInt8] = []
    /// What of the buffer is used up.
    private var at = 0
    /// The length of the body that follows, once its header was read.
    private var awaited: Int?
    /// Whether what comes is passed over until a header begins.
    private var isLost = false

    public init() {}

    /// Takes bytes as they come.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if at > 0, at == buffer.count || at > 1 << 20 {
            buffer.removeSubrange(..<at)
            at = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next message or refusal; nil where more bytes are needed.
    public mutating func next() -> Frame? {
        if isLost {
            guard findHeader() else { return nil }
            isLost = false
        }
        if awaited == nil {
            switch readHeader() {
            case .length(let length): awaited = length
            case .incomplete: return nil
            case .refused(let reason):
                isLost = true
                return .refused(reason)
            }
        }
        guard let length = awaited, buffer.count - at >= length else { return nil }
        let body = Array(buffer[at..<at + length])
        at += length
        awaited = nil
        return .message(body)
    }

    private enum Header {
        case length(Int)
        case incomplete
        case refused(String)
    }

    private mutating func readHeader() -> Header {
        var length: Int?
        var start = at
        while let end = buffer[start...].prefix(Self.maximumHeader).firstIndex(of: 0x0A) {
            var line = buffer[start..<end]
            if line.last == 0x0D { line = line.dropLast() }
            start = end + 1
            if line.isEmpty {
                at = start
                guard let length else { return .refused("Expected a header `Content-Length`.") }
                return .length(length)
            }
            guard line.contains(UInt8(ascii: ":")) else {
                at = start
                return .refused("Expected a header such as `Content-Length: 20`.")
            }
            if Self.isLabel(line) {
                let digits = line.dropFirst(Self.label.count).filter { $0 != 0x20 && $0 != 0x09 }
                guard let number = Int(String(decoding: digits, as: UTF8.self)), number >= 0,
                    number <= Self.maximumLength
                else {
                    at = start
                    return .refused("Expected a `Content-Length` from 0 to \(Self.maximumLength).")
                }
                length = number
            }
            if start - at > Self.maximumHeader { break }
        }
        guard buffer.count - at > Self.maximumHeader else { return .incomplete }
        at += Self.maximumHeader
        return .refused("Expected a header of at most \(Self.maximumHeader) bytes.")
    }

    /// Goes to where the next header begins; false where that is not here yet.
    private mutating func findHeader() -> Bool {
        let count = Self.label.count
        while buffer.count - at >= count {
            if Self.isLabel(buffer[at...]) { return true }
            let first = buffer[(at + 1)...].firstIndex { $0 | 0x20 == UInt8(ascii: "c") }
            at = first ?? buffer.count
        }
        return false
    }

    private static func isLabel(_ line: ArraySlice<UInt8>) -> Bool {
        line.count >= label.count && zip(line, label).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
}

/// Writes messages for the stream.
public enum FrameWriter {
    /// A message with its header.
    public static func bytes(of message: Value) -> [UInt8] {
        let body = JSON.bytes(message)
        return Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
    }
}
