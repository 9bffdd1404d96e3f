internal import Tables

/// Finds the fields of JSON objects by their places in the text, without building values.
///
/// A vocabulary's names must not become Swift strings in a dictionary: those are equal when they are canonically
/// equivalent, and a vocabulary has such pairs. Nothing is checked that is skipped; what is read, is.
struct JSONFields {
    let bytes: [UInt8]

    /// The place of a field that cannot be read, and what was expected there.
    struct Damage: Error {
        let offset: Int
        let expected: String
    }

    private func skippingBlanks(_ start: Int, _ end: Int) -> Int {
        var at = start
        while at < end, bytes[at] == 0x20 || (0x09...0x0D).contains(bytes[at]) { at += 1 }
        return at
    }

    /// Behind a text that begins with its quote at a place.
    private func textEnd(_ start: Int, _ end: Int) throws(Damage) -> Int {
        guard start < end, bytes[start] == 0x22 else { throw Damage(offset: start, expected: "a text in quotes") }
        var at = start + 1
        while at < end {
            switch bytes[at] {
            case 0x22: return at + 1
            case 0x5C: at += 2
            default: at += 1
            }
        }
        throw Damage(offset: start, expected: "a closing quote")
    }

    /// Behind the value that begins at a place.
    private func valueEnd(_ start: Int, _ end: Int) throws(Damage) -> Int {
        var depth = 0
        var at = start
        while at < end {
            switch bytes[at] {
            case 0x22:
                at = try textEnd(at, end)
                if depth == 0 { return at }
                continue
            case 0x7B, 0x5B: depth += 1
            case 0x7D, 0x5D:
                // The end of what is around a bare word, or of the value itself.
                if depth == 0 { return at }
                depth -= 1
                if depth == 0 { return at + 1 }
            case 0x2C where depth == 0: return at
            default: break
            }
            at += 1
        }
        guard depth == 0 else { throw Damage(offset: start, expected: "a closing bracket") }
        return at
    }

    /// Calls for each field of the object in a part of the text: the places of its name, with its quotes, and value.
    func forEachField(
        of range: Range<Int>, _ body: (_ name: Range<Int>, _ value: Range<Int>) throws(Damage) -> Void
    ) throws(Damage) {
        let end = range.upperBound
        var at = skippingBlanks(range.lowerBound, end)
        guard at < end, bytes[at] == 0x7B else { throw Damage(offset: at, expected: "an object") }
        at = skippingBlanks(at + 1, end)
        if at < end, bytes[at] == 0x7D { return }
        while true {
            let nameEnd = try textEnd(at, end)
            let name = at..<nameEnd
            at = skippingBlanks(nameEnd, end)
            guard at < end, bytes[at] == 0x3A else { throw Damage(offset: at, expected: "`:`") }
            let start = skippingBlanks(at + 1, end)
            let valueEnd = try valueEnd(start, end)
            guard valueEnd > start else { throw Damage(offset: start, expected: "a value") }
            try body(name, start..<valueEnd)
            at = skippingBlanks(valueEnd, end)
            guard at < end, bytes[at] == 0x2C || bytes[at] == 0x7D else {
                throw Damage(offset: at, expected: "`,` or `}`")
            }
            if bytes[at] == 0x7D { return }
            at = skippingBlanks(at + 1, end)
        }
    }

    /// The value of a text in quotes, as UTF-8.
    func text(_ range: Range<Int>) throws(Damage) -> [UInt8] {
        let inner = bytes[range].dropFirst().dropLast()
        // Most have neither escapes nor anything but ASCII.
        if inner.allSatisfy({ $0 != 0x5C && $0 >= 0x20 && $0 < 0x80 }) { return Array(inner) }
        do throws(JSONError) {
            return Array((try JSON.parse(bytes, in: range).text ?? "").utf8)
        } catch {
            throw Damage(offset: range.lowerBound, expected: "a text in quotes")
        }
    }

    /// The whole number that stands in a part of the text.
    func integer(_ range: Range<Int>) throws(Damage) -> Int {
        var at = range.upperBound
        while at > range.lowerBound, bytes[at - 1] <= 0x20 { at -= 1 }
        guard at > range.lowerBound, at - range.lowerBound <= 10,
            let number = Int(String(decoding: bytes[range.lowerBound..<at], as: UTF8.self))
        else { throw Damage(offset: range.lowerBound, expected: "a whole number") }
        return number
    }

    /// The value that stands in a part of the text.
    func value(_ range: Range<Int>) throws(Damage) -> Value {
        do throws(JSONError) {
            return try JSON.parse(bytes, in: range)
        } catch {
            throw Damage(offset: error.offset, expected: error.expected)
        }
    }
}
