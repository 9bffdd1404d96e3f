/// Porter's stemmer (1980) with the extensions that nltk adds by default, on words in lower case.
///
/// Letters beyond a … z count as consonants, as in nltk.
enum PorterStemmer {
    typealias Word = WordCutting.Word

    static func stem(_ word: Word) -> Word {
        if let irregular = irregular[word] { return irregular }
        guard word.count > 2 else { return word }
        return finalLetters(
            suffixes4(suffixes3(suffixes2(finalY(pastAndGerund(plural(word)))))))
    }

    /// Words that the rules would get wrong.
    private static let irregular: [Word: Word] = {
        let forms = [
            "sky": ["sky", "skies"], "die": ["dying"], "lie": ["lying"], "tie": ["tying"], "news": ["news"],
            "inning": ["innings", "inning"], "outing": ["outings", "outing"], "canning": ["cannings", "canning"],
            "howe": ["howe"], "proceed": ["proceed"], "exceed": ["exceed"], "succeed": ["succeed"],
        ]
        var stems: [Word: Word] = [:]
        for (stem, words) in forms {
            for word in words { stems[Array(word.unicodeScalars)] = Array(stem.unicodeScalars) }
        }
        return stems
    }()

    // MARK: Steps, in Porter's order

    private static func plural(_ word: Word) -> Word {
        if word.ends("ies") { return word.replacing(3, by: word.count == 4 ? "ie" : "i") }
        if word.ends("sses") { return word.replacing(2, by: "") }
        if word.ends("ss") { return word }
        return word.ends("s") ? word.replacing(1, by: "") : word
    }

    private static func pastAndGerund(_ word: Word) -> Word {
        if word.ends("ied") { return word.replacing(3, by: word.count == 4 ? "ie" : "i") }
        if word.ends("eed") { return word.dropping(3).measure > 0 ? word.replacing(1, by: "") : word }
        let suffix = word.ends("ed") ? 2 : word.ends("ing") ? 3 : 0
        let stem = word.dropping(suffix)
        guard suffix > 0, stem.hasVowel, let last = stem.last else { return word }
        if stem.ends("at") || stem.ends("bl") || stem.ends("iz") { return stem + ["e"] }
        if stem.endsInDoubleConsonant { return last == "l" || last == "s" || last == "z" ? stem : stem.dropping(1) }
        return stem.measure == 1 && stem.endsInShortSyllable ? stem + ["e"] : stem
    }

    private static func finalY(_ word: Word) -> Word {
        guard word.ends("y"), word.count > 2, word.dropping(1).isConsonant.last == true else { return word }
        return word.replacing(1, by: "i")
    }

    private static func suffixes2(_ word: Word) -> Word {
        if word.ends("alli"), word.dropping(4).measure > 0 { return suffixes2(word.replacing(4, by: "al")) }
        if let rule = rules2.first(where: { word.ends($0.suffix) }) { return word.applying(rule, measure: 1) }
        // The l of "logi" counts as the stem's, so that short stems such as "geo" work.
        return word.ends("logi") && word.dropping(3).measure > 0 ? word.replacing(1, by: "") : word
    }

    private static func suffixes3(_ word: Word) -> Word {
        rules3.first(where: { word.ends($0.suffix) }).map { word.applying($0, measure: 1) } ?? word
    }

    private static func suffixes4(_ word: Word) -> Word {
        guard let rule = rules4.first(where: { word.ends($0.suffix) }) else { return word }
        if rule.suffix == "ion" {
            guard let last = word.dropping(3).last, last == "s" || last == "t" else { return word }
        }
        return word.applying(rule, measure: 2)
    }

    private static func finalLetters(_ word: Word) -> Word {
        var word = word
        if word.ends("e") {
            let stem = word.dropping(1)
            let measure = stem.measure
            if measure > 1 || (measure == 1 && !stem.endsInShortSyllable) { word = stem }
        }
        return word.ends("ll") && word.dropping(1).measure > 1 ? word.dropping(1) : word
    }

    // MARK: Rules: the first suffix that fits decides, also where its condition does not hold

    fileprivate struct Rule {
        let suffix: String
        let replacement: String
    }

    private static func rules(_ pairs: KeyValuePairs<String, String>) -> [Rule] {
        pairs.map { Rule(suffix: $0.key, replacement: $0.value) }
    }

    private static let rules2 = rules([
        "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "bli": "ble", "alli": "al",
        "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator": "ate", "alism": "al",
        "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble",
        "fulli": "ful",
    ])
    private static let rules3 = rules([
        "icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": "",
    ])
    private static let rules4 = rules([
        "al": "", "ance": "", "ence": "", "er": "", "ic": "", "able": "", "ible": "", "ant": "", "ement": "",
        "ment": "", "ent": "", "ion": "", "ou": "", "ism": "", "ate": "", "iti": "", "ous": "", "ive": "", "ize": "",
    ])
}

extension WordCutting.Word {
    fileprivate func ends(_ suffix: String) -> Bool {
        reversed().starts(with: suffix.unicodeScalars.reversed())
    }

    fileprivate func dropping(_ count: Int) -> Self { Array(dropLast(count)) }

    fileprivate func replacing(_ count: Int, by suffix: String) -> Self { dropLast(count) + suffix.unicodeScalars }

    fileprivate func applying(_ rule: PorterStemmer.Rule, measure: Int) -> Self {
        let length = rule.suffix.unicodeScalars.count
        return dropping(length).measure >= measure ? replacing(length, by: rule.replacement) : self
    }

    /// For each letter; y is a consonant where no consonant stands before it.
    fileprivate var isConsonant: [Bool] {
        var flags: [Bool] = []
        flags.reserveCapacity(count)
        for letter in self {
            switch letter {
            case "a", "e", "i", "o", "u": flags.append(false)
            case "y": flags.append(flags.last.map { !$0 } ?? true)
            default: flags.append(true)
            }
        }
        return flags
    }

    /// Porter's m: how often a consonant follows a vowel.
    fileprivate var measure: Int {
        let flags = isConsonant
        return zip(flags, flags.dropFirst()).count { !$0 && $1 }
    }

    fileprivate var hasVowel: Bool { isConsonant.contains(false) }

    fileprivate var endsInDoubleConsonant: Bool {
        count >= 2 && self[count - 1] == self[count - 2] && isConsonant.last == true
    }

    /// Porter's *o: consonant, vowel, consonant other than w, x, y; or, in nltk, just vowel and consonant.
    fileprivate var endsInShortSyllable: Bool {
        let flags = isConsonant
        guard let last, flags.last == true, flags.dropLast().last == false else { return false }
        return count == 2 || (flags.dropLast(2).last == true && last != "w" && last != "x" && last != "y")
    }
}
