internal import Foundation
internal import Synchronization

/// How much memory the process may take before the cell at hand is stopped, so that a program that makes ever more
/// values ends with a message and not with the machine.
public final class MemoryLimit: Sendable {
    private struct State {
        var checked = 0.0
        var isExceeded = false
    }

    /// In bytes.
    public let limit: Int
    private let state = Mutex(State())
    private let resident: @Sendable () -> Int
    private let now: @Sendable () -> Double

    /// Seconds between two looks: a look costs some microseconds, and much memory is not filled in less.
    private static let pause = 0.02

    /// - Parameters:
    ///   - limit: in bytes; four fifths of the machine's memory unless given.
    ///   - resident: how many bytes the process takes.
    public init(
        limit: Int? = nil, now: @escaping @Sendable () -> Double,
        resident: @escaping @Sendable () -> Int = MemoryLimit.residentBytes
    ) {
        self.limit = limit ?? Int(ProcessInfo.processInfo.physicalMemory / 5 * 4)
        self.now = now
        self.resident = resident
    }

    /// Forgets what was; a cell begins.
    public func start() { state.withLock { $0 = State() } }

    /// Whether more is taken than may be; once it is so, it stays so until a cell begins.
    public var isExceeded: Bool {
        let moment = now()
        return state.withLock { state in
            if state.isExceeded || abs(moment - state.checked) < Self.pause { return state.isExceeded }
            state.checked = moment
            state.isExceeded = resident() > limit
            return state.isExceeded
        }
    }

    /// The memory that the process takes, by `/proc/self/statm` (proc(5)); 0 where the system does not tell.
    public static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let fields = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
