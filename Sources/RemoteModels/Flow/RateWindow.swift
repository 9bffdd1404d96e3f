package import Distillation

/// How many requests and tokens a service takes in a minute: what the kernel says, and what the service tells with each
/// answer.
package struct RateWindow: Sendable {
    /// Requests or tokens.
    private struct Allowance: Sendable {
        /// As the kernel has it: a bucket that fills steadily and holds a tenth of a minute's worth, so that a run does
        /// not begin with a burst that the service would refuse.
        var rate: Double?
        var room = 0.0
        var level = 0.0
        var filledAt = 0.0
        /// As the service said last: what is left, how fast it grows, and when all of it is there again.
        var remaining: Double?
        var growth = 0.0
        var resetAt = 0.0

        init(perMinute: Int?) {
            rate = perMinute.map { Double($0) / 60 }
            room = perMinute.map { max(1, Double($0) / 10) } ?? 0
            level = room
        }

        mutating func fill(at now: Double) {
            if let rate { level = min(room, level + rate * max(0, now - filledAt)) }
            remaining = now >= resetAt ? nil : remaining.map { $0 + growth * max(0, now - filledAt) }
            filledAt = now
        }

        /// Seconds until so much may be taken. What is more than there ever is may be taken when all is there.
        func delay(_ amount: Double, at now: Double) -> Double {
            var delay = 0.0
            if let rate, level < min(amount, room) { delay = (min(amount, room) - level) / rate }
            if let remaining, remaining < amount {
                delay = max(delay, min(growth > 0 ? (amount - remaining) / growth : .infinity, resetAt - now))
            }
            return delay
        }

        mutating func take(_ amount: Double) {
            level -= amount
            remaining = remaining.map { $0 - amount }
        }
    }

    private var requests: Allowance
    private var tokens: Allowance
    /// The newest request whose answer was read: answers come in any order, and older ones know less.
    private var newest = -1

    package init(_ limits: ServiceProfile.Limits) {
        requests = Allowance(perMinute: limits.requestsPerMinute)
        tokens = Allowance(perMinute: limits.tokensPerMinute)
    }

    /// Seconds until a request may be sent; 0 for now.
    /// - Parameter tokens: how many it may take at the most.
    package mutating func delay(tokens count: Int, at now: Double) -> Double {
        requests.fill(at: now)
        tokens.fill(at: now)
        return max(requests.delay(1, at: now), tokens.delay(Double(count), at: now))
    }

    /// A request is sent.
    package mutating func send(tokens count: Int) {
        requests.take(1)
        tokens.take(Double(count))
    }

    /// What the head of an answer says of the limits.
    /// - Parameter number: the request's, counted up from the first that was sent.
    package mutating func learn(_ fields: [String: String], of number: Int, at now: Double) {
        guard number > newest else { return }
        let isRequests = Self.learn(fields, "requests", into: &requests, at: now)
        let isTokens = Self.learn(fields, "tokens", into: &tokens, at: now)
        if isRequests || isTokens { newest = number }
    }

    private static func learn(
        _ fields: [String: String], _ name: String, into allowance: inout Allowance, at now: Double
    ) -> Bool {
        guard let remaining = fields["x-ratelimit-remaining-\(name)"].flatMap({ Double($0) }), remaining.isFinite,
            let reset = fields["x-ratelimit-reset-\(name)"].flatMap(seconds)
        else { return false }
        let limit = fields["x-ratelimit-limit-\(name)"].flatMap { Double($0) } ?? 0
        allowance.remaining = max(0, remaining)
        allowance.growth = reset > 0 && limit.isFinite ? max(0, limit - max(0, remaining)) / reset : 0
        allowance.resetAt = now + reset
        allowance.filledAt = now
        return true
    }

    /// Reads `1s`, `6m0s`, `120ms`, `1h2m3.5s`, or a plain number of seconds; nil for anything else, and for more than a
    /// day.
    static func seconds(_ text: String) -> Double? {
        if let plain = Double(text) { return plain.isFinite && 0...86_400 ~= plain ? plain : nil }
        var sum = 0.0
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !("0"..."9").contains($0) }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let factor = units[String(unit)] else { return nil }
            sum += number * factor
        }
        return !text.isEmpty && 0...86_400 ~= sum ? sum : nil
    }

    private static let units = ["ms": 0.001, "s": 1, "m": 60, "h": 3_600]
}
