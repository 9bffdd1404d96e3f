/// GLEU (Wu et al. 2016): the smaller of precision and recall over all n-grams of orders 1 to 4.
enum SentenceGLEU {
    static func score(_ pair: TokenPair) -> Double {
        var shared = 0
        var text = 0
        var reference = 0
        for order in pair.nGrams(upTo: 4) {
            shared += order.shared
            text += order.text
            reference += order.reference
        }
        let longer = max(text, reference)
        return longer > 0 ? Double(shared) / Double(longer) : 0
    }
}
