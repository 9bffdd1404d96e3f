import Foundation

/// Where the fields of a well-formed GGUF file stand, so that a test can spoil one on purpose.
struct GGUFFields {
    struct Field {
        let offset: Int
        /// Bytes of the number.
        let width: Int
    }

    /// Counts, lengths, types, ranks, dimensions and offsets: the numbers by which the rest is found.
    private(set) var structure: [Field] = []
    /// Metadata that are numbers.
    private(set) var numbers: [Field] = []
    /// Bytes of texts.
    private(set) var texts: [Range<Int>] = []
    /// Where the header ends.
    private(set) var end = 0

    private let bytes: Data

    init(_ file: Data) {
        bytes = Data(file)
        end = 4
        _ = field(4)
        let tensors = field(8)
        let entries = field(8)
        for _ in 0..<entries {
            text()
            value(type: field(4))
        }
        for _ in 0..<tensors {
            text()
            for _ in 0..<field(4) { _ = field(8) }
            _ = field(4)
            _ = field(8)
        }
    }

    private func number(_ width: Int) -> Int {
        (0..<width).reduce(0) { $0 | Int(bytes[end + $1]) << (8 * $1) }
    }

    private mutating func field(_ width: Int) -> Int {
        let found = number(width)
        structure.append(Field(offset: end, width: width))
        end += width
        return found
    }

    private mutating func text() {
        let length = field(8)
        texts.append(end..<end + length)
        end += length
    }

    private mutating func value(type: Int) {
        switch type {
        case 8: text()
        case 9:
            let element = field(4)
            for _ in 0..<field(8) { value(type: element) }
        default:
            let width = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8][type]
            numbers.append(Field(offset: end, width: width))
            end += width
        }
    }
}
