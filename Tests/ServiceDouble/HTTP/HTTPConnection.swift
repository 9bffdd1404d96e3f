internal import Foundation

/// One HTTP/1.1 connection; one thread reads and writes it.
struct HTTPConnection {
    /// How slow a slow reply is.
    struct Pace: Sendable {
        var bytes: Int
        var seconds: Double
    }

    /// Why no request could be read.
    enum Fault: Error {
        /// The other side went away, or the server ends.
        case ended
        /// It is no HTTP, or longer than anything that this server takes.
        case unreadable
    }

    private let descriptor: Int32
    private let pace: Pace
    /// What was read and not yet taken.
    private var buffer: [UInt8] = []
    private var at = 0

    private static let headLimit = 1 << 16
    private static let bodyLimit = 600 << 20

    init(_ descriptor: Int32, pace: Pace) {
        self.descriptor = descriptor
        self.pace = pace
        var isOn: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), Int32(TCP_NODELAY), &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: Reading

    /// The next request's head; waits for it.
    mutating func readHead() throws(Fault) -> HTTPHead {
        var lines: [String] = []
        var length = 0
        while true {
            let line = try readLine()
            length += line.utf8.count
            guard length < HTTPConnection.headLimit else { throw .unreadable }
            if line.isEmpty {
                // Empty lines before a request are allowed (RFC 9112, 2.2).
                if lines.isEmpty { continue }
                guard let head = HTTPHead(lines: lines) else { throw .unreadable }
                return head
            }
            lines.append(line)
        }
    }

    /// The body that belongs to a head.
    mutating func readBody(of head: HTTPHead) throws(Fault) -> [UInt8] {
        if head.headers["expect"]?.lowercased() == "100-continue" {
            _ = write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        if head.headers["transfer-encoding"]?.lowercased().contains("chunked") == true { return try readChunks() }
        guard let said = head.headers["content-length"] else { return [] }
        guard let length = Int(said), (0...HTTPConnection.bodyLimit).contains(length) else { throw .unreadable }
        return try read(length)
    }

    /// A part of the body, as a server has it that breaks off while reading.
    mutating func readSome() { if at == buffer.count { try? fill() } }

    private mutating func readChunks() throws(Fault) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try readLine()
            guard let length = Int(line.prefix { $0 != ";" }, radix: 16), length >= 0,
                body.count + length <= HTTPConnection.bodyLimit
            else { throw .unreadable }
            if length == 0 {
                while try !readLine().isEmpty {}
                return body
            }
            body += try read(length)
            guard try readLine().isEmpty else { throw .unreadable }
        }
    }

    private mutating func readLine() throws(Fault) -> String {
        var searched = at
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                var line = buffer[at..<end]
                if line.last == 0x0D { line.removeLast() }
                at = end + 1
                return String(decoding: line, as: UTF8.self)
            }
            let waiting = buffer.count - at
            guard waiting < HTTPConnection.headLimit else { throw .unreadable }
            try fill()
            searched = at + waiting
        }
    }

    private mutating func read(_ count: Int) throws(Fault) -> [UInt8] {
        while buffer.count - at < count { try fill() }
        let bytes = Array(buffer[at..<(at + count)])
        at += count
        return bytes
    }

    private mutating func fill() throws(Fault) {
        if at > 0 {
            buffer.removeFirst(at)
            at = 0
        }
        var part = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &part, part.count, 0)
        guard count > 0 else { throw .ended }
        buffer += part[..<count]
    }

    // MARK: Writing

    /// Sends a reply and does with the connection what it says.
    /// - Returns: whether the next request may come.
    func send(_ reply: HTTPReply, closing: Bool) -> Bool {
        if !reply.isMute { send(content: reply, closing: closing || reply.ending != .open) }
        switch reply.ending {
        case .open: return !closing
        case .closed: return false
        case .reset:
            var never = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &never, socklen_t(MemoryLayout<linger>.size))
            return false
        case .stalled:
            var byte: UInt8 = 0
            while recv(descriptor, &byte, 1, 0) > 0 {}
            return false
        }
    }

    private func send(content reply: HTTPReply, closing: Bool) {
        var head = "HTTP/1.1 \(reply.status) \(HTTPConnection.reason(reply.status))\r\n"
        for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
        if closing { head += "Connection: close\r\n" }
        switch reply.body {
        case .whole(let bytes):
            head += "Content-Length: \(reply.declaredLength ?? bytes.count)\r\n\r\n"
            let sent = bytes.prefix(Int(Double(bytes.count) * reply.share))
            if reply.trickles {
                guard write(Array(head.utf8)) else { return }
                trickle(sent)
            } else {
                _ = write(Array(head.utf8) + sent)
            }
        case .chunks(let chunks):
            head += "Transfer-Encoding: chunked\r\n\r\n"
            guard write(Array(head.utf8)) else { return }
            let sent = chunks.prefix(Int(Double(chunks.count) * reply.share))
            for chunk in sent {
                let framed = Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + [0x0D, 0x0A]
                if reply.trickles { trickle(framed[...]) } else { guard write(framed) else { return } }
            }
            if sent.count == chunks.count { _ = write(Array("0\r\n\r\n".utf8)) }
        }
    }

    private func trickle(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            guard write(Array(rest.prefix(max(1, pace.bytes)))) else { return }
            rest = rest.dropFirst(max(1, pace.bytes))
            Thread.sleep(forTimeInterval: pace.seconds)
        }
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Foundation.send(descriptor, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 404: "Not Found"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        default: "Said"
        }
    }
}
