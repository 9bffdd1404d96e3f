package import Distillation

extension RemoteSurroundings {
    /// Waits, and stops at once where a stop is requested.
    /// - Throws: `Interrupted`.
    package func pause(_ seconds: Double, cancellation: Cancellation) throws {
        let end = now() + seconds
        // A pool with nothing under way only waits.
        try network.lend { pool in
            while true {
                try cancellation.check()
                let left = end - now()
                guard left > 0 else { return }
                _ = pool.events(waiting: min(left, 0.1))
            }
        }
    }
}

/// How long is waited between two looks at work that a service does: longer and longer, and short again when something
/// has changed.
package struct LookPauses: Sendable {
    private var next: Double
    private let least: Double
    private let most: Double

    /// - Parameters:
    ///   - least: seconds before the second look.
    ///   - most: seconds that no pause exceeds.
    package init(least: Double = 2, most: Double = 30) {
        next = least
        self.least = least
        self.most = most
    }

    /// Seconds before the next look.
    package mutating func pause(hasChanged: Bool) -> Double {
        if hasChanged { next = least }
        defer { next = min(most, next * 1.5) }
        return next
    }
}
