/// Two texts as numbered tokens: equal words have equal numbers.
struct TokenPair {
    let text: [Int32]
    let reference: [Int32]

    init(_ text: String, _ reference: String, cut: (String) -> [WordCutting.Word]) {
        self.init(cut(text), cut(reference))
    }

    init<Word: Hashable>(_ text: some Sequence<Word>, _ reference: some Sequence<Word>) {
        var numbers: [Word: Int32] = [:]
        func number(_ word: Word) -> Int32 {
            if let number = numbers[word] { return number }
            let number = Int32(truncatingIfNeeded: numbers.count)
            numbers[word] = number
            return number
        }
        self.text = text.map(number)
        self.reference = reference.map(number)
    }

    /// For each order from 1: how many n-grams both share (the smaller of the counts), and how many each has.
    func nGrams(upTo order: Int) -> [NGramOverlap] {
        var result: [NGramOverlap] = []
        var left = text
        var right = reference
        for n in 1...max(1, order) {
            if n > 1 {
                // An n-gram is the (n-1)-gram that begins it and its last token: numbered anew, it is one number.
                let pair = TokenPair(
                    Self.extended(left, by: text, order: n), Self.extended(right, by: reference, order: n))
                left = pair.text
                right = pair.reference
            }
            var counts: [Int32: Int] = [:]
            for gram in right { counts[gram, default: 0] += 1 }
            var shared = 0
            for gram in left {
                guard let count = counts[gram], count > 0 else { continue }
                counts[gram] = count - 1
                shared += 1
            }
            result.append(NGramOverlap(shared: shared, text: left.count, reference: right.count))
        }
        return result
    }

    private static func extended(_ grams: [Int32], by tokens: [Int32], order: Int) -> [UInt64] {
        zip(grams, tokens.dropFirst(order - 1)).map { gram, token in
            UInt64(UInt32(bitPattern: gram)) << 32 | UInt64(UInt32(bitPattern: token))
        }
    }
}

/// How many n-grams of one order two texts have and share.
struct NGramOverlap {
    let shared: Int
    let text: Int
    let reference: Int
}
