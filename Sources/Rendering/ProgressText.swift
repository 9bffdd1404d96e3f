internal import Tables

/// A long step's progress as one line, with rate and time left; fed with the time, so that it needs no clock.
public struct ProgressText: Sendable {
    private var label = ""
    private var started = 0.0
    private var startedAt = 0

    public init() {}

    /// The line for a moment of a step.
    /// - Parameters:
    ///   - seconds: any steady clock.
    ///   - style: how wide the terminal is.
    public mutating func line(
        label: String, done: Int, total: Int, unit: String, detail: String, seconds: Double, style: TextStyle
    ) -> String {
        if label != self.label || done < startedAt {
            self.label = label
            started = seconds
            // What came from the store at once says nothing of the rate.
            startedAt = done
        }
        // Nothing is counted yet: a service prepares.
        guard total > 0 else { return TextWidth.cut("\(label)  \(detail)", to: style.width - 1) }
        let elapsed = seconds - started
        let share = Double(done) / Double(total)
        var parts = ["\(label)  \(done)/\(total) \(unit)"]
        if style.width >= 60 { parts.append(bar(share, width: 16)) }
        let fresh = done - startedAt
        if elapsed > 0.5, fresh > 0 {
            let rate = Double(fresh) / elapsed
            parts.append("\(Number.fixed(rate, decimals: rate < 10 ? 1 : 0)) \(unit)/s")
            if done < total { parts.append("\(Self.duration(Double(total - done) / rate)) left") }
        }
        if !detail.isEmpty { parts.append(detail) }
        return TextWidth.cut(parts.joined(separator: "  "), to: style.width - 1)
    }

    private func bar(_ share: Double, width: Int) -> String {
        let filled = min(width, max(0, Int(share * Double(width))))
        return "▕" + String(repeating: "█", count: filled) + String(repeating: " ", count: width - filled) + "▏"
    }

    /// Seconds for people: `12 ms`, `0.4 s`, `12 s`, `1:07 min`, `2:03 h`.
    public static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
        if seconds < 0.095 { return "\(Int((seconds * 1_000).rounded())) ms" }
        if seconds < 9.95 { return "\(Number.fixed(seconds, decimals: 1)) s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if whole < 3_600 { return "\(whole / 60):\(two(whole % 60)) min" }
        return "\(whole / 3_600):\(two(whole % 3_600 / 60)) h"
    }
}
