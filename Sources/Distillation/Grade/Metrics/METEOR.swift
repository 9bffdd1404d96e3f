/// METEOR (Lavie and Agarwal 2007) with the stages "exact" and "stem": α = 0.9, β = 3, γ = 0.5.
enum METEOR {
    static func score(_ text: String, _ reference: String) -> Double {
        let words = WordCutting.mteval13a(text).map(WordCutting.lowered)
        let wanted = WordCutting.mteval13a(reference).map(WordCutting.lowered)
        let matches = aligned(words, wanted)
        let count = matches.count { $0 != nil }
        guard count > 0 else { return 0 }
        let precision = Double(count) / Double(words.count)
        let recall = Double(count) / Double(wanted.count)
        let mean = precision * recall / (0.9 * precision + 0.1 * recall)
        let fragmentation = Double(chunks(matches)) / Double(count)
        return (1 - 0.5 * fragmentation * fragmentation * fragmentation) * mean
    }

    /// For each word, the place of the word of the reference that it is matched with.
    ///
    /// Each stage goes from the last word to the first and takes the last place that is free, as nltk does.
    private static func aligned(_ words: [WordCutting.Word], _ reference: [WordCutting.Word]) -> [Int?] {
        var matches = [Int?](repeating: nil, count: words.count)
        var isTaken = [Bool](repeating: false, count: reference.count)
        func match(_ form: (WordCutting.Word) -> WordCutting.Word) {
            var free: [WordCutting.Word: [Int]] = [:]
            for (place, word) in reference.enumerated() where !isTaken[place] {
                free[form(word), default: []].append(place)
            }
            guard !free.isEmpty else { return }
            for index in words.indices.reversed() where matches[index] == nil {
                guard let place = free[form(words[index])]?.popLast() else { continue }
                matches[index] = place
                isTaken[place] = true
            }
        }
        match { $0 }
        match(PorterStemmer.stem)
        return matches
    }

    /// How many runs of neighbours, in the same order in both texts, the matches fall into.
    private static func chunks(_ matches: [Int?]) -> Int {
        var count = 0
        var previous: Int?
        for match in matches {
            if let match, previous.map({ $0 + 1 }) != match { count += 1 }
            previous = match
        }
        return count
    }
}
