#!/usr/bin/env python3
"""Writes vectors.json: what the law of sticky choices gives.

Written from the law as src/base/rendezvous.rs states it and from the public specification of xxHash,
in whole numbers only. Needs Python 3.8 and nothing else.

    tests/vectors.py [FILE]     the file beside this program unless told
"""

import json
import pathlib
import sys

ALL = 2**64 - 1


# XXH64, from the specification of xxHash.

P1 = 0x9E3779B185EBCA87
P2 = 0xC2B2AE3D27D4EB4F
P3 = 0x165667B19E3779F9
P4 = 0x85EBCA77C2B2AE63
P5 = 0x27D4EB2F165667C5


def rotated(x, by):
    return (x << by | x >> (64 - by)) & ALL


def round64(lane, word):
    return rotated((lane + word * P2) & ALL, 31) * P1 & ALL


def word(data, at, size):
    return int.from_bytes(data[at : at + size], "little")


def xxh64(data, seed):
    at = 0
    if len(data) >= 32:
        lanes = [(seed + P1 + P2) & ALL, (seed + P2) & ALL, seed, (seed - P1) & ALL]
        while at + 32 <= len(data):
            lanes = [
                round64(lane, word(data, at + 8 * i, 8)) for i, lane in enumerate(lanes)
            ]
            at += 32
        result = sum(rotated(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18))) & ALL
        for lane in lanes:
            result = ((result ^ round64(0, lane)) * P1 + P4) & ALL
    else:
        result = (seed + P5) & ALL
    result = (result + len(data)) & ALL
    while at + 8 <= len(data):
        result ^= round64(0, word(data, at, 8))
        result = (rotated(result, 27) * P1 + P4) & ALL
        at += 8
    if at + 4 <= len(data):
        result ^= word(data, at, 4) * P1 & ALL
        result = (rotated(result, 23) * P2 + P3) & ALL
        at += 4
    for byte in data[at:]:
        result ^= byte * P5 & ALL
        result = rotated(result, 11) * P1 & ALL
    result = (result ^ result >> 33) * P2 & ALL
    result = (result ^ result >> 29) * P3 & ALL
    return result ^ result >> 32


# The specification's own examples: without input, and with a seed.
assert xxh64(b"", 0) == 0xEF46DB3751D8E999
assert xxh64(b"abc", 0) == 0x44BC2CF5AD770999


# The law.


def digest_of(key):
    return xxh64(key, 0)


def id_of(salt, text):
    return xxh64(text.encode(), xxh64(salt.encode(), 0))


def mix(x):
    x ^= x >> 30
    x = x * 0xBF58476D1CE4E5B9 & ALL
    x ^= x >> 27
    x = x * 0x94D049BB133111EB & ALL
    return x ^ x >> 31


def step_log2(k):
    """log2(1 + k/512) in units of 2^-36, cut off."""
    if k == 512:
        return 1 << 36
    y = ((512 + k) << 62) // 512
    result = 0
    for _ in range(36):
        y = y * y >> 62
        result <<= 1
        if y >= 1 << 63:
            result |= 1
            y >>= 1
    return result


L = [step_log2(k) for k in range(513)]


def score(u):
    """-log2(u / 2^64) in units of 2^-32, at least 1."""
    n = 64 - u.bit_length()
    f = (u << n << 1) & ALL
    i = f >> 56
    t = f >> 24 & 0xFFFFFFFF
    a, b, c = L[2 * i], L[2 * i + 1], L[2 * i + 2]
    q = 4 * b - 2 * (a + c)
    m = a + ((c - a) * t >> 32) + (q * (t * (2**32 - t) >> 32) >> 32)
    return max(1, (((n + 1) << 36) - m) >> 4)


def chosen(salt, key, members):
    """The text of the member that a key gets, of (text, weight)."""
    digest = digest_of(key)
    best = None
    for text, weight in members:
        if weight == 0:
            continue
        identity = id_of(salt, text)
        e = score(mix(digest ^ identity) | 1)
        if best is not None:
            mine, theirs = e * best[1], best[0] * weight
            if mine > theirs or (mine == theirs and identity > best[2]):
                continue
        best = (e, weight, identity, text)
    return best[3]


# What is asked.

KEYS = [
    "a",
    "user-4711",
    " ",
    "7",
    "0123456789abcdef0123456789abcde",
    "0123456789abcdef0123456789abcdef",
    "3f2a9c1e-5b7d-4e8f-9a0b-1c2d3e4f5a6b",
    "grüße@beispiel.example",
    "用户-42",
    "🦀",
    "e\u0301",
    "\u00e9",
    "two\nlines and a \u0000",
    "long " * 60,
]

SALTS = ["a", "arch.v1", "checkout-25", "größe", "", "s" * 300]

SPLITS = [
    [("openai/gpt-4o", 9500), ("openai/o1-preview", 500)],
    [("openai/gpt-4o", 9000), ("openai/o1-preview", 1000)],
    [("openai/gpt-4o", 9950), ("openai/o1-preview", 50)],
    [("ollama/llama3.1", 8000), ("openai/gpt-4o-mini", 2000)],
    [("openai/gpt-4o-mini", 2000), ("ollama/llama3.1", 8000)],
    [("my-o3", 3333), ("groq/llama-3.3-70b:free", 3333), ("together/org/model", 3334)],
    [("openai/gpt-4o", 0), ("my-o3", 10000), ("openai/o1-preview", 0)],
    [
        ("openai/gpt-4o-mini@https://api-1.example.com", 2500),
        ("openai/gpt-4o-mini@https://api-2.example.com", 2500),
        ("openai/gpt-4o-mini@https://user:word@api-2.example.com/?q=1", 2500),
        ("openai/gpt-4o-mini", 2500),
    ],
    [("p/m%d" % at, 1000) for at in range(10)],
    [("p/m%d" % at, 1) for at in range(63)] + [("p/rest", 9937)],
]

# Relative weights, as a balancer has them.
BALANCERS = [
    [("p/one", 1), ("p/two", 1), ("p/three", 1)],
    [("p/one", 5), ("p/two", 3), ("p/three", 2), ("p/drained", 0)],
    [("p/one", 10000), ("p/two", 5000)],
]


def hexed(number):
    return "0x%016x" % number


def choices():
    for salt in SALTS:
        for kind, groups in (("split", SPLITS), ("balancer", BALANCERS)):
            for members in groups:
                keys = KEYS + ["user-%d" % at for at in range(20)]
                yield {
                    "kind": kind,
                    "salt": salt,
                    "members": [
                        {"text": text, "weight": weight} for text, weight in members
                    ],
                    "chosen": [
                        [key, chosen(salt, key.encode(), members)] for key in keys
                    ],
                }


def scores():
    """Both ends, every power of two, and the borders of segments."""
    edges = [1, 3, ALL, ALL - 2, 2**63 + 1, 2**63 - 1]
    powers = [2**bit + 1 for bit in range(1, 63)]
    borders = [
        (2**63 | i << 55) + off for i in (1, 2, 100, 254, 255) for off in (-1, 1, 2**54 + 1)
    ]
    mixed = [mix(at) | 1 for at in range(40)]
    return edges + powers + borders + mixed


def document():
    texts = sorted({text for group in SPLITS[:8] + BALANCERS for text, _ in group})
    return {
        "digests": [[key, hexed(digest_of(key.encode()))] for key in ["", *KEYS]],
        "ids": [
            [salt, text, hexed(id_of(salt, text))] for salt in SALTS for text in texts
        ],
        "scores": [[hexed(u), score(u)] for u in scores()],
        "choices": list(choices()),
    }


def main():
    beside = pathlib.Path(__file__).with_name("vectors.json")
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else beside
    parts = []
    for name, rows in document().items():
        lines = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
        parts.append('"%s": [\n%s\n]' % (name, lines))
    path.write_bytes(("{\n%s\n}\n" % ",\n".join(parts)).encode())


main()
