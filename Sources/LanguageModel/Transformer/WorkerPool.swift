import CSIMD
import Foundation
import Synchronization

/// Threads that wait, wide awake for a moment, for the next piece of work.
///
/// A pass over the model forks some hundred times, each for tens of microseconds: waking a sleeping thread each time
/// could cost as much as the work. So a helper looks for work for about a tenth of a millisecond before it
/// sleeps. One job runs at a time; a caller that finds the pool taken does its items itself.
///
/// `@unchecked Sendable`: `job` is written by the caller that holds `taken`, while no helper is inside; helpers read it
/// after entering through `gate`, whose atomic operations order the accesses.
final class WorkerPool: @unchecked Sendable {
    private struct Job {
        let count: Int
        let body: (Int, Int) -> Void
    }

    private var job: Job?
    private let taken = Atomic(false)
    /// The next item to be done.
    private let next = Atomic(0)
    /// `open` while a job may be entered, plus the number of helpers inside.
    private let gate = Atomic(0)
    private static let open = 1 << 32
    /// Counts jobs; a helper that sees it change looks at the gate.
    private let generation = Atomic(0)
    private let sleeping = Atomic(0)
    private let bell = NSCondition()

    /// Looks before a helper falls asleep; a pause takes some 50 ns.
    private static let patience = 3000

    init(helpers: Int) {
        for helper in 0..<helpers {
            let thread = Thread { [self] in
                var seen = 0
                while true {
                    seen = awaitJob(after: seen)
                    help(worker: helper + 1)
                }
            }
            thread.name = "distnb engine \(helper + 1)"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    /// Runs `body(item, worker)` for all items, helped by whichever threads are free, and returns when all are done.
    func run(_ count: Int, _ body: (Int, Int) -> Void) {
        guard taken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            for item in 0..<count { body(item, 0) }
            return
        }
        // The body does not escape: no helper is inside when the gate is closed and empty, and the job is gone then.
        withoutActuallyEscaping(body) { body in
            job = Job(count: count, body: body)
            next.store(0, ordering: .relaxed)
            gate.store(Self.open, ordering: .releasing)
            generation.add(1, ordering: .sequentiallyConsistent)
            if sleeping.load(ordering: .sequentiallyConsistent) > 0 {
                bell.lock()
                bell.broadcast()
                bell.unlock()
            }
            work(Job(count: count, body: body), worker: 0)
            gate.subtract(Self.open, ordering: .acquiringAndReleasing)
            while gate.load(ordering: .acquiring) != 0 { simd_pause() }
            job = nil
        }
        taken.store(false, ordering: .releasing)
    }

    private func work(_ job: Job, worker: Int) {
        while true {
            let item = next.add(1, ordering: .relaxed).oldValue
            guard item < job.count else { return }
            job.body(item, worker)
        }
    }

    /// Enters the job, if it is still open, and does items of it.
    private func help(worker: Int) {
        var state = gate.load(ordering: .relaxed)
        while state >= Self.open {
            let (entered, now) = gate.compareExchange(
                expected: state, desired: state + 1, ordering: .acquiringAndReleasing)
            if entered {
                if let job { work(job, worker: worker) }
                gate.subtract(1, ordering: .releasing)
                return
            }
            state = now
        }
    }

    /// Waits until there has been a job after the one `seen`, and returns its number.
    private func awaitJob(after seen: Int) -> Int {
        for _ in 0..<Self.patience {
            let current = generation.load(ordering: .acquiring)
            if current != seen { return current }
            simd_pause()
        }
        bell.lock()
        defer { bell.unlock() }
        // Announced before the last look: either the caller sees the sleeper or the sleeper sees the job.
        sleeping.add(1, ordering: .sequentiallyConsistent)
        while generation.load(ordering: .sequentiallyConsistent) == seen { bell.wait() }
        sleeping.subtract(1, ordering: .sequentiallyConsistent)
        return generation.load(ordering: .acquiring)
    }
}
