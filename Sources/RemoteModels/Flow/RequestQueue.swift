package import Distillation

/// Requests that wait for their next step: new ones in their order, others by the time at which they are due.
package struct RequestQueue: Sendable {
    /// What is known of a request that has not ended.
    package struct Job: Sendable, Hashable {
        package enum Step: Sendable, Hashable {
            /// Sent to the service.
            case send
            /// Looked for among what the service has kept; how often that was done before.
            case lookUp(Int)
        }

        package let index: Int
        package var step = Step.send
        /// How often it was sent.
        package var sendings = 0
        /// Whether the answer to a sending may have been lost, and has not been looked for in vain since.
        package var isLost = false
        /// Whether it was sent again without anybody knowing whether it had been answered.
        package var isUncertain = false
        /// Why its last sending failed, in words and by kind, and how long that took.
        package var fault = ""
        package var cause: TrafficReport.Cause?
        package var seconds: Double?
        /// When it was first sent in this run, in seconds since 1970.
        package var sentAt: Double?

        package init(_ index: Int, step: Step = .send, isLost: Bool = false) {
            self.index = index
            self.step = step
            self.isLost = isLost
        }
    }

    private struct Waiting: Sendable {
        let job: Job
        let due: Double
    }

    private let count: Int
    /// The first that nobody has announced.
    private var next = 0
    private var announced: [Job] = []
    private var taken = 0
    /// The one that is due first stands last.
    private var waiting: [Waiting] = []

    /// - Parameter count: how many requests there are; their places are 0 ..< count.
    package init(count: Int) { self.count = count }

    package var isEmpty: Bool { next >= count && announcedCount == 0 && waiting.isEmpty }

    /// New requests whose sending was announced and that have not left.
    package var announcedCount: Int { announced.count - taken }

    /// Places of the next new requests, which may leave from now on.
    package mutating func announce(_ most: Int, _ job: (Int) -> Job) -> [Int] {
        let places = Array(next..<min(count, next + max(0, most)))
        next += places.count
        if taken > 0 {
            announced.removeFirst(taken)
            taken = 0
        }
        announced += places.map(job)
        return places
    }

    /// Takes the next that is due; what has waited goes before what is new.
    package mutating func take(at now: Double) -> Job? {
        if let last = waiting.last, last.due <= now {
            waiting.removeLast()
            return last.job
        }
        guard taken < announced.count else { return nil }
        taken += 1
        return announced[taken - 1]
    }

    /// Lets a request wait.
    package mutating func put(_ job: Job, due: Double) {
        // By halving: the list stands in falling order of the times.
        var (low, high) = (0, waiting.count)
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle].due > due { low = middle + 1 } else { high = middle }
        }
        waiting.insert(Waiting(job: job, due: due), at: low)
    }

    /// When the next request that waits is due; nil where none does.
    package var nextDue: Double? { waiting.last?.due }

    /// All that were announced or wait, which will not be taken any more.
    package mutating func drain() -> [Job] {
        let jobs = Array(announced[taken...]) + waiting.map(\.job)
        announced = []
        taken = 0
        waiting = []
        next = count
        return jobs
    }
}
