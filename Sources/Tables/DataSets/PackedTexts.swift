/// The texts of a column in one run of UTF-8 bytes: no allocation a row.
package struct PackedTexts: Sendable {
    /// All texts, one after the other.
    package private(set) var bytes: [UInt8] = []
    /// Where each text starts; one more for the end of the last.
    package private(set) var offsets: [Int] = [0]

    package init() {}

    package var count: Int { offsets.count - 1 }

    /// The bytes of a text.
    package func range(_ index: Int) -> Range<Int> { offsets[index]..<offsets[index + 1] }

    package subscript(index: Int) -> String { String(decoding: bytes[range(index)], as: UTF8.self) }

    /// Below, at or above 0 as the first text comes before, is, or comes after the second, by code points.
    package func order(_ first: Int, _ second: Int) -> Int {
        let (a, b) = (range(first), range(second))
        return bytes.withUnsafeBufferPointer { bytes in
            for index in 0..<min(a.count, b.count) {
                let (x, y) = (bytes[a.lowerBound + index], bytes[b.lowerBound + index])
                if x != y { return x < y ? -1 : 1 }
            }
            return a.count - b.count
        }
    }

    package mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        offsets.append(bytes.count)
    }

    /// Adds a text whose bytes are known to be UTF-8.
    package mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: text)
        offsets.append(bytes.count)
    }

    package mutating func append(_ text: ArraySlice<UInt8>) {
        bytes.append(contentsOf: text)
        offsets.append(bytes.count)
    }

    /// Adds all texts of another.
    package mutating func append(contentsOf other: PackedTexts) {
        let start = bytes.count
        bytes.append(contentsOf: other.bytes)
        for offset in other.offsets.dropFirst() { offsets.append(start + offset) }
    }

    /// Adds so many empty texts: what stands in the place of nulls.
    package mutating func append(empty count: Int) {
        offsets.append(contentsOf: repeatElement(bytes.count, count: count))
    }

    package mutating func reserve(texts: Int, bytes count: Int) {
        bytes.reserveCapacity(bytes.count + count)
        offsets.reserveCapacity(offsets.count + texts)
    }

    /// Leaves only the first texts.
    package mutating func truncate(to count: Int) {
        guard count < self.count else { return }
        offsets.removeLast(self.count - count)
        bytes.removeLast(bytes.count - offsets[count])
    }

    /// Only these texts, in this order.
    package func selecting(_ rows: some Collection<Int>) -> PackedTexts {
        var chosen = PackedTexts()
        var size = 0
        for row in rows { size += offsets[row + 1] - offsets[row] }
        chosen.reserve(texts: rows.count, bytes: size)
        bytes.withUnsafeBufferPointer { bytes in
            for row in rows { chosen.append(UnsafeBufferPointer(rebasing: bytes[range(row)])) }
        }
        return chosen
    }
}
