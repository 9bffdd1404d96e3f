package import Distillation
internal import Foundation

/// How often something is tried again, and how long to wait before.
package struct RetryPolicy: Sendable {
    /// Tries in a row without a single new byte.
    package var tries: Int
    /// The longest that a server may ask to wait, in seconds.
    package var patience: Double

    package init(tries: Int = 6, patience: Double = 120) {
        self.tries = tries
        self.patience = patience
    }

    /// Seconds before the next try: 1, 2, 4, 8, …, at most 30.
    func delay(after failures: Int) -> Double { min(30, Double(1 << min(max(0, failures - 1), 5))) }
}

/// Waits; tests need not.
package struct Waiting: Sendable {
    let seconds: @Sendable (Double, Cancellation) throws -> Void

    /// - Parameter seconds: waits so long, or throws `Interrupted` as soon as it is cancelled.
    package init(_ seconds: @escaping @Sendable (Double, Cancellation) throws -> Void) { self.seconds = seconds }

    /// On the clock.
    package static let real = Waiting { seconds, cancellation in
        var left = seconds
        while left > 0 {
            try cancellation.check()
            usleep(50_000)
            left -= 0.05
        }
    }
}
