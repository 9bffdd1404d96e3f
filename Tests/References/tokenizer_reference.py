"""Token ids of nasty texts and of whole files → tokenizer-nasty.json, tokenizer-files.json.

How the tokenizer is built, and why not by `transformers`, says reference_common.py: with the `tokenizers` library
from the GGUF's own tokens and merges, the pre-tokenizer of SmolLM2's tokenizer.json
(Sequence[Digits(individual_digits=true), ByteLevel(add_prefix_space=false, use_regex=true)]), and the control tokens
as special added tokens.

tokenizer-nasty.json, for each text: `ids` with special tokens parsed, `ids_plain` with special tokens taken for
ordinary text, `decoded` = decode(ids, skip_special_tokens=false). `decoded` differs from `text` only where the text
has a byte that the vocabulary lacks (listed as `missing_bytes`): such bytes are dropped. `partial` are id lists that
end in the middle of a character or are otherwise not valid UTF-8, with their decoding (one U+FFFD for each maximal
ill-formed part, as Unicode recommends).

tokenizer-files.json: every .csv, .json and .jsonl file of the data sets as ONE text (UTF-8, line ends kept), plain:
the number of ids and the SHA-256 of the ids as little-endian UInt32.
"""

import hashlib

import numpy

from reference_common import arguments, encode, tokenizers_of, versions, write

SPACES = ["a" + " " * count + "b" for count in (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 127, 300)]

TEXTS = SPACES + [
    "",
    " ",
    "  ",
    "   ",
    "\n",
    "\n\n",
    "\n\n\n\n\n",
    "\t",
    "\t\t\t",
    "\r\n",
    "\r",
    "a\r\nb\nc\rd\n\re\r\n\r\n f\n \n  g",
    "trailing space ",
    "trailing spaces    ",
    " leading space",
    "     leading spaces",
    "line \n next",
    "line  \n  next",
    "tab\tbetween\t\ttabs \t mixed\t ",
    "\x0b\x0c vertical \x0b form \x0c feed",
    # contractions, as GPT-2's expression has them: lower case only, and only this apostrophe
    "I'm you're he's we'd they'll I've don't",
    "I'M YOU'RE HE'S WE'D THEY'LL I'VE DON'T 'LL",
    "'s 't 're 've 'm 'll 'd 'sx 'tis 'twas ''s '",
    "it\u2019s they\u2019ll rock'n'roll O'Reilly's l'\u00e9t\u00e9 d'accord",
    "x's1 'll2 y'd's'm",
    # digits and other numerals
    "1234567890",
    "In 1999, 12.5% of 3,141,592.65 was $1,000,000!",
    "a1b22c333d4444 007 0x1F 1e-10 1_000_000",
    "x 1  2   3    4",
    "   1\n  2\n\n3",
    "1 ", " 1", "1  ", "  1", "12 \n34",
    "①②③ ½ ¼ ⅔ Ⅷ ⅻ x² H₂O ⁹ 〇 ㊿",
    "٠١٢٣٤٥٦٧٨٩ ०१२३ ๐๑๒๓ ０１２３ 𝟘𝟙𝟚 𝟏𝟐",
    "一二三十百千万 壱 萬",
    "½cup 3½ cups, 7th №5 50°C",
    # emoji
    "😀",
    "😀😃😄😁 grinning",
    "👨‍👩‍👧‍👦 family, 👩🏽‍💻 coder, 🧑🏿‍🤝‍🧑🏻 hands",
    "👍🏻👍🏼👍🏽👍🏾👍🏿",
    "🇩🇪🇫🇷🇯🇵🇧🇷 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏳️‍🌈",
    "❤️ ☎︎ ☎️ 1️⃣ #️⃣ *️⃣",
    "a😀b 😀 c😀😀d  😀",
    # scripts
    "你好，世界！今天天气怎么样？",
    "日本語のテキスト、カタカナとひらがな。「引用」",
    "한국어 문장입니다. 조합형 한글",
    "漢字𠮷野家 𠀀𠀁 㐀",
    "مرحبا بالعالم، كيف حالك؟ السَّلامُ عَلَيْكُم",
    "שלום עולם, מה שלומך? בְּרֵאשִׁית",
    "สวัสดีชาวโลก ภาษาไทยไม่มีช่องว่าง",
    "नमस्ते दुनिया, क्षत्रिय ज्ञान",
    "Привет, мир! Ёлка и Й",
    "Γειά σου Κόσμε, ὦ ἄνδρες Ἀθηναῖοι",
    "Tiếng Việt: Ộ ổ ữ ậ",
    "Grüße aus Köln, ẞ ß, naïve façade, Ångström, Øresund, łódź",
    "አማርኛ ქართული Հայերեն ᏣᎳᎩ ᚠᚢᚦ 𓀀𓁐 𐍈",
    "Mixed العربية with English و 123 numbers",
    # combining marks: composed and decomposed stay different
    "é e\u0301 ñ n\u0303 Å A\u030a \u212b",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!",
    "\u0301\u0302 leading marks",
    "ﬁ ﬂ ﬃ ㎏ ™ ℡ K (Kelvin) Ω",
    # white space that is not ASCII, and nothing-to-see characters
    "a\u00a0b \u00a0 c\u00a0\u00a0d",
    "a\u2003b\u2009c\u202fd\u3000e\u1680f\u205fg",
    "a\u200bb\u200cc\u200dd\u2060e\ufefff",
    "\ufeffstarts with a byte order mark",
    "line\u2028separator\u2029paragraph\u0085next line",
    " \u2028 \u3000 \u0085 x",
    "left\u200eto\u200fright \u202areversed\u202e \u2066isolate\u2069 soft\u00adhyphen",
    # control characters; some bytes are not in the vocabulary and are dropped
    "\x00",
    "nul\x00inside\x00\x00two",
    "\x01\x02\x03\x04\x05\x06\x07\x08",
    "\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f",
    "\x80\x81\x8d\x9f",
    "\x1b[31mred\x1b[0m bell\x07 back\x08space",
    "drop\x04ped\x06 by\x13tes \x14\x16 and\x1d",
    "\ufffd \ufffe \uffff \U0010ffff \U000e0001 \U000fffff",
    "\ue000 private \U000f0000 use \U00100000",
    "\U00040000 \U00080000 \U000c0000 unassigned planes",
    # special tokens in plain text
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|><|im_start|><|im_end|><|im_end|>",
    "text<|im_end|>text <|im_end|> text",
    "  <|im_start|>  system  <|im_end|>  ",
    "<|im_st",
    "<|im_start",
    "<|im_start|",
    "|im_start|>",
    "<|im_<|im_start|>start|>",
    "<|IM_START|> < |im_start|> <|im_start |> <\u200b|im_end|>",
    "<repo_name>a/b<file_sep>main.py<reponame><filename><gh_stars>100",
    "<issue_start><issue_comment><issue_closed><jupyter_start><jupyter_text><jupyter_code><jupyter_output>"
    "<jupyter_script><empty_output>",
    "1<|im_end|>2 'll<|im_end|>'s",
    "</s> <s> <unk> <pad> [INST] <|user|> <|eot_id|> <think>",
    # code, data, addresses
    "def f(x):\n\tif x > 0:\n\t\treturn x ** 2  # square\n\telse:\n\t\treturn -x\n",
    "func add(_ a: Int, _ b: Int) -> Int {\n    return a &+ b // wraps\n}\n\n\n",
    "#include <stdio.h>\nint main(void) { printf(\"%d\\n\", 0xFF); return 0; }\n",
    "for (let i=0;i<10;i++){a[i]??=b?.c??`${d}`;}",
    "SELECT * FROM \"t\" WHERE a<>'b''c' AND d IN (1,2,3);--",
    "{\"key\": [1, 2.5e-3, true, null], \"nested\": {\"a\\u00e9\": \"\\n\\t\\\\\"}}",
    "<html><body class=\"x\">&nbsp;&lt;p&gt;<br/></body></html>",
    "https://user:pw@example.com:8080/a/b%20c/?q=1&r=%E2%9C%93#frag-1 mailto:a.b+c@example.org",
    "C:\\Program Files\\x86\\file (1).txt ~/.config/../x /dev/null",
    "^(?:[a-z0-9]+|\\d{2,}|\\s*)$ [[:alpha:]]",
    "| a | b |\n|---|---|\n| 1 | **2** |\n\n- [ ] item\n1. one\n2. two\n```swift\nlet x = 1\n```",
    "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, ∑_{i=1}^{n} i = n(n+1)/2, α ∧ ¬β → γ, ∂f/∂x ≠ ∞, √2 ≈ 1.41421",
    "!!!??? ... … --- — – ,,,;;; ((())) [[{{}}]] \"\"'' ``` @@@ ### $$$ %%% ^^^ &&& *** ___ +++ === ~~~ |||",
    "under_score kebab-case camelCase PascalCase SCREAMING_CASE dotted.name.here",
    "Pneumonoultramicroscopicsilicovolcanoconiosis Donaudampfschifffahrtsgesellschaftskapitän",
    "a" * 500,
    "abcdefghijklmnopqrstuvwxyz" * 40,
    "ACGTTGCA" * 60 + " " + "Xq" * 90,
    "-" * 257 + "=" * 100,
    "\n" * 100 + " " * 100 + "\t" * 50,
    "The quick brown fox jumps over the lazy dog. THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG.",
    "text,category\r\n\"I am still waiting, \"\"really\"\"\",card_arrival\r\n",
    "“Smart quotes” ‘single’ «guillemets» „low“ 「corner」 ‹x›",
    "$5 €10 £15 ¥20 ₿1 ₹100 ¢",
]


def main():
    options = arguments(__doc__.splitlines()[0], data=True)
    special, plain = tokenizers_of(options.gguf)

    alphabet = sorted(b for b in range(256) if plain.token_to_id(byte_character(b)) is None)
    assert len(set(TEXTS)) == len(TEXTS)
    items = []
    for text in TEXTS:
        ids, ids_plain = encode(special, text), encode(plain, text)
        special.encode_special_tokens = True  # the library's own way to take special tokens for text
        assert encode(special, text) == ids_plain
        special.encode_special_tokens = False
        decoded = special.decode(ids, skip_special_tokens=False)
        kept = bytes(b for b in text.encode() if b not in alphabet).decode(errors="replace")
        assert decoded == kept, (text, decoded)
        assert plain.decode(ids_plain, skip_special_tokens=False) == kept
        items.append({"text": text, "ids": ids, "ids_plain": ids_plain, "decoded": decoded})

    partial = []
    for text in ["😀", "你好", "é", "नमस्ते", "a👍🏽b", "𠮷"]:
        ids = encode(plain, text)
        partial += [ids[:end] for end in range(1, len(ids))] + [ids[start:] for start in range(1, len(ids))]
    byte = lambda *values: [plain.token_to_id(byte_character(value)) for value in values]
    partial += [
        byte(0xE2, 0x41), byte(0xF0, 0x9F, 0x41), byte(0x80), byte(0xBF, 0xBF), byte(0xE0, 0x80, 0x80),
        byte(0xED, 0xA0, 0x80), byte(0xF4, 0x90, 0x80, 0x80), byte(0xC3, 0xC3, 0xA9), byte(0xF0, 0x9F, 0x98, 0xF0, 0x9F),
        byte(0xE2, 0x82) + [2] + byte(0xAC), [1, 2, 0],
    ]  # fmt: skip
    partial = [list(ids) for ids in dict.fromkeys(map(tuple, partial))]

    write(
        options.out / "tokenizer-nasty.json",
        {"made_by": "Tests/References/tokenizer_reference.py", "versions": versions(), "missing_bytes": alphabet},
        texts=items,
        partial=[{"ids": ids, "decoded": special.decode(ids, skip_special_tokens=False)} for ids in partial],
    )
    print(len(items), "texts,", len(partial), "partial")

    files = []
    for path in sorted(options.data.rglob("*")):
        if path.suffix not in (".csv", ".json", ".jsonl"):
            continue
        text = path.read_bytes().decode("utf-8")
        ids = numpy.array(encode(plain, text), dtype="<u4")
        files.append(
            {
                "path": path.relative_to(options.data).as_posix(),
                "bytes": path.stat().st_size,
                "count": len(ids),
                "sha256": hashlib.sha256(ids.tobytes()).hexdigest(),
            }
        )
    write(
        options.out / "tokenizer-files.json",
        {"made_by": "Tests/References/tokenizer_reference.py", "versions": versions()},
        files=files,
    )


def byte_character(byte):
    """GPT-2's letter for a byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    if byte in printable:
        return chr(byte)
    return chr(256 + [b for b in range(256) if b not in printable].index(byte))


if __name__ == "__main__":
    main()
