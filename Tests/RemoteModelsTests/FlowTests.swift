import Distillation
import RemoteModels
import SeededRandom
import Testing

/// The state machines of flow control, with times of their own.
@Suite struct FlowTests {
    // MARK: Concurrency

    @Test func goodAnswersDoubleWhatIsInFlightInEachRoundTrip() {
        var concurrency = AdaptiveConcurrency(most: 64)
        for (round, expected) in [8, 16, 32, 64, 64].enumerated() {
            #expect(concurrency.limit == expected)
            for _ in 0..<concurrency.limit {
                concurrency.answered(after: 0.1, isFull: true, at: Double(round) * 0.1)
            }
        }
    }

    @Test func aLimitThatIsNotReachedSaysNothingAboutAHigherOne() {
        var concurrency = AdaptiveConcurrency(most: 64)
        for _ in 0..<100 { concurrency.answered(after: 0.1, isFull: false, at: 0) }
        #expect(concurrency.limit == 8)
    }

    @Test func whereAllAreRefusedItIsHalvedOncePerRoundTrip() {
        var concurrency = AdaptiveConcurrency(most: 64, first: 64)
        var now = 0.0
        for round in 0..<10 {
            for _ in 0..<64 { concurrency.refused(at: now) }
            now += 1.01
            concurrency.refused(at: now)
            #expect(concurrency.limit == max(1, 64 >> (round + 1)))
        }
    }

    @Test(arguments: 1...5) func itStaysWithinItsBoundsWhateverHappens(seed: Int) {
        var random = SeededRandom(seed: seed)
        var concurrency = AdaptiveConcurrency(most: 20)
        var now = 0.0
        for _ in 0..<5_000 {
            now += Double(random.below(100)) / 1_000
            if random.below(3) == 0 {
                concurrency.refused(at: now)
            } else {
                concurrency.answered(after: Double(random.below(500)) / 1_000, isFull: random.below(2) == 0, at: now)
            }
            #expect(1...20 ~= concurrency.limit)
        }
    }

    @Test func aServiceThatRefusesOneInAHundredIsNotSlowedDown() {
        var random = SeededRandom(seed: 4)
        var concurrency = AdaptiveConcurrency(most: 64)
        var now = 0.0
        var sum = 0
        for _ in 0..<200 {
            let limit = concurrency.limit
            sum += limit
            for _ in 0..<limit {
                if random.below(100) == 0 {
                    concurrency.refused(at: now)
                } else {
                    concurrency.answered(after: 0.1, isFull: true, at: now)
                }
            }
            now += 0.1
        }
        #expect(sum / 200 > 50)
    }

    // MARK: Pauses

    @Test func pausesAreFullJitterUnderADoublingBound() {
        var backoff = Backoff(seed: 3, base: 0.5, cap: 8)
        for (failures, bound) in [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 8.0), (1_000, 8.0)] {
            let pauses = (0..<2_000).map { _ in backoff.pause(after: failures) }
            #expect(pauses.allSatisfy { 0...bound ~= $0 })
            let mean = pauses.reduce(0, +) / 2_000
            // Uniform: its mean lies within five standard errors of the middle.
            #expect(abs(mean - bound / 2) < 5 * bound / (12.0 * 2_000).squareRoot())
        }
    }

    @Test func retryAfterIsReadInEachForm() {
        func seconds(_ fields: [String: String]) -> Double? { RetryAfter.seconds(fields, date: 784_111_777) }
        #expect(seconds(["retry-after-ms": "1500", "retry-after": "9"]) == 1.5)
        #expect(seconds(["retry-after": "20"]) == 20)
        #expect(seconds(["retry-after": "0.5"]) == 0.5)
        // 784111777 is RFC 9110's own example of a date.
        #expect(seconds(["retry-after": "Sun, 06 Nov 1994 08:49:47 GMT"]) == 10)
        #expect(seconds(["retry-after": "Sunday, 06-Nov-94 08:49:38 GMT"]) == 1)
        #expect(seconds(["retry-after": "Sun Nov  6 08:49:40 1994"]) == 3)
        #expect(seconds(["retry-after": "Sun, 06 Nov 1994 08:00:00 GMT"]) == 0)
        for nonsense in ["", "soon", "-5", "inf", "Sun, 32 Nov 1994 08:49:37 GMT"] {
            #expect(seconds(["retry-after": nonsense]) == nil)
        }
        #expect(seconds([:]) == nil)
    }

    // MARK: Limits per minute

    @Test func noMinuteHasMoreThanItsLimitAndATenth() {
        var window = RateWindow(ServiceProfile.Limits(requestsPerMinute: 60, tokensPerMinute: 6_000))
        var now = 0.0
        var sent: [Double] = []
        while now < 300 {
            let delay = window.delay(tokens: 50, at: now)
            guard delay <= 0 else {
                now += delay
                continue
            }
            window.send(tokens: 50)
            sent.append(now)
        }
        for start in sent { #expect(sent.count { start...(start + 60) ~= $0 } <= 67) }
        #expect(sent.count > 295)
    }

    @Test func aRequestLargerThanTheLimitLeavesWhenAllIsThere() {
        var window = RateWindow(ServiceProfile.Limits(tokensPerMinute: 600))
        #expect(window.delay(tokens: 10_000, at: 0) == 0)
        window.send(tokens: 10_000)
        #expect(window.delay(tokens: 10, at: 1) > 900)
    }

    @Test func whatTheServiceTellsLastCounts() {
        var window = RateWindow(ServiceProfile.Limits())
        let low = ["x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6s"]
        window.learn(low, of: 5, at: 10)
        #expect(abs(window.delay(tokens: 1, at: 10) - 6) < 1e-9)
        // An answer to an older request knows less.
        window.learn(["x-ratelimit-remaining-requests": "9", "x-ratelimit-reset-requests": "1s"], of: 3, at: 10)
        #expect(window.delay(tokens: 1, at: 10) > 5)
        #expect(window.delay(tokens: 1, at: 16.1) == 0)
        // With the limit known it grows back steadily.
        var tokens = RateWindow(ServiceProfile.Limits())
        tokens.learn(
            [
                "x-ratelimit-limit-tokens": "1000", "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "1m0s",
            ], of: 1, at: 0)
        #expect(abs(tokens.delay(tokens: 100, at: 0) - 6) < 1e-9)
    }

    // MARK: Success

    @Test func nothingIsSaidOfFewerThanTwenty() {
        var threshold = SuccessThreshold(share: 0.5)
        for _ in 0..<19 { threshold.countFailure("no") }
        #expect(threshold.verdict == nil)
        threshold.countFailure("never")
        #expect(threshold.verdict?.description == "Only 0 of 20 requests were answered: 19 × no · 1 × never")
    }

    @Test func enoughAnswersLetARunGoOn() {
        var threshold = SuccessThreshold(share: 0.5)
        for _ in 0..<50 { threshold.countAnswer() }
        for _ in 0..<50 { threshold.countFailure("no") }
        #expect(threshold.verdict == nil)
        threshold.countFailure("no")
        #expect(threshold.verdict != nil)
    }

    // MARK: The queue

    @Test(arguments: 1...5) func eachRequestLeavesOnceUnlessItIsPutBack(seed: Int) {
        var random = SeededRandom(seed: seed)
        var queue = RequestQueue(count: 300)
        var now = 0.0
        var left: [Int: Int] = [:]
        var putBack: [Int: Int] = [:]
        while !queue.isEmpty {
            now += 0.1
            _ = queue.announce(random.below(5)) { RequestQueue.Job($0) }
            while let job = queue.take(at: now) {
                left[job.index, default: 0] += 1
                if random.below(3) == 0 {
                    putBack[job.index, default: 0] += 1
                    queue.put(job, due: now + Double(random.below(30)) / 10 + 0.05)
                }
            }
            if let due = queue.nextDue { #expect(due > now) }
        }
        #expect(left.count == 300)
        #expect(left.allSatisfy { $0.value == 1 + (putBack[$0.key] ?? 0) })
    }
}
