/// Where the parts of a record or list stand in a text that `JSON` has read: only signs are looked at.
struct JSONPlaces {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The fields of a record: where each name stands, with its quotes, and where its value does.
    func fields(of record: Range<Int>) -> [(name: Range<Int>, value: Range<Int>)] {
        var fields: [(name: Range<Int>, value: Range<Int>)] = []
        var name: Range<Int>?
        for part in parts(of: record) {
            if let known = name {
                fields.append((known, part))
                name = nil
            } else {
                name = part
            }
        }
        return fields
    }

    /// The elements of a list.
    func elements(of list: Range<Int>) -> [Range<Int>] { parts(of: list) }

    /// Names and values directly inside a pair of brackets, in order.
    private func parts(of whole: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var depth = 0
        var start: Int?
        var at = whole.lowerBound
        let end = min(whole.upperBound, bytes.count)
        func close(_ place: Int) {
            if let begun = start { parts.append(begun..<place) }
            start = nil
        }
        while at < end {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                let stop = literalEnd(from: at, before: end)
                if depth == 1 {
                    close(at)
                    parts.append(at..<stop)
                }
                at = stop
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if depth == 1 { start = at }
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 1 { close(at + 1) } else if depth == 0 { close(at) }
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09:
                if depth == 1 { close(at) }
            default:
                if depth == 1, start == nil { start = at }
            }
            at += 1
        }
        return parts
    }

    private func literalEnd(from quote: Int, before end: Int) -> Int {
        var at = quote + 1
        while at < end {
            if bytes[at] == UInt8(ascii: "\\") {
                at += 2
            } else if bytes[at] == UInt8(ascii: "\"") {
                return at + 1
            } else {
                at += 1
            }
        }
        return end
    }
}
