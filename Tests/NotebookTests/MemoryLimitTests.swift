import PipelineSyntax
import Synchronization
import Testing
import Verbs

@testable import Notebook

@Suite struct MemoryLimitTests {
    @Test func aCellThatTakesTooMuchMemoryIsStoppedAndTold() throws {
        let scratch = try Scratch(cells: ["let a = 1", "0..50 | each len(\"${.}\")", "a"])
        let clock = TickingClock()
        let looks = Mutex(0)
        // Much at the third look, little again once the cell has given its values back.
        let memory = MemoryLimit(limit: 5 << 20, now: clock.now) {
            looks.withLock { looks in
                looks += 1
                return looks == 3 ? 6 << 20 : 1 << 20
            }
        }
        let session = try scratch.session(memory: memory, now: clock.now)
        let listener = Listener()
        let summary = try session.run(observer: listener)
        #expect(!summary.wasInterrupted && listener.mistakes.map(\.code) == [.outOfMemory])
        #expect(listener.mistakes.first?.message.hasPrefix("The cell took more than 5 MB of memory") == true)
    }

    @Test func whatIsTakenIsLookedAtNowAndThenUntilTheNextCellBegins() {
        let taken = Mutex(1_000)
        let clock = TickingClock()
        let limit = MemoryLimit(limit: 5_000, now: clock.now) { taken.withLock { $0 } }
        limit.start()
        #expect(!limit.isExceeded)
        taken.withLock { $0 = 6_000 }
        #expect(limit.isExceeded)
        taken.withLock { $0 = 1_000 }
        #expect(limit.isExceeded, "the cell at hand stays stopped")
        limit.start()
        #expect(!limit.isExceeded)
        #expect(MemoryLimit.residentBytes() > 1 << 20)
    }
}
