import Testing

@testable import Verbs

/// What the system would still give, read from its files.
@Suite struct AvailableMemoryTests {
    private static let machine = "MemTotal: 16000 kB\nMemFree: 10 kB\nMemAvailable:    8000 kB\n"

    private func bytes(_ files: [String: String]) -> Int? { AvailableMemory.bytes { files[$0] } }

    @Test func withoutGroupsItIsTheMachines() {
        #expect(bytes(["/proc/meminfo": Self.machine]) == 8_192_000)
        #expect(bytes([:]) == nil)
        #expect(bytes(["/proc/meminfo": "MemAvailable: much kB\n"]) == nil)
        #expect(bytes(["/proc/meminfo": "MemAvailable: 9223372036854775807 kB\n"]) == nil)
    }

    @Test func theTightestGroupCounts() {
        var files = [
            "/proc/meminfo": Self.machine, "/proc/self/cgroup": "0::/user/me\n",
            "/sys/fs/cgroup/user/me/memory.max": "max\n", "/sys/fs/cgroup/user/memory.max": "5000000\n",
            "/sys/fs/cgroup/user/memory.current": "3000000\n",
        ]
        #expect(bytes(files) == 2_000_000)
        // Files' pages are given back when memory is short.
        files["/sys/fs/cgroup/user/memory.stat"] = "anon 1\ninactive_file 1000000\n"
        #expect(bytes(files) == 3_000_000)
        files["/sys/fs/cgroup/user/memory.current"] = "7000000\n"
        #expect(bytes(files) == 0)
        files["/sys/fs/cgroup/user/memory.current"] = "nonsense\n"
        #expect(bytes(files) == 8_192_000)
    }

    @Test func groupsOfTheFirstVersionAreKnown() {
        let files = [
            "/proc/meminfo": Self.machine,
            "/proc/self/cgroup": "5:cpu:/a\n4:memory,devices:/docker/x\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "4000000",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes": "1000000",
        ]
        #expect(bytes(files) == 3_000_000)
    }

    @Test func thisMachineTells() throws {
        let bytes = try #require(MemoryLimit.availableBytes())
        #expect(bytes > 0)
    }

    @Test func theHeadroomIsTheLeastOfAll() {
        func headroom(resident: Int, available: Int?) -> Int? {
            MemoryLimit(limit: 100, now: { 0 }, resident: { resident }, available: { available }).headroom
        }
        #expect(headroom(resident: 30, available: 500) == 70)
        #expect(headroom(resident: 30, available: 50) == 50)
        #expect(headroom(resident: 130, available: 50) == 0)
        #expect(headroom(resident: 0, available: nil) == nil)
    }
}
