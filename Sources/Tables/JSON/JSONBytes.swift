/// Steps over JSON text by its bytes, eight at a time where it can; shared by readers that build no values.
///
/// The text must be followed by at least eight zero bytes: they end every scan.
struct JSONBytes {
    let base: UnsafePointer<UInt8>

    /// What was seen in a text up to its closing quote.
    struct TextScan {
        /// Where the closing quote stands.
        var end: Int
        var hasEscapes: Bool
        var isASCII: Bool
    }

    /// The first place from `at` on that is no blank. A line break is none here.
    @inline(__always)
    func skippingBlanks(_ at: Int) -> Int {
        var at = at
        while base[at] == 0x20 || base[at] == 0x09 || base[at] == 0x0D { at += 1 }
        return at
    }

    /// Scans a text from behind its opening quote; nil where a control character stands before the closing one.
    @inline(__always)
    func scanText(from start: Int) -> TextScan? {
        var at = start
        var hasEscapes = false
        var high: UInt64 = 0
        while true {
            let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
            // A byte's top bit is set where the byte is a quote, a backslash or below a blank.
            let quotes = Self.zeroBytes(word ^ 0x2222_2222_2222_2222)
            let slashes = Self.zeroBytes(word ^ 0x5C5C_5C5C_5C5C_5C5C)
            let controls = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
            let stops = quotes | slashes | controls
            if stops == 0 {
                high |= word
                at += 8
                continue
            }
            // Only the first mark is sure: a borrow may set wrong ones behind it.
            let step = stops.trailingZeroBitCount >> 3
            if step > 0 { high |= word & (~0 >> UInt64(64 - 8 * step)) }
            at += step
            switch base[at] {
            case 0x22:
                return TextScan(end: at, hasEscapes: hasEscapes, isASCII: high & 0x8080_8080_8080_8080 == 0)
            case 0x5C:
                hasEscapes = true
                if base[at + 1] < 0x20 { return nil }
                high |= UInt64(base[at + 1])
                at += 2
            default: return nil
            }
        }
    }

    /// Marks with its top bit the first byte that is zero, and perhaps some behind it.
    @inline(__always)
    private static func zeroBytes(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }

    /// A number with where it ends; nil where it is none, or one that only the full parser reads.
    @inline(__always)
    func number(at start: Int) -> (value: Number, end: Int)? {
        var at = start
        let isNegative = base[at] == 0x2D
        if isNegative { at += 1 }
        let digits = at
        var mantissa: UInt64 = 0
        while base[at] &- 0x30 < 10 {
            mantissa = mantissa &* 10 &+ UInt64(base[at] &- 0x30)
            at += 1
        }
        var count = at - digits
        guard count > 0, count <= 18, !(base[digits] == 0x30 && count > 1) else { return nil }
        let next = base[at]
        guard next == 0x2E || next | 0x20 == 0x65 else {
            if isNegative, mantissa == 0 { return nil }
            return (.integer(isNegative ? -Int64(mantissa) : Int64(mantissa)), at)
        }
        var exponent = 0
        if next == 0x2E {
            at += 1
            let fraction = at
            while base[at] &- 0x30 < 10 {
                mantissa = mantissa &* 10 &+ UInt64(base[at] &- 0x30)
                at += 1
            }
            guard at > fraction else { return nil }
            exponent = fraction - at
            count += at - fraction
        }
        if base[at] | 0x20 == 0x65 {
            at += 1
            let isBelowOne = base[at] == 0x2D
            if isBelowOne || base[at] == 0x2B { at += 1 }
            let start = at
            var power = 0
            while base[at] &- 0x30 < 10, at - start < 4 {
                power = power * 10 + Int(base[at] &- 0x30)
                at += 1
            }
            guard at > start, base[at] &- 0x30 >= 10 else { return nil }
            exponent += isBelowOne ? -power : power
        }
        // Both parts are exact as doubles here, so that one operation rounds once (Clinger, 1990).
        guard count <= 18, mantissa < 1 << 53, exponent >= -22, exponent <= 22 else { return nil }
        let magnitude =
            exponent < 0
            ? Double(mantissa) / Self.powersOfTen[-exponent] : Double(mantissa) * Self.powersOfTen[exponent]
        return (.double(isNegative ? -magnitude : magnitude), at)
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// Where the value that starts here ends; nil where it is no JSON, or only the full parser can say.
    func skippingValue(at start: Int, depth: Int = 0) -> Int? {
        switch base[start] {
        case 0x22:
            guard let scan = scanText(from: start + 1), isFine(scan, from: start + 1) else { return nil }
            return scan.end + 1
        case 0x7B, 0x5B: return depth < 64 ? skippingContainer(at: start, depth: depth + 1) : nil
        case 0x74: return word(0x6575_7274, 4, at: start)
        case 0x66: return base[start + 1] == 0x61 ? word(0x6573_6C61, 4, at: start + 1) : nil
        case 0x6E: return word(0x6C6C_756E, 4, at: start)
        default: return number(at: start)?.end
        }
    }

    /// Where a word of four letters ends, or nil where another stands here.
    @inline(__always)
    func word(_ letters: UInt32, _ count: Int, at start: Int) -> Int? {
        guard UnsafeRawPointer(base + start).loadUnaligned(as: UInt32.self).littleEndian == letters else { return nil }
        let next = base[start + count]
        return next == 0x2C || next == 0x7D || next == 0x5D || next <= 0x20 ? start + count : nil
    }

    private func skippingContainer(at start: Int, depth: Int) -> Int? {
        let isRecord = base[start] == 0x7B
        let closing: UInt8 = isRecord ? 0x7D : 0x5D
        var at = skippingBlanks(start + 1)
        if base[at] == closing { return at + 1 }
        while true {
            if isRecord {
                guard base[at] == 0x22, let scan = scanText(from: at + 1), isFine(scan, from: at + 1) else {
                    return nil
                }
                at = skippingBlanks(scan.end + 1)
                guard base[at] == 0x3A else { return nil }
                at = skippingBlanks(at + 1)
            }
            guard let end = skippingValue(at: at, depth: depth) else { return nil }
            at = skippingBlanks(end)
            if base[at] == closing { return at + 1 }
            guard base[at] == 0x2C else { return nil }
            at = skippingBlanks(at + 1)
        }
    }

    /// Whether a text's bytes are UTF-8 and its escapes are known ones.
    @inline(__always)
    private func isFine(_ scan: TextScan, from start: Int) -> Bool {
        (scan.isASCII || isUTF8(start, scan.end)) && (!scan.hasEscapes || hasKnownEscapes(start, scan.end))
    }

    private func hasKnownEscapes(_ start: Int, _ end: Int) -> Bool {
        var at = start
        while at < end {
            guard base[at] == 0x5C else {
                at += 1
                continue
            }
            switch base[at + 1] {
            case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: at += 2
            case 0x75:
                guard hexadecimal(at + 2) != nil else { return false }
                at += 6
            default: return false
            }
        }
        return at == end
    }

    /// Whether bytes are well-formed UTF-8 (RFC 3629).
    func isUTF8(_ start: Int, _ end: Int) -> Bool {
        var at = start
        func isContinuation(_ place: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
            place < end && base[place] >= low && base[place] <= high
        }
        while at < end {
            let byte = base[at]
            switch byte {
            case 0..<0x80: at += 1
            case 0xC2...0xDF:
                guard isContinuation(at + 1) else { return false }
                at += 2
            case 0xE0...0xEF:
                guard isContinuation(at + 1, byte == 0xE0 ? 0xA0 : 0x80, byte == 0xED ? 0x9F : 0xBF),
                    isContinuation(at + 2)
                else { return false }
                at += 3
            case 0xF0...0xF4:
                guard isContinuation(at + 1, byte == 0xF0 ? 0x90 : 0x80, byte == 0xF4 ? 0x8F : 0xBF),
                    isContinuation(at + 2), isContinuation(at + 3)
                else { return false }
                at += 4
            default: return false
            }
        }
        return true
    }

    /// Four hexadecimal digits; nil where others stand here.
    private func hexadecimal(_ start: Int) -> UInt32? {
        var unit: UInt32 = 0
        for place in start..<(start + 4) {
            let digit: UInt8
            switch base[place] {
            case 0x30...0x39: digit = base[place] - 0x30
            case 0x41...0x46: digit = base[place] - 0x37
            case 0x61...0x66: digit = base[place] - 0x57
            default: return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// Resolves the escapes of a text; false where one is unknown, or a lone surrogate.
    func unescape(_ start: Int, _ end: Int, into text: inout [UInt8]) -> Bool {
        text.removeAll(keepingCapacity: true)
        var at = start
        while at < end {
            let run = at
            while at < end, base[at] != 0x5C { at += 1 }
            text.append(contentsOf: UnsafeBufferPointer(start: base + run, count: at - run))
            guard at < end else { break }
            let escape = base[at + 1]
            at += 2
            switch escape {
            case 0x22, 0x5C, 0x2F: text.append(escape)
            case 0x62: text.append(0x08)
            case 0x66: text.append(0x0C)
            case 0x6E: text.append(0x0A)
            case 0x72: text.append(0x0D)
            case 0x74: text.append(0x09)
            case 0x75:
                guard var unit = hexadecimal(at) else { return false }
                at += 4
                if unit >= 0xD800, unit < 0xDC00, base[at] == 0x5C, base[at + 1] == 0x75,
                    let low = hexadecimal(at + 2), low >= 0xDC00, low < 0xE000
                {
                    unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                    at += 6
                }
                guard let scalar = Unicode.Scalar(unit) else { return false }
                text.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
            default: return false
            }
        }
        return true
    }
}
