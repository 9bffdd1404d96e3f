import Foundation

/// Fork and join over the processor's cores.
///
/// The one place where the engine uses more than one thread: OpenBLAS runs single-threaded inside (see
/// `MatrixProduct`), so that two pools never compete for the same cores. What an item computes must not depend on
/// which thread runs it; then the result is the same however the items fall.
enum Parallel {
    /// Threads that work at once, the caller's included: as many as there are cores, or as `DISTNB_THREADS` says.
    static let width = max(1, min(setting("DISTNB_THREADS") ?? ProcessInfo.processInfo.activeProcessorCount, 64))

    /// A whole number from the environment, read once where it is used.
    static func setting(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    private static let pool = WorkerPool(helpers: width - 1)

    /// Runs `body(item, worker)` once for every item; `worker` (below `width`) is a number that no two concurrent
    /// calls share, for picking scratch memory.
    static func items(_ count: Int, _ body: (_ item: Int, _ worker: Int) -> Void) {
        guard count > 1, width > 1 else {
            for item in 0..<count { body(item, 0) }
            return
        }
        pool.run(count, body)
    }

    /// Cuts 0..<count into ranges of at least `atLeast` and runs them, one a thread. They begin at multiples of
    /// `multipleOf`.
    static func ranges(of count: Int, atLeast minimum: Int, multipleOf unit: Int = 1, _ body: (Range<Int>) -> Void) {
        let parts = max(1, min(width, count / max(1, minimum, unit)))
        let length = ((count + parts - 1) / parts + unit - 1) / unit * unit
        items(parts) { part, _ in
            let start = part * length
            if start < count { body(start..<min(count, start + length)) }
        }
    }

    /// Runs ranges that together are 0..<count, several for each thread, or one on the caller's when it does not fork.
    static func spread(_ count: Int, forks: Bool, _ body: (Range<Int>) -> Void) {
        guard forks, width > 1, count > 1 else { return body(0..<count) }
        let parts = min(count, 4 * width)
        items(parts) { part, _ in body(part * count / parts..<(part + 1) * count / parts) }
    }
}
