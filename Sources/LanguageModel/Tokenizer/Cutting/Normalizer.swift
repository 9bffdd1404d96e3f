internal import Foundation

/// One change of the text before it is cut.
enum Normalizer: Sendable {
    case canonical(composed: Bool)
    case compatible(composed: Bool)
    case lowercase
    case replace([UInt8], by: [UInt8])
    case replaceMatches(PieceExpression, by: [UInt8])
    /// Put before a section, unless it only goes on with another.
    case prepend([UInt8])
    case strip(left: Bool, right: Bool)
    case bert(BertText)

    /// Changes a section of the text.
    /// - Parameter goesOn: whether the section is the rest of one that was cut, not the beginning of one.
    func apply(_ text: inout [UInt8], goesOn: Bool) {
        switch self {
        case .canonical(let composed):
            // What lies below the first combining mark is in both forms what it is, if it is ASCII for the second.
            if text.allSatisfy({ $0 < (composed ? 0xCC : 0x80) }) { return }
            let string = String(decoding: text, as: UTF8.self)
            text = Array(
                (composed
                    ? string.precomposedStringWithCanonicalMapping
                    : string.decomposedStringWithCanonicalMapping).utf8)
        case .compatible(let composed):
            if text.allSatisfy({ $0 < 0x80 }) { return }
            let string = String(decoding: text, as: UTF8.self)
            text = Array(
                (composed
                    ? string.precomposedStringWithCompatibilityMapping
                    : string.decomposedStringWithCompatibilityMapping).utf8)
        case .lowercase:
            var view = String.UnicodeScalarView()
            for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
                view.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
            text = Array(String(view).utf8)
        case .replace(let old, let new): text = Self.replacing(old, by: new, in: text)
        case .replaceMatches(let expression, let new):
            var result: [UInt8] = []
            for stretch in expression.stretches(of: text, in: 0..<text.count) {
                if stretch.isMatch { result += new } else { result += text[stretch.range] }
            }
            text = result
        case .prepend(let prefix):
            if !goesOn, !text.isEmpty { text = prefix + text }
        case .strip(let left, let right):
            var slice = text[...]
            while left, !slice.isEmpty, UTF8Text.isSpace(slice, slice.startIndex) {
                slice = slice.dropFirst(UTF8Text.scalar(slice, slice.startIndex).length)
            }
            while right, !slice.isEmpty {
                let last = UTF8Text.start(before: slice.endIndex, in: slice)
                guard UTF8Text.isSpace(slice, last) else { break }
                slice = slice[..<last]
            }
            text = Array(slice)
        case .bert(let rules): text = rules.normalized(text)
        }
    }

    /// With every occurrence of a text replaced.
    static func replacing(_ old: [UInt8], by new: [UInt8], in text: [UInt8]) -> [UInt8] {
        guard let first = old.first, text.contains(first) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 2)
        var at = 0
        while at < text.count {
            if text[at] == first, at + old.count <= text.count, text[at..<at + old.count].elementsEqual(old) {
                result += new
                at += old.count
            } else {
                result.append(text[at])
                at += 1
            }
        }
        return result
    }
}
