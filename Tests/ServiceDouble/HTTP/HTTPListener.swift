internal import Foundation
internal import Synchronization

/// A socket on 127.0.0.1 with a thread for each connection.
final class HTTPListener: Sendable {
    private struct State {
        var open: Set<Int32> = []
        var isStopped = false
    }

    private let descriptor: Int32
    private let state = Mutex(State())
    let port: Int

    /// - Parameter port: 0 for one that is free.
    /// - Throws: `POSIXError` where the port is taken.
    init(port: Int) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var isOn: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        place.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 1024) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            throw POSIXError(.EADDRINUSE)
        }
        signal(SIGPIPE, SIG_IGN)
        self.descriptor = descriptor
        self.port = Int(UInt16(bigEndian: place.sin_port))
    }

    /// Takes connections until it is stopped; each is served on a thread of its own.
    func start(pace: HTTPConnection.Pace, _ serve: @escaping @Sendable (inout HTTPConnection) -> Void) {
        Thread.detachNewThread { [self] in
            // Only this thread closes it: its number may mean another socket the moment it is closed.
            defer { close(descriptor) }
            while true {
                let accepted = accept(descriptor, nil, nil)
                guard accepted >= 0 else {
                    if errno == ECONNABORTED || errno == EINTR || errno == EMFILE { continue }
                    return
                }
                guard enter(accepted) else { return }
                let thread = Thread { [self] in
                    var connection = HTTPConnection(accepted, pace: pace)
                    serve(&connection)
                    leave(accepted)
                }
                // Hundreds of threads wait here; JSON's 512 levels of nesting must still fit.
                thread.stackSize = 1 << 20
                thread.start()
            }
        }
    }

    /// Ends it; connections that are open are cut.
    func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(descriptor, Int32(SHUT_RDWR))
            for connection in state.open { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    private func enter(_ connection: Int32) -> Bool {
        state.withLock { state in
            guard !state.isStopped else {
                close(connection)
                return false
            }
            state.open.insert(connection)
            return true
        }
    }

    /// Under the lock, so that `stop` never meets a number that means another file by now.
    private func leave(_ connection: Int32) {
        state.withLock { state in
            state.open.remove(connection)
            close(connection)
        }
    }
}
