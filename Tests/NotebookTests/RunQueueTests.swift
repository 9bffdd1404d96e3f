import SeededRandom
import Testing

@testable import Notebook

@Suite struct RunQueueTests {
    private func items(_ cells: [Int], forced: Bool = false) -> [RunQueue.Item] {
        cells.map { RunQueue.Item(cell: $0, isForced: forced) }
    }

    private func queue(_ cells: [Int], forced: Bool = false) -> RunQueue {
        var queue = RunQueue()
        queue.enqueue(items(cells, forced: forced))
        return queue
    }

    /// What runs when every cell ends well.
    private func order(_ queue: RunQueue, status: (Int) -> CellStatus) -> [Int] {
        var queue = queue
        var cells: [Int] = []
        while let cell = queue.next(status: status) {
            cells.append(cell)
            queue.finished(.ok)
        }
        return cells
    }

    @Test func cellsRunInTheOrderInWhichTheyWereAskedFor() {
        #expect(order(queue([3, 1, 2]), status: { _ in .stale }) == [3, 1, 2])
    }

    @Test func currentCellsArePassedOverAndCounted() {
        var queue = queue([1, 2, 3])
        #expect(queue.next { $0 == 2 ? .stale : .current } == 2)
        queue.finished(.ok)
        #expect(queue.next { _ in .current } == nil)
        #expect(queue.summary.current == 2)
        #expect(queue.summary.ran == 1)
    }

    @Test(arguments: [
        CellStatus.notRun, .stale, .failed, .interrupted, .missingState, .broken,
    ]) func everyOtherStatusRuns(_ status: CellStatus) {
        #expect(order(queue([1]), status: { _ in status }) == [1])
    }

    @Test func forcedCellsRunEvenWhereTheyAreCurrent() {
        #expect(order(queue([1, 2], forced: true), status: { _ in .current }) == [1, 2])
    }

    @Test func aCellThatWaitsIsNotQueuedTwice() {
        var queue = queue([1, 2])
        queue.enqueue(items([2, 1, 3]))
        #expect(order(queue, status: { _ in .stale }) == [1, 2, 3])
    }

    @Test func onceForcedACellStaysForced() {
        var first = queue([1])
        first.enqueue(items([1], forced: true))
        #expect(order(first, status: { _ in .current }) == [1])
        var second = queue([1], forced: true)
        second.enqueue(items([1]))
        #expect(order(second, status: { _ in .current }) == [1])
    }

    @Test func theRunningCellMayBeQueuedAgain() {
        var queue = queue([1])
        #expect(queue.next { _ in .stale } == 1)
        queue.enqueue(items([1], forced: true))
        queue.finished(.ok)
        #expect(queue.next { _ in .current } == 1)
    }

    @Test func nothingIsNextWhileACellRuns() {
        var queue = queue([1, 2])
        #expect(queue.next { _ in .stale } == 1)
        #expect(queue.next { _ in .stale } == nil)
        #expect(queue.running == 1)
        queue.finished(.ok)
        #expect(queue.running == nil)
        #expect(queue.next { _ in .stale } == 2)
    }

    @Test func aFailureDropsTheRest() {
        var queue = queue([1, 2, 3])
        _ = queue.next { _ in .stale }
        queue.finished(.failed)
        #expect(queue.next { _ in .stale } == nil)
        #expect(queue.summary.failed == 1)
        #expect(queue.summary.ran == 1)
        #expect(!queue.summary.wasInterrupted)
    }

    @Test func anInterruptDropsTheRestAndIsTold() {
        var queue = queue([1, 2])
        _ = queue.next { _ in .stale }
        queue.finished(.interrupted)
        #expect(queue.next { _ in .stale } == nil)
        #expect(queue.summary.failed == 1)
        #expect(queue.summary.wasInterrupted)
    }

    @Test func anExpectedFailureGoesOn() {
        var queue = queue([1, 2])
        _ = queue.next { _ in .stale }
        queue.finished(.failedAsExpected)
        #expect(queue.next { _ in .stale } == 2)
        #expect(queue.summary.failedAsExpected == 1)
        #expect(queue.summary.failed == nil)
    }

    @Test func aRefusedCellDropsTheRestAndDidNotRun() {
        var queue = queue([1, 2])
        _ = queue.next { _ in .stale }
        queue.refused()
        #expect(queue.next { _ in .stale } == nil)
        #expect(queue.summary.failed == 1)
        #expect(queue.summary.ran == 0)
    }

    @Test func interruptingLetsTheRunningCellEnd() {
        var queue = queue([1, 2])
        _ = queue.next { _ in .stale }
        queue.interrupt()
        #expect(queue.running == 1)
        queue.finished(.ok)
        #expect(queue.next { _ in .stale } == nil)
        #expect(queue.summary.ran == 1)
        #expect(queue.summary.failed == nil)
    }

    @Test func anEndWithoutARunningCellChangesNothing() {
        var queue = queue([1])
        let before = queue
        queue.finished(.failed)
        queue.refused()
        #expect(queue == before)
    }

    @Test func whatIsPlannedIsWhatRunsWhenEachCellKeepsItsStatus() {
        var queue = queue([4, 2])
        queue.enqueue(items([1, 3], forced: true))
        let status: (Int) -> CellStatus = { $0 == 2 ? .stale : .current }
        #expect(queue.planned(status: status) == [2, 1, 3])
        #expect(order(queue, status: status) == [2, 1, 3])
    }

    /// A queue, and beside it what a simple model says of it.
    private struct Model {
        var queue = RunQueue()
        var waiting: [Int] = []
        var queued = 0
        var started = 0
        var refused = 0
        var dropped = 0
        var isStopped = false

        mutating func drop() {
            dropped += waiting.count
            waiting = []
        }
    }

    @Test(arguments: UInt64(0)..<200) func anyEventsKeepTheRules(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var model = Model()
        for _ in 0..<random.below(120) {
            step(&model, &random)
            let handled = model.started + model.queue.summary.current + model.dropped + model.waiting.count
            #expect(model.queued == handled)
            let ended = model.queue.summary.ran + model.refused
            #expect(model.started == ended + (model.queue.running == nil ? 0 : 1))
        }
    }

    private func step(_ model: inout Model, _ random: inout SeededRandom) {
        switch random.below(8) {
        case 0, 1:
            for item in (0..<random.below(4)).map({ _ in items([1 + random.below(6)], forced: random.below(2) == 0) }) {
                model.queue.enqueue(item)
                guard !model.waiting.contains(item[0].cell) else { continue }
                model.waiting.append(item[0].cell)
                model.queued += 1
                model.isStopped = false
            }
        case 2, 3, 4:
            let (running, passed) = (model.queue.running, model.queue.summary.current)
            let current = Set((0..<3).map { _ in 1 + random.below(6) })
            let next = model.queue.next { current.contains($0) ? .current : .stale }
            model.waiting.removeFirst(model.queue.summary.current - passed)
            guard let next else {
                #expect(running != nil || model.waiting.isEmpty)
                return
            }
            #expect(running == nil)
            #expect(!model.isStopped)
            #expect(model.waiting.first == next)
            model.waiting.removeFirst()
            model.started += 1
        case 5, 6:
            let ending = random.one(of: [RunQueue.Ending.ok, .ok, .failedAsExpected, .failed, .interrupted])
            guard model.queue.running != nil else { return }
            model.queue.finished(ending)
            if ending == .failed || ending == .interrupted {
                model.drop()
                model.isStopped = true
            }
        default:
            if random.below(2) == 0 {
                model.queue.interrupt()
                model.drop()
            } else if model.queue.running != nil {
                model.queue.refused()
                model.refused += 1
                model.drop()
                model.isStopped = true
            }
        }
    }
}
