import Distillation
import Testing

@Suite struct BudgetTests {
    @Test(arguments: [
        ("5", 5, Budget.Unit.dollars), ("$5", 5, .dollars), ("0.50usd", 0.5, .dollars),
        ("2_000_000tokens", 2_000_000, .tokens), ("1 token", 1, .tokens), ("20min", 1_200, .seconds),
        ("90s", 90, .seconds), ("1.5h", 5_400, .seconds),
    ]) func budgetsAreReadAsPeopleWriteThem(_ text: String, _ amount: Double, _ unit: Budget.Unit) {
        #expect(Budget(text) == Budget(amount, unit))
    }

    @Test(arguments: [
        "", "0", "-1", "five", "5 euros", "$5min", "1e3", "nan", "inf", ".5", "5.", "1.2.3", "tokens", "0tokens",
    ])
    func whatIsNoBudgetIsRefused(_ text: String) {
        #expect(Budget(text) == nil)
    }

    @Test func examplesAreBudgets() {
        for example in ["5", "2_000_000tokens", "20min", "90s", "1h"] {
            #expect(Budget.examples.contains(example))
            #expect(Budget(example) != nil)
        }
    }

    @Test func amountsAreReadable() throws {
        #expect("\(try #require(Budget("5")))" == "$5.00")
        #expect("\(try #require(Budget("0.0001")))" == "$0.000100")
        #expect("\(try #require(Budget("1500000tokens")))" == "1,500,000 tokens")
        #expect("\(try #require(Budget("20min")))" == "20 min")
        #expect("\(try #require(Budget("90s")))" == "90 s")
    }
}

@Suite struct NearLeaksTests {
    private func count(_ heldOut: [String], _ trained: [String], similarity: Double = 0.9) -> Int {
        NearLeaks(heldOut: heldOut, trained: trained, similarity: similarity).count
    }

    @Test func nearlyTheSameIsCountedAndShown() {
        let trained = ["Where is my order number 10441, please?", "Do you sell white paint for kitchens?"]
        let leaks = NearLeaks(
            heldOut: ["where is my order  number 10441, please?", "Where is my order number 10442, please?", "Hi"],
            trained: trained, similarity: 0.7)
        #expect(leaks.total == 3)
        #expect(leaks.count == 2)
        #expect(leaks.examples.first?.heldOut == "Where is my order number 10442, please?")
        #expect(leaks.examples.first?.trained == trained[0])
        #expect(leaks.examples.last?.similarity == 1)
    }

    @Test func atOneOnlyCaseAndBlanksMayDiffer() {
        let trained = ["Where is my order number 10441, please?"]
        #expect(count(["Where is my order number 10442, please?"], trained, similarity: 1) == 0)
        #expect(count(["WHERE is my order number 10441,  please?"], trained, similarity: 1) == 1)
    }

    @Test func nothingIsFoundInNothing() {
        #expect(count([], ["a"]) == 0)
        #expect(count(["a"], []) == 0)
    }

    /// All pairs, compared one by one, on sentences of a few patterns.
    @Test func whatIsFoundIsWhatComparingAllPairsFinds() {
        var random = RandomStream(seed: 11)
        let words = "order paint refund store ladder tiles delivery invoice garden kitchen hammer bucket".split(
            separator: " ")
        func sentence() -> String {
            (0..<8).map { _ in String(words[random.below(words.count)]) }.joined(separator: " ")
        }
        let trained = (0..<200).map { _ in sentence() }
        // Half of them differ from a trained one by a word, or by none.
        let heldOut = (0..<200).map { index -> String in
            guard index % 2 == 0 else { return sentence() }
            var parts = trained[index].split(separator: " ")
            parts[random.below(8)] = words[random.below(words.count)]
            return parts.joined(separator: " ")
        }
        let expected = heldOut.count { text in trained.contains { NearDuplicates.similarity(text, $0) >= 0.7 } }
        #expect(count(heldOut, trained, similarity: 0.7) == expected)
        #expect(expected > 60)
    }

    @Test func thousandsOfTextsOfOnePatternAreQuick() {
        // Compared pair by pair these were 36 million comparisons; bounded they are 64 for each.
        let trained = (0..<6_000).map {
            "Where is my order \($0), it should have been here on Monday already, please look"
        }
        let heldOut = (0..<6_000).map {
            "Where is my order \($0 + 6_000), it should have been here on Monday already, please look"
        }
        #expect(count(heldOut, trained, similarity: 0.8) == 6_000)
    }
}
