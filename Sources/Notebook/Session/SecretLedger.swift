internal import Synchronization

/// Secrets that a session comes to know while it runs: keys that a command printed, tokens that a service gave. They are
/// held in memory, so that none of them gets into a file.
public final class SecretLedger: Sendable {
    private let known = Mutex<[[UInt8]]>([])

    public init() {}

    /// Takes note of a secret; what is shorter than 8 bytes is none.
    public func insert(_ secret: String) {
        known.withLock { known in
            let bytes = Array(secret.utf8)
            guard bytes.count >= Self.least, !known.contains(bytes) else { return }
            known.append(bytes)
            known.sort { $0.count > $1.count }
        }
    }

    /// The longest first.
    var secrets: [[UInt8]] { known.withLock { $0 } }

    /// Texts as secrets, the longest first: one secret may begin with another.
    static func ordered(_ texts: [String]) -> [[UInt8]] {
        Set(texts).map { Array($0.utf8) }.filter { $0.count >= least }.sorted { $0.count > $1.count }
    }

    private static let least = 8
}
