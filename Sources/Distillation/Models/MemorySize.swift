internal import Tables

/// Bytes for people.
public enum MemorySize {
    /// `12 MB`, `1.4 GB`; in powers of ten, two digits from a gigabyte on.
    public static func text(_ bytes: Int) -> String {
        let megabytes = Double(bytes) / 1e6
        if megabytes < 999.5 { return "\(Number.fixed(megabytes, decimals: megabytes < 9.95 ? 1 : 0)) MB" }
        return "\(Number.fixed(megabytes / 1_000, decimals: 1)) GB"
    }
}
