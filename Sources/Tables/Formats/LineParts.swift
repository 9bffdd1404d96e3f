internal import Foundation

/// A source cut into parts of whole lines, each read when it is its turn.
struct LineParts: Sendable {
    private let source: any ByteSource
    private let size: Int
    /// Large enough that a part's columns are filled in long loops, small enough that two of them are little memory.
    private static let partSize = 4 << 20
    /// Zero bytes behind the text, which end every scan.
    private static let padding = 64

    init(_ source: some ByteSource) {
        self.source = source
        size = source.count
    }

    /// How many parts there are; at least one.
    var count: Int { max(1, (size + Self.partSize - 1) / Self.partSize) }

    /// How many threads are worth having.
    var workers: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// Works on the lines that begin in a part.
    ///
    /// A line belongs to the part in which it starts; its end may lie in the next.
    func withLines<Result>(
        _ part: Int, _ work: (UnsafePointer<UInt8>, Range<Int>) throws -> Result
    ) throws -> Result {
        let low = part * Self.partSize
        let high = min(size, low + Self.partSize)
        // One byte before tells whether a line begins right here.
        let start = max(0, low - 1)
        var bytes = try read(start..<high)
        // Where no line begins, the whole part belongs to a line of an earlier one.
        if low > 0, !bytes.contains(0x0A) { bytes.removeAll() }
        if high < size, !bytes.isEmpty { try extend(&bytes, from: high) }
        let used = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: Self.padding))
        return try bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else {
                throw FormatError(line: 1, column: 1, expected: "a readable file", found: "no bytes")
            }
            var from = 0
            if low > 0 {
                while from < used, base[from] != 0x0A { from += 1 }
                from += 1
            } else if used >= 3, base[0] == 0xEF, base[1] == 0xBB, base[2] == 0xBF {
                from = 3
            }
            return try work(base, min(from, used)..<used)
        }
    }

    /// How many lines begin before a part.
    func linesBefore(_ part: Int) throws -> Int {
        var lines = 0
        for earlier in 0..<part {
            lines += try withLines(earlier) { base, range in
                var count = 0
                for index in range where base[index] == 0x0A { count += 1 }
                return count
            }
        }
        return lines
    }

    /// Adds the rest of the line that the part's end cuts, unless it ends right there.
    private func extend(_ bytes: inout [UInt8], from high: Int) throws {
        guard bytes.last != 0x0A else { return }
        var at = high
        var step = 64 << 10
        while at < size {
            let more = try read(at..<min(size, at + step))
            if more.isEmpty { return }
            if let end = more.firstIndex(of: 0x0A) {
                bytes += more[...end]
                return
            }
            bytes += more
            at += more.count
            step *= 2
        }
    }

    private func read(_ range: Range<Int>) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: range.count + Self.padding) { buffer, filled in
            while filled < range.count {
                let rest = UnsafeMutableRawBufferPointer(buffer)[filled..<range.count]
                let more = try source.read(
                    at: range.lowerBound + filled, into: UnsafeMutableRawBufferPointer(rebasing: rest))
                if more <= 0 { break }
                filled += more
            }
        }
    }
}
