internal import Foundation
internal import Tables

/// Serves one client over a pair of file descriptors, usually standard input and output.
public struct LanguageServerLoop {
    private var server: LanguageServer
    private let input: Int32
    private let output: Int32
    private static let chunk = 1 << 16

    public init(_ server: LanguageServer, input: Int32 = 0, output: Int32 = 1) {
        self.server = server
        self.input = input
        self.output = output
    }

    /// Reads and answers until the client says `exit` or goes.
    /// - Returns: the code to end the process with.
    public mutating func run() -> Int32 {
        // A client that is gone is told by the write that fails.
        signal(SIGPIPE, SIG_IGN)
        var reader = FrameReader()
        var buffer = [UInt8](repeating: 0, count: Self.chunk)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return server.exitCodeAtEnd }
            reader.append(buffer.prefix(count))
            while let frame = reader.next() {
                let messages =
                    switch frame {
                    case .message(let body): server.receive(body)
                    case .refused(let reason): server.refuse(reason)
                    }
                guard send(messages) else { return server.exitCodeAtEnd }
                if let code = server.exitCode { return code }
            }
            // Checking waits until nothing else does.
            if !isInputWaiting, !send(server.settle()) { return server.exitCodeAtEnd }
        }
    }

    private var isInputWaiting: Bool {
        var descriptor = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0 && descriptor.revents & Int16(POLLIN) != 0
    }

    /// Writes messages; false where nobody reads them any more.
    private func send(_ messages: [Value]) -> Bool {
        for message in messages {
            var rest = FrameWriter.bytes(of: message)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
        }
        return true
    }
}
