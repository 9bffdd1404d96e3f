/// Python's operations on texts (https://docs.python.org/3/library/stdtypes.html#text-sequence-type-str).
extension TemplateText {
    /// The sides of a text that are stripped.
    enum Side {
        case left, right, both
    }

    /// Whether Python counts a code point as white space.
    static func isSpace(_ unit: UInt32) -> Bool {
        switch unit & codePoint {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0: true
        case 0..<0x1680: false
        case 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Without white space, or without the given code points, at its sides.
    func stripped(_ side: Side, of characters: TemplateText? = nil) -> TemplateText {
        let set = characters.map { Set($0.units.map { $0 & Self.codePoint }) }
        func goes(_ unit: UInt32) -> Bool { set?.contains(unit & Self.codePoint) ?? Self.isSpace(unit) }
        var start = 0
        var end = units.count
        if side != .right { while start < end, goes(units[start]) { start += 1 } }
        if side != .left { while end > start, goes(units[end - 1]) { end -= 1 } }
        return self[start..<end]
    }

    func hasSuffix(_ other: TemplateText) -> Bool {
        units.count >= other.units.count && self[units.count - other.units.count..<units.count] == other
    }

    private func matches(_ other: TemplateText, at place: Int) -> Bool {
        guard place + other.units.count <= units.count else { return false }
        for index in other.units.indices
        where units[place + index] & Self.codePoint != other.units[index] & Self.codePoint {
            return false
        }
        return true
    }

    /// Where another text first stands at or after `start`.
    func firstPlace(of other: TemplateText, from start: Int = 0) -> Int? {
        guard other.units.count <= units.count else { return nil }
        var place = start
        while place + other.units.count <= units.count {
            if matches(other, at: place) { return place }
            place += 1
        }
        return nil
    }

    func lastPlace(of other: TemplateText) -> Int? {
        var place = units.count - other.units.count
        while place >= 0 {
            if matches(other, at: place) { return place }
            place -= 1
        }
        return nil
    }

    /// How often another text stands in this one, without overlaps.
    func occurrences(of other: TemplateText) -> Int {
        guard other.count > 0 else { return count + 1 }
        var found = 0
        var place = 0
        while let next = firstPlace(of: other, from: place) {
            found += 1
            place = next + other.count
        }
        return found
    }

    /// The parts between separators, at most `limit` cuts from the left.
    func split(at separator: TemplateText, limit: Int) -> [TemplateText] {
        var parts: [TemplateText] = []
        var start = 0
        while parts.count < limit, let place = firstPlace(of: separator, from: start) {
            parts.append(self[start..<place])
            start = place + separator.count
        }
        return parts + [self[start..<count]]
    }

    /// The same with the cuts counted from the right.
    func splitFromRight(at separator: TemplateText, limit: Int) -> [TemplateText] {
        let parts = split(at: separator, limit: .max)
        guard parts.count - 1 > limit else { return parts }
        let kept = parts.count - limit
        return [Self.joined(Array(parts[..<kept]), by: separator)] + parts[kept...]
    }

    /// The words between runs of white space, at most `limit` cuts from the left.
    func words(limit: Int) -> [TemplateText] {
        var parts: [TemplateText] = []
        var at = 0
        while true {
            while at < count, Self.isSpace(units[at]) { at += 1 }
            guard at < count else { return parts }
            if parts.count == limit { return parts + [self[at..<count].stripped(.right)] }
            let start = at
            while at < count, !Self.isSpace(units[at]) { at += 1 }
            parts.append(self[start..<at])
        }
    }

    /// The lines, without their ends unless they are kept.
    func lines(keepingEnds: Bool) -> [TemplateText] {
        var lines: [TemplateText] = []
        var start = 0
        var at = 0
        while at < count {
            switch units[at] & Self.codePoint {
            case 0x0A...0x0D, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029:
                let isPair =
                    units[at] & Self.codePoint == 0x0D && at + 1 < count && units[at + 1] & Self.codePoint == 0x0A
                let end = at + (isPair ? 2 : 1)
                lines.append(self[start..<(keepingEnds ? end : at)])
                start = end
                at = end
            default: at += 1
            }
        }
        if start < count { lines.append(self[start..<count]) }
        return lines
    }

    /// With up to `limit` occurrences of a text replaced, from the left.
    func replacing(_ old: TemplateText, by new: TemplateText, limit: Int = .max) -> TemplateText {
        var result: [UInt32] = []
        var replaced = 0
        if old.count == 0 {
            for unit in units {
                if replaced < limit { result += new.units }
                replaced += 1
                result.append(unit)
            }
            return TemplateText(units: replaced < limit ? result + new.units : result)
        }
        var start = 0
        while replaced < limit, let place = firstPlace(of: old, from: start) {
            result += units[start..<place]
            result += new.units
            start = place + old.count
            replaced += 1
        }
        return TemplateText(units: result + units[start...])
    }

    static func joined(_ parts: [TemplateText], by separator: TemplateText) -> TemplateText {
        var units: [UInt32] = []
        for (index, part) in parts.enumerated() {
            if index > 0 { units += separator.units }
            units += part.units
        }
        return TemplateText(units: units)
    }

    // MARK: Letters

    func uppercased() -> TemplateText { mapped { _, scalar in scalar.properties.uppercaseMapping } }

    func lowercased() -> TemplateText { mapped { _, scalar in scalar.properties.lowercaseMapping } }

    /// The first letter in title case, the others in lower case.
    func capitalized() -> TemplateText {
        mapped { index, scalar in index == 0 ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping }
    }

    /// Each word's first letter in title case, the others in lower case; `isEnd` says what ends a word.
    func titled(isEnd: (Unicode.Scalar) -> Bool) -> TemplateText {
        var begins = true
        return mapped { _, scalar in
            defer { begins = isEnd(scalar) }
            return begins ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping
        }
    }

    private func mapped(_ change: (Int, Unicode.Scalar) -> String) -> TemplateText {
        var result: [UInt32] = []
        result.reserveCapacity(units.count)
        for (index, unit) in units.enumerated() {
            guard let scalar = Unicode.Scalar(unit & Self.codePoint) else { continue }
            for changed in change(index, scalar).unicodeScalars { result.append(changed.value | unit & Self.mark) }
        }
        return TemplateText(units: result)
    }

    /// Whether the text has at least one code point and all are of a kind.
    func isAll(_ kind: (Unicode.Scalar) -> Bool) -> Bool {
        !units.isEmpty && units.allSatisfy { Unicode.Scalar($0 & Self.codePoint).map(kind) ?? false }
    }

    /// Whether there are cased letters and all of them are upper (or lower) case.
    func isCased(upper: Bool) -> Bool {
        var found = false
        for unit in units {
            guard let scalar = Unicode.Scalar(unit & Self.codePoint) else { continue }
            if upper ? scalar.properties.isLowercase : scalar.properties.isUppercase { return false }
            if upper ? scalar.properties.isUppercase : scalar.properties.isLowercase { found = true }
        }
        return found
    }
}
