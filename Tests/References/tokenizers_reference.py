"""Small tokenizers of every kind, and what the `tokenizers` library makes of nasty texts → Fixtures/Tokenizers.

Each tokenizer is trained here, on those texts of tokenizer_reference.py that spell no special token, with a vocabulary of a few hundred tokens, and saved as NAME.json (a tokenizer.json) with NAME-ids.json: for each text `ids` with special
tokens parsed, `plain` with special tokens taken for ordinary text (left out where it is the same), and `decoded` where
that is not the text. The kinds:

gpt2, llama3, qwen2, smollm, tekken, gpt4o, deepseek3: byte-level BPE with each family's way to cut text.
llama2: SentencePiece-like BPE with byte fallback; U+2581 before every section (normalizers), Strip when decoding.
mistral: the same with Metaspace, before the first section only.
gemma: no prefix; runs of line breaks and blanks are added tokens that are not special.
flags: added tokens with lstrip, rstrip, single_word and normalized; unknown tokens fused; no byte fallback.

Merges of the SentencePiece-like ones are all pairs that make a token, by the token's rank, as conversions of real
SentencePiece models have them; so a GGUF file with scores by rank gives the same ids.

chats.json: the templates of ChatTemplates through `transformers` with one of these tokenizers: ids of whole
conversations, and `assistant_masks` for the template with `{% generation %}` blocks.
"""

import json
import pathlib

from reference_common import FIXTURES, HERE, write
from tokenizer_reference import TEXTS

OUT = FIXTURES / "Tokenizers"
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
WORDS = r"[^\r\n\p{L}\p{N}]?" + UPPER + "*" + LOWER + "+%s|" + r"[^\r\n\p{L}\p{N}]?" + UPPER + "+" + LOWER + "*%s|"
REST = r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
TEKKEN = WORDS % ("", "") + r"\p{N}|" + REST
CONTRACTED = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
GPT4O = WORDS % (CONTRACTED, CONTRACTED) + r"\p{N}{1,3}|" + REST
DEEPSEEK3 = [
    r"\p{N}{1,3}",
    "[一-龥\u3040-ゟ゠-ヿ]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*"
    "|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
]
SHORT = [text for text in TEXTS if len(text) <= 300] + ["caf\u0065\u0301 \u212b \u1e9b\u0323 \uac00 \u1100\u1161", "DON'T don'T I'LL"]
TRAINED_ON = [text for text in TEXTS if not any(mark in text for mark in ("<|im", "<s>", "</s>", "<unk>"))]
SPECIALS = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]
BLANK = "\u2581"


def byte_level(cutters, normalizer=None, ignore_merges=False, size=700):
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(cutters) if len(cutters) > 1 else cutters[0]
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(TRAINED_ON, trainer)
    tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True) for text in SPECIALS])
    tokenizer.add_tokens([AddedToken("<think>", normalized=False, special=False)])
    return tokenizer


def splits(*patterns):
    from tokenizers import Regex, pre_tokenizers

    cutters = [pre_tokenizers.Split(Regex(pattern), "isolated", invert=False) for pattern in patterns]
    return cutters + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]


def pieces(size=500, byte_fallback=True, fuse=True):
    """A model over characters with U+2581, as a converted SentencePiece model has it: (vocabulary, merges)."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace(replacement=BLANK, prepend_scheme="never", split=True)
    ascii_texts = [text for text in TRAINED_ON if text.isascii()] + ["Grüße aus Köln, naïve façade", "你好 世界 привет"]
    trained.train_from_iterator(ascii_texts, trainers.BpeTrainer(vocab_size=size, show_progress=False, limit_alphabet=120))
    words = [token for token, _ in sorted(trained.get_vocab().items(), key=lambda item: item[1])]
    special = ["<unk>", "<s>", "</s>"] + ([f"<0x{byte:02X}>" for byte in range(256)] if byte_fallback else [])
    letters = [word for word in words if len(word) == 1]
    longer = [word for word in words if len(word) > 1]
    tokens = special + longer + letters
    vocabulary = {token: index for index, token in enumerate(tokens)}
    merges = []
    for word in longer:
        found = [(word[:cut], word[cut:]) for cut in range(1, len(word))]
        merges += sorted(
            (pair for pair in found if pair[0] in vocabulary and pair[1] in vocabulary),
            key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]),
        )
    return vocabulary, merges


def sentence_piece(normalizer, pre_tokenizer, decoder, added, **options):
    from tokenizers import AddedToken, Tokenizer, models

    byte_fallback = options.pop("byte_fallback", True)
    vocabulary, merges = pieces(byte_fallback=byte_fallback, **options)
    tokenizer = Tokenizer(
        models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=byte_fallback)
    )
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoder
    tokenizer.add_special_tokens(
        [AddedToken(text, normalized=False, special=True) for text in ["<unk>", "<s>", "</s>", *SPECIALS[2:]]]
    )
    tokenizer.add_tokens(added)
    return tokenizer


def all_tokenizers():
    from tokenizers import AddedToken, decoders, normalizers, pre_tokenizers

    gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    sequence, strip = normalizers.Sequence, decoders.Strip(content=" ", left=1, right=0)
    to_blanks, fallback = decoders.Replace(BLANK, " "), [decoders.ByteFallback(), decoders.Fuse()]
    yield "gpt2", byte_level([gpt2])
    yield "smollm", byte_level([pre_tokenizers.Digits(individual_digits=True), gpt2])
    yield "llama3", byte_level(splits(CL100K % "{1,3}"), ignore_merges=True)
    yield "qwen2", byte_level(splits(CL100K % ""), normalizer=normalizers.NFC())
    yield "tekken", byte_level(splits(TEKKEN))
    yield "gpt4o", byte_level(splits(GPT4O))
    yield "deepseek3", byte_level(splits(*DEEPSEEK3))
    yield (
        "llama2",
        sentence_piece(
            sequence([normalizers.Prepend(BLANK), normalizers.Replace(" ", BLANK)]), None,
            decoders.Sequence([to_blanks, *fallback, strip]), [],
        ),
    )  # fmt: skip
    metaspace = {"replacement": BLANK, "prepend_scheme": "first"}
    yield (
        "mistral",
        sentence_piece(
            None, pre_tokenizers.Metaspace(split=False, **metaspace),
            decoders.Sequence([to_blanks, *fallback, strip]), [],
        ),
    )  # fmt: skip
    yield (
        "gemma",
        sentence_piece(
            normalizers.Replace(" ", BLANK), pre_tokenizers.Split(" ", "merged_with_previous"),
            decoders.Sequence([to_blanks, *fallback]),
            [AddedToken(text, normalized=False, special=False) for text in ["\n\n", "\n\n\n", BLANK * 2, "<b>", "</b>"]],
        ),
    )  # fmt: skip
    yield (
        "flags",
        sentence_piece(
            normalizers.Lowercase(), pre_tokenizers.Metaspace(split=True, **metaspace), decoders.Metaspace(**metaspace),
            [
                AddedToken("spaces", lstrip=True, rstrip=True, normalized=False),
                AddedToken("text", single_word=True, normalized=False),
                AddedToken("TEN", single_word=True, normalized=True),
                AddedToken("ing", normalized=True),
            ],
            byte_fallback=False,
        ),
    )  # fmt: skip


def compact(tokenizer, path):
    fields = json.loads(tokenizer.to_str())
    fields["truncation"] = fields["padding"] = None
    path.write_text(json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size} bytes")


def encodings(tokenizer):
    items = []
    for text in SHORT:
        tokenizer.encode_special_tokens = False
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        tokenizer.encode_special_tokens = True
        plain = tokenizer.encode(text, add_special_tokens=False).ids
        decoded = tokenizer.decode(ids, skip_special_tokens=False)
        item = {"text": text, "ids": ids}
        if plain != ids:
            item["plain"] = plain
        if decoded != text:
            item["decoded"] = decoded
        items.append(item)
    tokenizer.encode_special_tokens = False
    return items


def chats(folder):
    from chat_templates_reference import CONVERSATIONS
    from transformers import PreTrainedTokenizerFast

    items = []
    for name, template in [
        ("smollm", "chatml"), ("qwen2", "thinking"), ("llama2", "brackets"), ("mistral", "last_turn"),
        ("gemma", "angles"), ("qwen2", "generation"),
    ]:  # fmt: skip
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(folder / f"{name}.json"), bos_token="<s>", eos_token="</s>",
            chat_template=(HERE / "ChatTemplates" / f"{template}.jinja").read_text(encoding="utf-8"),
        )  # fmt: skip
        for index, turns in enumerate(CONVERSATIONS):
            messages = [{"role": role, "content": content} for role, content in turns]
            for prompt in (True, False):
                try:
                    whole = tokenizer.apply_chat_template(
                        messages, add_generation_prompt=prompt, return_dict=True,
                        return_assistant_tokens_mask=template == "generation",
                    )  # fmt: skip
                except Exception:
                    continue  # refused: held by templates.json
                item = {"tokenizer": name, "template": template, "messages": messages, "prompt": prompt}
                item["ids"] = whole["input_ids"]
                if template == "generation":
                    item["mask"] = whole["assistant_masks"]
                items.append(item)
    templates = {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / "ChatTemplates").glob("*.jinja"))}
    return templates, items


def main():
    from importlib.metadata import version

    OUT.mkdir(parents=True, exist_ok=True)
    head = {"made_by": "Tests/References/tokenizers_reference.py",
            "versions": {name: version(name) for name in ("tokenizers", "transformers")}}  # fmt: skip
    for name, tokenizer in all_tokenizers():
        compact(tokenizer, OUT / f"{name}.json")
        write(OUT / f"{name}-ids.json", head, texts=encodings(tokenizer))
    templates, items = chats(OUT)
    write(OUT / "chats.json", {**head, "templates": templates}, chats=items)


if __name__ == "__main__":
    main()
