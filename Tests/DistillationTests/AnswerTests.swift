import Tables
import Testing

@testable import Distillation

@Suite struct AnswerLabelTests {
    private func label(_ answer: String, _ labels: [String]) throws -> String? {
        try AnswerLabels(labels).index(in: answer).map { labels[$0] }
    }

    @Test(
        arguments: [
            ("entailment", "entailment"), ("Entailment.", "entailment"), ("**NEUTRAL**", "neutral"),
            ("\"contradiction\"", "contradiction"), ("Answer: neutral", "neutral"),
            ("The answer is entailment.", "entailment"), ("The label is: Contradiction", "contradiction"),
            ("Final answer: **entailment**", "entailment"), ("{\"label\": \"neutral\"}", "neutral"),
            ("{\"reason\": \"no contradiction\", \"answer_choice\": \"entailment\"}", "entailment"),
            ("\\boxed{\\text{neutral}}", "neutral"), ("Answer:\n\nneutral", "neutral"),
            ("It could be a contradiction at first. But it supports it, so entailment.", "entailment"),
            ("It is neither entailment nor neutral, it is a contradiction.", "contradiction"),
            ("Neutral, because the premise does not rule out a contradiction.", "neutral"),
            ("entailment\n\nExplanation: neutral would need more.", "entailment"),
            ("<think>Answer: neutral</think>entailment", "entailment"),
            ("So it's entailment. It's not a contradiction or neutral.", "entailment"),
            ("The answer is not entailment. The answer is neutral.", "neutral"),
            ("Answer: neutral. The other answer is wrong.", "neutral"),
        ]) func theLabelThatAnAnswerNamesIsRead(answer: String, expected: String) throws
    {
        #expect(try label(answer, ["entailment", "neutral", "contradiction"]) == expected)
    }

    @Test(
        arguments: [
            "", "I cannot say.", "It is entailment or neutral.", "It is not entailment.", "This isn't a contradiction.",
            "non-entailment", "contradictions",
        ]) func answersThatNameNoneOrSeveralAreNotRead(answer: String) throws
    {
        #expect(try label(answer, ["entailment", "neutral", "contradiction"]) == nil)
    }

    @Test(
        arguments: [
            ("B", "B"), ("b", "B"), ("(B)", "B"), ("B) water", "B"), ("B. water", "B"), ("Answer: B", "B"),
            ("The answer is (B).", "B"), ("The answer is B) water", "B"), ("The correct answer is **C**", "C"),
            ("A dog barks.", nil), ("I think A is right", "A"), ("A: water", "A"), ("The answer is a fish.", nil),
            ("\\boxed{D}", "D"), ("Option A is wrong. Option B fits.", "B"), ("The answer is A", "A"),
            ("Either A or B.", nil), ("I'd pick B because it floats", "B"), ("Vitamin B12 is good", nil),
            ("A) no\nB) no\nC) yes\nSo the answer: C", "C"), ("Not B.", nil), ("答案是B。", "B"),
        ] as [(String, String?)]) func lettersAreReadAsOptionsAndNotAsWords(answer: String, expected: String?) throws
    {
        #expect(try label(answer, ["A", "B", "C", "D", "E"]) == expected)
    }

    @Test func blanksAndDashesInLabelsDoNotMatterButLongerLabelsWin() throws {
        let labels = ["card_arrival", "top_up", "top_up_failed"]
        #expect(try label("card arrival", labels) == "card_arrival")
        #expect(try label("Intent: Top-up failed", labels) == "top_up_failed")
        #expect(try label("top_up", labels) == "top_up")
        #expect(try label("top_up_x", labels) == nil)
    }

    @Test func numbersAreLabelsOnlyWhenTheyStandAlone() throws {
        let labels = ["1", "2", "3", "4", "5"]
        #expect(try label("Score: 4", labels) == "4")
        for answer in ["10", "1.5", "-1", "4/5"] { #expect(try label(answer, labels) == nil, "\(answer)") }
    }

    @Test func scriptsWithoutBlanksAreRead() throws {
        #expect(try label("这是正面的评价", ["正面", "负面"]) == "正面")
        #expect(try label("正面不是负面", ["正面", "负面"]) == nil)
    }

    @Test(arguments: [[], [""], ["*"], ["a", "A"], ["a b", "a_b"]]) func labelsMustDiffer(labels: [String]) {
        #expect(throws: AnswerLabels.Mistake.self) { try AnswerLabels(labels) }
    }
}

@Suite struct AnswerNumberTests {
    @Test(
        arguments: [
            ("so 1,200 in all", 1_200), ("none", nil), ("-5", -5), ("−5", -5), ("3-5", 5), ("it is -3.50.", -3.5),
            ("$1,234,567.89", 1_234_567.89), ("-$5", -5), ("$-5", -5), ("5%", 5), ("5 km", 5), ("5km", 5),
            ("3/4", 0.75), ("1 1/2 cups", 1.5), ("½", 0.5), ("1½", 1.5), ("8/4", 2), ("3/4/2026", 2_026), ("1/0", 0),
            ("\\frac{3}{4}", 0.75), ("\\boxed{1{,}234}", 1_234), ("-\\frac{1}{2}", -0.5), ("vitamin B12", nil),
            ("8, the 2nd largest", 8), ("1,2,3", 3), ("1,23", 23), ("2e-3", 0.002), ("1e999", nil),
            ("version 1.2.3", nil),
            ("1’200", 1_200), ("1\u{202F}200", 1_200), ("٣٤", 34), ("１２", 12), ("99999999999999999999", 1e20),
            ("答案是42。", 42), (".5", 0.5), ("1..2", 2), ("7th", nil), ("", nil), ("a½", nil),
        ] as [(String, Double?)]) func theLastNumberIsReadAsPeopleWriteIt(text: String, expected: Double?)
    {
        #expect(AnswerNumber.last(in: text)?.double == expected)
    }

    @Test func wholeNumbersStayExact() {
        #expect(AnswerNumber.last(in: "9223372036854775807") == .integer(9_223_372_036_854_775_807))
    }
}

@Suite struct SentenceTests {
    @Test(
        arguments: [
            ("It is on its way. Dr. Lee has it at 3.5 kg!", ["It is on its way.", "Dr. Lee has it at 3.5 kg!"]),
            ("Hi! How are you?\n\n- one\n- two\n", ["Hi!", "How are you?", "- one", "- two"]),
            ("我喜欢。你呢？好", ["我喜欢。", "你呢？", "好"]),
            (
                "Wait... what? e.g. Paris. J. Smith (see No. 5). \"Done.\" He left.",
                ["Wait... what?", "e.g. Paris.", "J. Smith (see No. 5).", "\"Done.\"", "He left."]
            ),
            ("", []), (" ... ", []), ("end", ["end"]),
        ]) func sentencesEndWherePeopleEndThem(text: String, expected: [String])
    {
        #expect(Sentences.split(text) == expected)
    }
}

@Suite struct NamedEntityTests {
    @Test(
        arguments: [
            ("Order 10441 left Berlin on 3 May 2026.", ["10441", "Berlin", "3 May 2026"]),
            ("The Eiffel Tower, located in Paris, was built in 1889.", ["Eiffel Tower", "Paris", "1889"]),
            ("FearNet is a model. It beats iCaRL on CIFAR-100 by 3.5%.", ["FearNet", "iCaRL", "CIFAR-100", "3.5%"]),
            (
                "Bank of England's rate rose. Merkel met Macron on 2026-05-03.",
                ["Bank of England", "Macron", "2026-05-03"]
            ),
            ("Anna and Bob met. Anna left, says Anna.", ["Anna", "Bob"]), ("nothing here", []), ("I may. May I?", []),
        ]) func numbersDatesAndNamesAreFound(text: String, expected: [String])
    {
        #expect(NamedEntities.all(in: text).map(\.text) == expected)
    }

    @Test func entitiesAreCoveredInOtherWriting() {
        let source = NamedEntities.all(in: "On 3 May 2026 Ann Lee paid $1,250.00 in Rome.")
        #expect(source.count == 4)
        func covered(_ text: String) -> [String] { NamedEntities.covered(source, by: text).map(\.text) }
        #expect(covered("rome's ann lee: 1250 dollars, 2026-05-03").count == 4)
        #expect(covered("Lee, in May 2026, and 12,500 in Romeo") == [])
    }
}

@Suite struct AnswerFuzzTests {
    @Test func noTextStopsTheReaders() throws {
        let pieces = [
            "A", "b", " ", "\n", ".", ",", "-", "−", "/", "1", "23", "000", "½", "٣", "e", "\\frac{", "}", "{", "$",
            "%",
            "the", "answer", "is", ":", "not", "<", "</think>", "May", "2026", "👩‍👩‍👧", "e\u{301}", "东", "Σ", "'", "st",
            "_", "(", "\u{0}",
        ]
        let labels = try AnswerLabels(["A", "b 1", "the_answer", "东", "23"])
        var random = RandomStream(seed: 29)
        for _ in 0..<1_000 {
            let text = (0..<random.below(24)).map { _ in pieces[random.below(pieces.count)] }.joined()
            let other = (0..<random.below(12)).map { _ in pieces[random.below(pieces.count)] }.joined()
            _ = labels.index(in: text)
            _ = AnswerNumber.all(in: text)
            let entities = NamedEntities.all(in: text)
            // A text names what it names.
            #expect(NamedEntities.covered(entities, by: text).count == entities.count, "\(text.debugDescription)")
            for metric in TextMetric.allCases {
                #expect((0...1).contains(metric.score(text, reference: other)), "\(metric) \(text.debugDescription)")
            }
        }
    }
}
