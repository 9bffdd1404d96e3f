internal import Foundation

/// How much memory the system would still give to this process.
enum AvailableMemory {
    /// Bytes; nil where the system does not tell. The least of what the machine has (`MemAvailable`, proc(5)) and of what
    /// the control groups leave that the process is in (versions 1 and 2, cgroups(7)).
    static func bytes(
        read: (String) -> String? = { try? String(contentsOfFile: $0, encoding: .utf8) }
    ) -> Int? {
        let groups = read("/proc/self/cgroup") ?? ""
        return ([machine(read("/proc/meminfo") ?? "")] + limits(groups, read)).compactMap(\.self).min()
    }

    /// `MemAvailable:  1234 kB`.
    private static func machine(_ text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
            return kilobytes.flatMap { $0.multipliedReportingOverflow(by: 1024).overflow ? nil : $0 * 1024 }
        }
        return nil
    }

    /// What each group with a limit leaves, the process's own and those around it.
    private static func limits(_ groups: String, _ read: (String) -> String?) -> [Int?] {
        groups.split(separator: "\n").flatMap { line -> [Int?] in
            // hierarchy:controllers:path; version 2 has hierarchy 0 and no controllers.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else { return [] }
            let isVersion2 = parts[0] == "0" && parts[1].isEmpty
            guard isVersion2 || parts[1].split(separator: ",").contains("memory") else { return [] }
            let root = isVersion2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
            let names =
                isVersion2
                ? ("memory.max", "memory.current", "inactive_file")
                : ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            // Inside a container the path is the host's and the group's files lie at the root.
            return ancestors(parts[2]).map { left(root + $0, names, read) }
        }
    }

    /// "/a/b" → "/a/b", "/a", "".
    private static func ancestors(_ path: String) -> [String] {
        let parts = path.split(separator: "/")
        return (0...parts.count).reversed().map { count in parts.prefix(count).map { "/\($0)" }.joined() }
    }

    private static func left(
        _ folder: String, _ names: (limit: String, usage: String, cache: String), _ read: (String) -> String?
    ) -> Int? {
        func number(_ text: String?) -> Int? {
            text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        guard let limit = number(read("\(folder)/\(names.limit)")), limit > 0,
            let usage = number(read("\(folder)/\(names.usage)"))
        else { return nil }
        // Pages of files count as used, but are given back when memory is short.
        let cache =
            (read("\(folder)/memory.stat") ?? "").split(separator: "\n")
            .first { $0.hasPrefix("\(names.cache) ") }.flatMap { Int($0.dropFirst(names.cache.count + 1)) } ?? 0
        let (used, overflow) = usage.subtractingReportingOverflow(max(0, min(cache, usage)))
        return overflow || used > limit ? 0 : limit - max(0, used)
    }
}
