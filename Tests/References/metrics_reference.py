"""Writes DistillationTests/Fixtures/metrics.json: what the reference implementations of text metrics say.

Each case has a text, a reference and the scores of both, 0 to 1:
  fuzzy_match  rapidfuzz.fuzz.ratio / 100
  bleu         sacrebleu.sentence_bleu / 100, defaults: 13a tokens, exponential smoothing, effective order
  gleu         nltk.translate.gleu_score.sentence_gleu on sacrebleu's 13a tokens
  meteor       nltk.translate.meteor_score.single_meteor_score on 13a tokens, with a WordNet that knows no word
  rouge_1 ...  rouge_score.RougeScorer, use_stemmer=False, fmeasure
`words` holds stems by nltk's PorterStemmer, `tokens` 13a tokens. Long texts are written as [part, times] runs.
"""

import argparse
import importlib.metadata
import json
import random
from pathlib import Path

import rapidfuzz.fuzz
import sacrebleu
from nltk.stem.porter import PorterStemmer
from nltk.translate.gleu_score import sentence_gleu
from nltk.translate.meteor_score import single_meteor_score
from rouge_score import rouge_scorer
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

ROUGE = {f"rouge_{n}": f"rouge{n}" for n in range(1, 6)} | {"rouge_l": "rougeL"}
SCORER = rouge_scorer.RougeScorer(list(ROUGE.values()), use_stemmer=False)
TOKENIZER = Tokenizer13a()


class NoSynonyms:
    def synsets(self, word):
        return []


def tokens(text):
    return TOKENIZER(text.rstrip()).split()


def scores(text, reference):
    rouge = SCORER.score(target=reference, prediction=text)
    return {
        "fuzzy_match": rapidfuzz.fuzz.ratio(text, reference) / 100,
        "bleu": sacrebleu.sentence_bleu(text, [reference]).score / 100,
        "gleu": sentence_gleu([tokens(reference)], tokens(text)),
        "meteor": single_meteor_score(tokens(reference), tokens(text), wordnet=NoSynonyms()),
    } | {name: float(rouge[kind].fmeasure) for name, kind in ROUGE.items()}


SENTENCES = [
    "The cat sat on the mat.",
    "Your order 10441 was shipped on 3 May 2026 and arrives within two days.",
    "Please don't hesitate to contact us; we're happy to help!",
    "It's raining, isn't it? The players' shoes are soaked, and nobody's laughing.",
    "Prices rose by 1,250.75 dollars (about 3.5 %), said Ms. O'Neill-Smith.",
    "To be, or not to be: that is the question.",
    "He hoped to be hopping happily, tying ties while the dying skies were flying by.",
    "National organizations rationalized the conditional relational operators hopefully.",
    "Entailment follows because every premise is true; contradiction is impossible.",
    "We sell paint, brushes & rollers at zava.com/shop - e.g. 10-inch rollers for $12.99.",
    "A model distilled from a larger teacher answered 82.0% of the held-out questions correctly.",
    "theology geology ideology apologies generalizations oscillators electricity triplicate formality",
]

PAIRS = [
    ("", ""), ("", "a"), ("a", ""), (" ", ""), ("\n\t", " \u00a0"), ("a", "a"), ("A", "a"), (".", "."), ("...", ". . ."),
    ("yes", "Yes."), ("no", "yes"), ("B", "The answer is B."), ("42", "The answer is 42."), ("42", "42.0"),
    ("the the the the the the the", "the cat is on the mat"),
    ("the cat is on the mat", "the the the the the the the"),
    ("a b c d e", "e d c b a"), ("a b a b a b", "b a b a b a"), ("a a a a b", "a a b b b b"),
    ("one two three", "one two three four five six seven eight nine ten"),
    ("one two three four five six seven eight nine ten", "one two three"),
    ("It is a guide to action which ensures that the military always obeys the commands of the party",
     "It is a guide to action that ensures that the military will forever heed Party commands"),
    ("he read the book because he was interested in world history",
     "he was interested in world history because he read the book"),
    ("running runners ran", "run runner runs"), ("Flies died", "fly dies"), ("generously generalized", "generous general"),
    ("&quot;A &amp; B&quot; &lt;tag&gt; &amp;lt;", "\"A & B\" <tag> <"), ("well-\nknown", "wellknown"),
    ("a<skipped>b <skipped> c", "ab c"), ("x-ray 10-20 3-D 5-", "x-ray 10 - 20 3 - D 5 -"),
    ("1,000.50 and .5 and 5. and ,5", "1,000.50 and 0.5 and 5 and 5"), ("a..b,,c.,d", "a . . b , , c . , d"),
    ("line one\nline two\r\nline three", "line one line two line three"), ("tab\tseparated\u2003words", "tab separated words"),
    ("snake_case $5 #tag @me 50% a*b ~x ^y |z", "snake case 5 tag me 50 a b x y z"),
    ("Straße", "STRASSE"), ("ÀÉÎÕÜ", "àéîõü"), ("İstanbul ışık", "istanbul isik"), ("caf\u00e9", "cafe\u0301"),
    ("café au lait", "cafe au lait"), ("ΟΔΥΣΣΕΥΣ ΚΑΙ ΣΟΦΟΣ", "οδυσσευς και σοφος"), ("ΑΣ'. Σ ΣΣ", "ας'. σ σς"),
    ("\u212aelvin 300\u212a", "kelvin 300k"), ("Привет, мир!", "привет мир"), ("Москва — столица России.", "Столица России — Москва."),
    ("我喜欢吃苹果。", "我爱吃苹果。"), ("東京は日本の首都です", "日本の首都は東京です"), ("안녕하세요 세계", "안녕 세계"),
    ("مرحبا بالعالم", "مرحبا يا عالم"), ("שלום עולם", "שלום לעולם"), ("नमस्ते दुनिया", "नमस्ते संसार"), ("สวัสดีชาวโลก", "สวัสดีโลก"),
    ("🙂", "🙂"), ("🙂", "🙃"), ("👩‍👩‍👧‍👦 family", "👨‍👩‍👧 family"), ("🇩🇪🇫🇷", "🇫🇷🇩🇪"), ("👍🏽 great", "👍 great"), ("a🙂b🙂c", "a b c"),
    ("\u200bzero\u200bwidth", "zero width"), ("\ufeffbom", "bom"), ("\x1cfile\x1dgroup\x1e", "file group"), ("x\x00y", "xy"),
    ("x\u0085y\u2028z", "x y z"), ("\u1e9e ﬁne ǅ", "ß fine ǆ"), ("𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "Unicode"), ("٣٤٥", "345"),
    ("{\"intent\": \"refund\", \"n\": 2}", "{\"intent\":\"refund\",\"n\":2}"), ("print('hi')", "print(\"hi\")"),
    ("https://example.org/a?b=c&d=e", "example.org/a?b=c"), ("a" * 70, "a" * 70 + "b"), ("ab" * 40, "ba" * 40),
    ("x" + "abcdefgh" * 9, "abcdefgh" * 9 + "y"), ("yyyyyying yyyed", "yyyyyy yyy"),
]

LONG = [
    ([["the quick brown fox jumps over the lazy dog ", 200]], [["the lazy dog jumps over the quick brown fox ", 190]]),
    ([["a b ", 700], ["c", 1]], [["b a ", 650], ["d", 1]]),
    ([["word ", 3000]], [["word ", 2500]]),
    ([["x", 5000], ["y", 10]], [["x", 4000], ["yx", 500]]),
    ([["🙂 smile ", 400]], [["smile 🙂 ", 410], ["end", 1]]),
    ([["我喜欢吃苹果。", 300]], [["我爱吃苹果，", 310]]),
]


def changed(sentence, rng):
    words = sentence.split()
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(words))
        match rng.randrange(6):
            case 0 if len(words) > 1: words.pop(place)
            case 1: words.insert(place, rng.choice(words))
            case 2: words[place] = rng.choice(rng.choice(SENTENCES).split())
            case 3: words[place] = words[place].upper()
            case 4: words[place] = PorterStemmer().stem(words[place]) + rng.choice(["ing", "ed", "s", "ly", "", "."])
            case 5:
                other = rng.randrange(len(words))
                words[place], words[other] = words[other], words[place]
    return " ".join(words)


def spread(text):
    return text if isinstance(text, str) else "".join(part * times for part, times in text)


def stems(rng):
    roots = """relate condition valence digit conform radical differ vile analog vietnam predict operate feudal decisive
        hope callous formal sensitive triplicate electric good revive allow infer airline gyroscope adjust defense irritate
        replace depend adopt homolog commune active angular effect bowdler probate rate cease control roll agree bleed
        plaster motor sing conflate trouble size hop tan fall hiss fizz fail file happy sky fly enjoy spy die tie news
        geology philo archaeo theo yes toy syzygy by ivy oats trees ab use eye owe x of as it add egg""".split()
    endings = ["", "s", "es", "ed", "ing", "ly", "ness", "fulness", "ational", "tional", "ization", "izer", "ation",
               "alism", "iveness", "ousness", "aliti", "iviti", "biliti", "fully", "logi", "icate", "ative", "alize",
               "ical", "ful", "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion",
               "ism", "ate", "ous", "ive", "ize", "ied", "ies", "ying", "ll", "eed", "sses", "alli", "bli", "eli"]
    words = {root + ending for root in roots for ending in endings if rng.random() < 0.16}
    words |= {"skies", "dying", "lying", "tying", "news", "innings", "outings", "cannings", "howe", "proceed", "exceed",
              "succeed", "yyyying", "naïveness", "größing", "œuvres", "елками", "as", "is", "s", "", "ies", "ied", "eed",
              "ing", "ssss", "feed", "agreed", "logi", "geologi", "alli", "alalli", "ionion", "ll", "controll"}
    return sorted(words)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "DistillationTests" / "Fixtures")
    options = parser.parse_args()
    rng = random.Random(29)
    pairs = list(PAIRS)
    for sentence in SENTENCES:
        pairs.append((sentence, sentence))
        pairs += [(changed(sentence, rng), sentence) for _ in range(6)]
    pairs += [(rng.choice(SENTENCES), rng.choice(SENTENCES)) for _ in range(12)]
    pairs += LONG
    cases = []
    for text, reference in pairs:
        found = scores(spread(text), spread(reference))
        assert all(-1e-12 <= score <= 1 + 1e-12 for score in found.values()), (text, reference, found)
        cases.append({"text": text, "reference": reference, "scores": found})
    stemmer = PorterStemmer()
    fixture = {
        "versions": {
            name: importlib.metadata.version(name) for name in ("rapidfuzz", "sacrebleu", "nltk", "rouge_score")
        },
        "cases": cases,
        "stems": {word: stemmer.stem(word) for word in stems(rng)},
        "tokens": [{"text": text, "tokens": tokens(text)} for pair in PAIRS for text in pair if len(text) < 200],
    }
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "metrics.json"
    path.write_text(json.dumps(fixture, ensure_ascii=True, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {len(cases)} cases, {len(fixture['stems'])} stems, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
