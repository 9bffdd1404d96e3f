import Foundation
import Tables

/// A client that sees what happens on the wire: one connection, requests one after the other.
final class PlainClient {
    struct Reply {
        var status = 0
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        /// Whether head and body came whole.
        var isWhole = false
        /// Whether the connection was torn down (RST), not closed in order.
        var wasReset = false

        var json: Value { (try? JSON.parse(body)) ?? .null }
        var text: String { String(decoding: body, as: UTF8.self) }
        /// The `data:` of a stream of events, without the last `[DONE]`.
        var events: [Value] {
            text.components(separatedBy: "\n\n").compactMap { event in
                guard event.hasPrefix("data: "), let value = try? JSON.parse(String(event.dropFirst(6))) else {
                    return nil
                }
                return value
            }
        }
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var wasReset = false

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        place.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        let code = withUnsafePointer(to: place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw POSIXError(.ECONNREFUSED) }
    }

    deinit { close(descriptor) }

    /// Sends a request and reads its reply, as far as it comes.
    func ask(
        _ method: String, _ target: String, _ body: Value? = nil, headers: [String: String] = [:]
    ) -> Reply {
        send(method, target, body.map { JSON.bytes($0) } ?? [], headers)
        return read()
    }

    func send(_ method: String, _ target: String, _ body: [UInt8], _ headers: [String: String] = [:]) {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: double\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        sendRaw(Array((head + "\r\n").utf8) + body)
    }

    func sendRaw(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Whether nothing has come by now.
    var isSilent: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) < 0
    }

    func read() -> Reply {
        var reply = Reply()
        guard let status = line() else { return ended(reply) }
        reply.status = Int(status.split(separator: " ").dropFirst().first ?? "") ?? 0
        while true {
            guard let line = line() else { return ended(reply) }
            if line.isEmpty { break }
            let sides = line.split(separator: ":", maxSplits: 1)
            guard sides.count == 2 else { continue }
            reply.headers[sides[0].lowercased()] = sides[1].trimmingCharacters(in: .whitespaces)
        }
        if reply.headers["transfer-encoding"] == "chunked" {
            while true {
                guard let size = line(), let count = Int(size, radix: 16) else { return ended(reply) }
                let isWhole = take(count, &reply.body)
                guard isWhole, line() != nil else { return ended(reply) }
                if count == 0 { break }
            }
        } else {
            guard take(Int(reply.headers["content-length"] ?? "") ?? 0, &reply.body) else { return ended(reply) }
        }
        reply.isWhole = true
        return reply
    }

    private func ended(_ reply: Reply) -> Reply {
        var reply = reply
        reply.wasReset = wasReset
        return reply
    }

    private func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = buffer[..<end].filter { $0 != 0x0D }
                buffer.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    private func take(_ count: Int, _ body: inout [UInt8]) -> Bool {
        while buffer.count < count, fill() {}
        let part = buffer.prefix(count)
        body += part
        buffer.removeFirst(part.count)
        return part.count == count
    }

    private func fill() -> Bool {
        var part = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &part, part.count, 0)
        if count < 0 { wasReset = true }
        guard count > 0 else { return false }
        buffer += part[..<count]
        return true
    }
}
