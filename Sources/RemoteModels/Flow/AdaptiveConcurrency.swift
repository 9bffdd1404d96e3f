/// How many requests a service is given at once, found out as TCP finds out what a path takes.
///
/// - It begins small and grows by one with each good answer, which doubles it in each round trip (slow start, RFC 5681,
///   3.1). From the first sign of too much on it grows by one in each round trip (additive increase).
/// - It looks back once per round trip: where a share F of what was under way was refused, or not answered in time, it is
///   multiplied by 1 − F/2 (RFC 8257, 3.3, without the memory between rounds). Where all were refused that halves it, as
///   TCP Reno does at any loss; a service that refuses one request in a hundred at random, however many there are, is not
///   slowed down by that. Who was refused leaves an empty place until then: refusals come at once, and would be followed
///   by more in the same place.
/// - A round trip is as long as good answers take (smoothed by 1/8, RFC 6298, 2).
package struct AdaptiveConcurrency: Sendable {
    /// 1 or more.
    private let most: Double
    private var window: Double
    private var isStarting = true
    private var roundTrip: Double?
    private var roundBegan: Double?
    private var good = 0
    private var refused = 0

    /// - Parameters:
    ///   - most: never more than so many.
    ///   - first: with how many it begins.
    package init(most: Int, first: Int = 8) {
        self.most = Double(max(1, most))
        window = min(self.most, Double(max(1, first)))
    }

    /// How many may be in flight.
    package var limit: Int { max(1, Int(window) - refused) }

    /// A request was answered.
    /// - Parameters:
    ///   - seconds: how long that took.
    ///   - isFull: whether the limit was reached. One that is not says nothing about a higher one.
    package mutating func answered(after seconds: Double, isFull: Bool, at now: Double) {
        roundTrip = roundTrip.map { $0 + (seconds - $0) / 8 } ?? seconds
        good += 1
        if isFull { window = min(most, window + (isStarting ? 1 : 1 / window)) }
        closeRound(at: now)
    }

    /// A sign that it was too much: 429, 503, no answer in time.
    package mutating func refused(at now: Double) {
        isStarting = false
        refused += 1
        closeRound(at: now)
    }

    private mutating func closeRound(at now: Double) {
        guard let began = roundBegan else {
            roundBegan = now
            return
        }
        // Before any answer nobody knows; a second is longer than most take to say no.
        guard now - began >= max(roundTrip ?? 1, 0.01) else { return }
        if refused > 0 {
            let share = Double(refused) / Double(good + refused)
            window = max(1, window * (1 - share / 2))
        }
        roundBegan = now
        good = 0
        refused = 0
    }
}
