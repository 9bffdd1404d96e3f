/// rapidfuzz's normalised Indel similarity: 1 − (insertions + deletions that turn one text into the other) / (both
/// lengths), in code points.
enum FuzzyMatch {
    static func score(_ text: String, _ reference: String, pause: () throws -> Void) rethrows -> Double {
        let pair = TokenPair(text.unicodeScalars, reference.unicodeScalars)
        let length = pair.text.count + pair.reference.count
        guard length > 0 else { return 1 }
        return 2 * Double(try LongestCommonSubsequence.length(pair, pause: pause)) / Double(length)
    }
}
