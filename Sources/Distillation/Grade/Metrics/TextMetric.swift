/// How alike two texts are: the metrics of OpenAI's `text_similarity` grader that need no embeddings.
///
/// OpenAI names the metrics, not their settings; docs/decisions/0029 says which were chosen. Every metric agrees with
/// its reference implementation on `Tests/References/metrics_reference.py`'s fixtures.
public enum TextMetric: String, CaseIterable, Sendable {
    /// rapidfuzz's `fuzz.ratio` / 100: twice the longest common subsequence of code points, over both lengths.
    case fuzzyMatch = "fuzzy_match"
    /// sacrebleu's `sentence_bleu` / 100: up to four-grams of 13a tokens, exponential smoothing, effective order.
    case bleu
    /// nltk's `sentence_gleu` (Wu et al. 2016) on 13a tokens: shared one- to four-grams over the longer text's.
    case gleu
    /// nltk's METEOR (Lavie and Agarwal 2007) on 13a tokens in lower case: exact and stem stages, no synonyms.
    case meteor
    /// rouge-score's F-measure of shared words, without stemming.
    case rouge1 = "rouge_1"
    /// rouge-score's F-measure of shared pairs of words.
    case rouge2 = "rouge_2"
    /// rouge-score's F-measure of shared runs of three words.
    case rouge3 = "rouge_3"
    /// rouge-score's F-measure of shared runs of four words.
    case rouge4 = "rouge_4"
    /// rouge-score's F-measure of shared runs of five words.
    case rouge5 = "rouge_5"
    /// rouge-score's F-measure of the longest common subsequence of words.
    case rougeL = "rouge_l"

    /// How alike a text is to a reference: 0 (nothing in common) … 1.
    ///
    /// Upper and lower case differ for `fuzzy_match`, `bleu` and `gleu`. Two empty texts are alike for `fuzzy_match`
    /// alone, as in the references. Memory grows with the texts' lengths, never with their product.
    public func score(_ text: String, reference: String) -> Double {
        score(text, reference: reference, pause: {})
    }

    /// The same, for texts so long that people may want to stop: `pause` is called now and then.
    ///
    /// - Throws: what `pause` throws, nothing else.
    public func score(_ text: String, reference: String, pause: () throws -> Void) rethrows -> Double {
        switch self {
        case .fuzzyMatch: try FuzzyMatch.score(text, reference, pause: pause)
        case .bleu: SentenceBLEU.score(TokenPair(text, reference, cut: WordCutting.mteval13a))
        case .gleu: SentenceGLEU.score(TokenPair(text, reference, cut: WordCutting.mteval13a))
        case .meteor: METEOR.score(text, reference)
        case .rouge1: ROUGE.score(TokenPair(text, reference, cut: WordCutting.rouge), order: 1)
        case .rouge2: ROUGE.score(TokenPair(text, reference, cut: WordCutting.rouge), order: 2)
        case .rouge3: ROUGE.score(TokenPair(text, reference, cut: WordCutting.rouge), order: 3)
        case .rouge4: ROUGE.score(TokenPair(text, reference, cut: WordCutting.rouge), order: 4)
        case .rouge5: ROUGE.score(TokenPair(text, reference, cut: WordCutting.rouge), order: 5)
        case .rougeL:
            try ROUGE.longestCommonSubsequence(TokenPair(text, reference, cut: WordCutting.rouge), pause: pause)
        }
    }

    /// Why the metric says nothing about answers to this reference, as a sentence for people; nil where it does.
    ///
    /// ROUGE's words are Latin letters and digits: a Greek or Japanese reference has none, and every answer would get 0.
    public func blindness(to reference: String) -> String? {
        switch self {
        case .fuzzyMatch, .bleu, .gleu, .meteor: return nil
        case .rouge1, .rouge2, .rouge3, .rouge4, .rouge5, .rougeL:
            guard WordCutting.rouge(reference).isEmpty, !reference.unicodeScalars.allSatisfy(\.isBlank) else {
                return nil
            }
            return "\(rawValue) reads Latin letters and digits only, and the reference has none"
        }
    }
}
