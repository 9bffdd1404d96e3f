/// An event of a `text/event-stream`.
public struct ServerSentEvent: Sendable, Equatable {
    /// Its type; `message` unless the stream says another.
    public var type: String
    /// Its data lines, joined by line ends.
    public var data: String
    /// The id that was given last; empty where none was.
    public var id: String

    public init(data: String, type: String = "message", id: String = "") {
        self.data = data
        self.type = type
        self.id = id
    }

    /// The event as it is sent.
    public var bytes: [UInt8] {
        var text = ""
        if type != "message" { text += "event: \(type)\n" }
        if !id.isEmpty { text += "id: \(id)\n" }
        var line = "data: "
        for scalar in data.unicodeScalars {
            if scalar == "\n" || scalar == "\r" {
                text += line + "\n"
                line = "data: "
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        return Array("\(text)\(line)\n\n".utf8)
    }
}

/// Reads a `text/event-stream` from pieces that may end anywhere, also inside a character.
///
/// By the rule of the HTML standard, section 9.2.6 (https://html.spec.whatwg.org/multipage/server-sent-events.html):
/// lines end with CR, LF or both, an empty line ends an event, lines that begin with a colon are comments, and what
/// has no empty line after it when the stream ends is no event.
public struct ServerSentEvents: Sendable {
    /// The bytes that one event may have at most: a stream that never ends an event must not fill the memory.
    public static let eventLimit = 64 << 20

    /// How long the server asks to wait before connecting again, in milliseconds.
    public private(set) var retry: Int?
    private var line: [UInt8] = []
    private var size = 0
    private var isFirstLine = true
    private var endedWithReturn = false
    private var data: String?
    private var type = ""
    private var id = ""

    public init() {}

    /// Whether an event has begun that no empty line has ended yet.
    public var isInsideEvent: Bool { !line.isEmpty || data != nil || !type.isEmpty }

    /// Reads a piece.
    /// - Returns: the events that it ends, in their order.
    /// - Throws: `WireError` where an event is larger than `eventLimit`.
    public mutating func read(_ piece: some Sequence<UInt8>) throws(WireError) -> [ServerSentEvent] {
        try read(Array(piece))
    }

    /// Reads a piece that is an array already.
    public mutating func read(_ piece: [UInt8]) throws(WireError) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in piece {
            if endedWithReturn {
                endedWithReturn = false
                if byte == 0x0A { continue }
            }
            guard byte == 0x0A || byte == 0x0D else {
                line.append(byte)
                size += 1
                if size > Self.eventLimit { throw WireError("events of at most 64 MB in the stream") }
                continue
            }
            endedWithReturn = byte == 0x0D
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        var bytes = line[...]
        if isFirstLine, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        isFirstLine = false
        defer { line.removeAll(keepingCapacity: true) }
        guard !bytes.isEmpty else { return dispatch() }
        guard bytes.first != UInt8(ascii: ":") else { return nil }
        let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        var value = bytes[colon...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        take(String(decoding: bytes[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        return nil
    }

    private mutating func take(_ field: String, _ value: String) {
        switch field {
        case "data": data = data.map { "\($0)\n\(value)" } ?? value
        case "event": type = value
        case "id": if !value.utf8.contains(0) { id = value }
        case "retry":
            guard !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return }
            retry = Int(value) ?? retry
        default: break
        }
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            data = nil
            type = ""
            size = 0
        }
        guard let data else { return nil }
        return ServerSentEvent(data: data, type: type.isEmpty ? "message" : type, id: id)
    }
}
