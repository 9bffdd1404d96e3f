public import Foundation
internal import Synchronization

/// A real HTTP server on 127.0.0.1 that behaves as badly as it is told to.
///
/// A thread a connection, one request a connection. It ends with the object.
public final class LoopbackServer: Sendable {
    public struct Request: Sendable {
        public let path: String
        /// By name, in lower case.
        public let headers: [String: String]
        /// Which request for this path it is, from 1.
        public let ordinal: Int
    }

    public struct Response: Sendable {
        public var status = 200
        public var headers: [String: String] = [:]
        public var body = Data()
        /// How many bytes of the body are sent before the connection is cut; all unless given.
        public var cutAfter: Int?
        /// Whether the connection stays open, silent, after what was sent; until the server ends.
        public var stalls = false

        public init(
            _ status: Int = 200, _ body: Data = Data(), headers: [String: String] = [:], cutAfter: Int? = nil,
            stalls: Bool = false
        ) {
            self.status = status
            self.body = body
            self.headers = headers
            self.cutAfter = cutAfter
            self.stalls = stalls
        }

        /// A file as a good server gives it: in parts where it is asked to, by its tag.
        public static func file(_ body: Data, tag: String? = nil, for request: Request, cutAfter: Int? = nil)
            -> Response
        {
            var headers = ["Accept-Ranges": "bytes"]
            if let tag { headers["ETag"] = tag }
            let isSame = request.headers["if-range"].map { $0 == tag } ?? true
            if isSame, let range = request.headers["range"], range.hasPrefix("bytes="), range.hasSuffix("-"),
                let start = Int(range.dropFirst(6).dropLast())
            {
                guard start < body.count else {
                    return Response(416, headers: ["Content-Range": "bytes */\(body.count)"])
                }
                headers["Content-Range"] = "bytes \(start)-\(body.count - 1)/\(body.count)"
                return Response(206, body.dropFirst(start), headers: headers, cutAfter: cutAfter)
            }
            return Response(200, body, headers: headers, cutAfter: cutAfter)
        }
    }

    private struct State {
        var seen: [Request] = []
        var open: [Int32] = []
        var isClosed = false
    }

    private let listener: Int32
    private let state = Mutex(State())
    private let answer: @Sendable (Request) -> Response
    public let port: Int

    public var address: String { "http://127.0.0.1:\(port)" }

    /// All requests so far, in order of arrival.
    public var requests: [Request] { state.withLock { $0.seen } }

    public init(_ answer: @escaping @Sendable (Request) -> Response) throws {
        self.answer = answer
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: place.sin_port))
        signal(SIGPIPE, SIG_IGN)
        Thread.detachNewThread { [weak self] in
            // Only this thread closes it: its number may mean another server's socket the moment it is closed.
            defer { close(listener) }
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0, let server = self else {
                    if connection >= 0 { close(connection) }
                    return
                }
                Thread.detachNewThread { server.serve(connection) }
            }
        }
    }

    deinit { stop() }

    /// Ends it; connections that are open are cut.
    public func stop() {
        let open = state.withLock { state -> [Int32] in
            guard !state.isClosed else { return [] }
            state.isClosed = true
            shutdown(listener, Int32(SHUT_RDWR))
            return state.open
        }
        for connection in open { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    private func serve(_ connection: Int32) {
        state.withLock { $0.open.append(connection) }
        defer {
            state.withLock { $0.open.removeAll { $0 == connection } }
            close(connection)
        }
        guard let request = read(connection) else { return }
        let response = answer(request)
        var head = "HTTP/1.1 \(response.status) Said\r\nConnection: close\r\n"
        if response.headers["Content-Length"] == nil { head += "Content-Length: \(response.body.count)\r\n" }
        for (name, value) in response.headers { head += "\(name): \(value)\r\n" }
        send(Data((head + "\r\n").utf8), connection)
        send(response.cutAfter.map { response.body.prefix($0) } ?? response.body, connection)
        if response.stalls {
            var byte: UInt8 = 0
            // Until the other side goes away, or the server is stopped.
            while recv(connection, &byte, 1, 0) > 0 {}
        }
    }

    private func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 16 {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
            if bytes.suffix(4).elementsEqual([13, 10, 13, 10]) { break }
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
        guard let words = lines.first?.split(separator: " "), words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let path = String(words[1])
        return state.withLock { state in
            let request = Request(
                path: path, headers: headers, ordinal: state.seen.count { $0.path == path } + 1)
            state.seen.append(request)
            return request
        }
    }

    private func send(_ data: Data, _ connection: Int32) {
        data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            var rest = bytes
            while !rest.isEmpty {
                let count = Foundation.send(connection, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }
}
