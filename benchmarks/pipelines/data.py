#!/usr/bin/env python3
"""Writes the rows that the pipelines are measured on: JSON Lines, the same bytes every time.

Usage: data.py ROWS FILE
"""

import json
import random
import sys

INTENTS = (
    "track_order cancel_order refund_request warranty_claim price_match store_hours delivery_options "
    "payment_issue product_info complaint gift_card installation"
).split()
WORDS = (
    "where is my order please help the drill I bought last week does not work and want to know when it will be "
    "delivered can you tell me how long a refund takes for paint that has wrong colour since café naïve"
).split()


def main(count: int, path: str) -> None:
    random.seed(20261121)
    with open(path, "w", encoding="utf-8") as file:
        for number in range(count):
            text = " ".join(random.choices(WORDS, k=random.randint(7, 20)))
            row = {
                "id": number,
                "question": text,
                "intent": random.choice(INTENTS),
                "score": round(random.random(), 4),
                "tokens": random.randint(5, 400),
                "resolved": random.random() < 0.7,
                "channel": random.choice(["web", "phone", "mail", None]),
                "customer": {"id": random.randint(1, 99999), "region": random.choice(["north", "south"])},
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
