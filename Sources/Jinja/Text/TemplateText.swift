/// Text as code points, each of which knows whether it is foreign: whether it came out of a `TemplateInput.foreign`.
///
/// Python's text operations count code points, and Swift's `==` on strings takes different code points for the same;
/// hence not `String`. The mark travels in the top bit, so that every operation carries it along.
public struct TemplateText: Sendable {
    /// Code points, with `mark` set on foreign ones.
    var units: [UInt32]

    static let mark: UInt32 = 1 << 31
    static let codePoint: UInt32 = ~mark

    init(units: [UInt32] = []) { self.units = units }

    init(_ text: String, isForeign: Bool = false) {
        let mark = isForeign ? Self.mark : 0
        units = []
        units.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars { units.append(scalar.value | mark) }
    }

    /// Number of code points.
    public var count: Int { units.count }

    /// The text without its marks.
    public var string: String { string(0..<units.count) }

    /// A part of the text, by code points; places outside of it are left out.
    public func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        for unit in units[range.clamped(to: 0..<units.count)] {
            view.append(Unicode.Scalar(unit & Self.codePoint) ?? "\u{FFFD}")
        }
        return String(view)
    }

    /// The runs of one origin, in order; together they are the text.
    public var runs: [(range: Range<Int>, isForeign: Bool)] {
        var runs: [(range: Range<Int>, isForeign: Bool)] = []
        var start = 0
        while start < units.count {
            let mark = units[start] & Self.mark
            var end = start + 1
            while end < units.count, units[end] & Self.mark == mark { end += 1 }
            runs.append((start..<end, mark != 0))
            start = end
        }
        return runs
    }

    /// Whether the text begins with another one, whatever their origins.
    public func hasPrefix(_ other: TemplateText) -> Bool {
        units.count >= other.units.count
            && zip(units, other.units).allSatisfy { $0 & Self.codePoint == $1 & Self.codePoint }
    }

    /// How many code points two texts have in common at their beginnings, whatever their origins.
    public func commonPrefix(with other: TemplateText) -> Int {
        zip(units, other.units).prefix { $0 & Self.codePoint == $1 & Self.codePoint }.count
    }

    subscript(_ range: Range<Int>) -> TemplateText { TemplateText(units: Array(units[range])) }
}

extension TemplateText: Hashable {
    public static func == (left: TemplateText, right: TemplateText) -> Bool {
        left.units.count == right.units.count && left.hasPrefix(right)
    }

    public func hash(into hasher: inout Hasher) {
        for unit in units { hasher.combine(unit & Self.codePoint) }
    }
}

extension TemplateText: Comparable {
    public static func < (left: TemplateText, right: TemplateText) -> Bool {
        left.units.lexicographicallyPrecedes(right.units) { $0 & codePoint < $1 & codePoint }
    }
}

extension TemplateText: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(value) }
}
