/// ROUGE (Lin 2004), the F-measure with precision and recall of equal weight.
enum ROUGE {
    /// ROUGE-N: n-grams of one order that both texts share.
    static func score(_ pair: TokenPair, order: Int) -> Double {
        guard let overlap = pair.nGrams(upTo: order).last else { return 0 }
        return fMeasure(shared: overlap.shared, overlap.text, overlap.reference)
    }

    /// ROUGE-L: the longest common subsequence of words, over the texts as wholes.
    static func longestCommonSubsequence(_ pair: TokenPair, pause: () throws -> Void) rethrows -> Double {
        let shared = try LongestCommonSubsequence.length(pair, pause: pause)
        return fMeasure(shared: shared, pair.text.count, pair.reference.count)
    }

    private static func fMeasure(shared: Int, _ text: Int, _ reference: Int) -> Double {
        guard shared > 0 else { return 0 }
        let precision = Double(shared) / Double(text)
        let recall = Double(shared) / Double(reference)
        return 2 * precision * recall / (precision + recall)
    }
}
