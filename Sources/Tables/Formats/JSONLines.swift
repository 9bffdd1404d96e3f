internal import Dispatch
internal import Synchronization

/// JSON Lines: one JSON object a line. Blank lines and a byte order mark are let pass.
public enum JSONLines {
    /// Reads bytes in memory.
    /// - Throws: `FormatError` at the first bad line unless bad rows are skipped.
    public static func read(_ bytes: [UInt8], badRows: BadRows = .fail) throws(FormatError) -> LoadedRows {
        do {
            return try read(BytesInMemory(bytes), badRows: badRows)
        } catch let error as FormatError {
            throw error
        } catch {
            // Bytes in memory can always be read.
            throw FormatError(line: 1, column: 1, expected: "a readable file", found: "\(error)")
        }
    }

    /// Reads a source part by part, on all cores, so that little more than the columns is ever in memory.
    /// - Parameters:
    ///   - columns: the columns to keep; all where nil.
    ///   - isCancelled: asked before each part; true ends the reading early.
    /// - Throws: `FormatError` at the first bad line unless bad rows are skipped, and what the source throws.
    public static func read(
        _ source: some ByteSource, columns: Set<String>? = nil, badRows: BadRows = .fail,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> LoadedRows {
        let parts = LineParts(source)
        let joint = Mutex(LineJoint(parts: parts.count))
        let failures = Mutex([(part: Int, error: any Error)]())
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: min(parts.count, parts.workers)) { _ in
            while true {
                let part = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard part < parts.count, failures.withLock(\.isEmpty), !isCancelled() else { return }
                do {
                    let result = try parts.withLines(part) { base, range throws in
                        var scanner = JSONLinesScanner(base, range, wanted: columns, badRows: badRows)
                        return try scanner.run()
                    }
                    joint.withLock { $0.add(result, part: part) }
                } catch {
                    failures.withLock { $0.append((part, error)) }
                }
            }
        }
        if let failure = failures.withLock({ $0.min { $0.part < $1.part } }) {
            guard let error = failure.error as? FormatError else { throw failure.error }
            throw error.moved(by: try parts.linesBefore(failure.part))
        }
        return joint.withLock { $0.finish() }
    }

    /// The bytes of rows, one object a line.
    public static func bytes(of rows: DataSet) -> [UInt8] { JSONLinesWriter.bytes(of: rows) }
}
