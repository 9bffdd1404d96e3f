internal import Foundation

/// BLEU (Papineni et al. 2002) of one sentence: n-grams of orders 1 to 4, NIST's exponential smoothing (Chen and
/// Cherry 2014, method 3), only the orders that the text is long enough for.
enum SentenceBLEU {
    static func score(_ pair: TokenPair) -> Double {
        let orders = pair.nGrams(upTo: 4).prefix { $0.text > 0 }
        guard orders.contains(where: { $0.shared > 0 }) else { return 0 }
        var smoothing = 1.0
        var logarithms = 0.0
        for order in orders {
            if order.shared == 0 { smoothing *= 2 }
            let matches = order.shared == 0 ? 1 / smoothing : Double(order.shared)
            logarithms += log(matches / Double(order.text))
        }
        let length = Double(pair.text.count)
        let reference = Double(pair.reference.count)
        let brevity = length < reference ? exp(1 - reference / length) : 1
        return min(1, brevity * exp(logarithms / Double(orders.count)))
    }
}
