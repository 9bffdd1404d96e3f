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
    private let available: @Sendable () -> Int?
    private let now: @Sendable () -> Double

    /// Seconds between two looks: a look costs some microseconds, and much memory is not filled in less.
    private static let pause = 0.02

    /// - Parameters:
    ///   - limit: in bytes; four fifths of the machine's memory unless given.
    ///   - resident: how many bytes the process takes.
    ///   - available: how many more the system would give; nil where that is not known.
    public init(
        limit: Int? = nil, now: @escaping @Sendable () -> Double,
        resident: @escaping @Sendable () -> Int = MemoryLimit.residentBytes,
        available: @escaping @Sendable () -> Int? = MemoryLimit.availableBytes
    ) {
        self.limit = limit ?? Int(ProcessInfo.processInfo.physicalMemory / 5 * 4)
        self.now = now
        self.resident = resident
        self.available = available
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

    /// How many bytes more may be taken: the least of what the limit and the system leave; nil where neither is known.
    public var headroom: Int? {
        let taken = resident()
        let own = taken > 0 ? max(0, limit - taken) : nil
        return [own, available()].compactMap(\.self).min()
    }

    /// What the system would give, by the machine's memory and the process's control groups.
    public static func availableBytes() -> Int? { AvailableMemory.bytes() }

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
