#!/usr/bin/env python3
"""Writes generated.txt: near misses of families that a person would only write down the same way
again and again. `near.py > generated.txt` gives the same lines each time."""

import random
import uuid

SEED = 20261124
draw = random.Random(SEED)


def digits(count):
    return "".join(draw.choice("0123456789") for _ in range(count))


def hexes(count):
    return "".join(draw.choice("0123456789abcdef") for _ in range(count))


def luhn(number):
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10


def fails_luhn(prefix, length):
    """A number that begins like a card and is none."""
    number = prefix + digits(length - len(prefix))
    while luhn(number) == 0:
        number = prefix + digits(length - len(prefix))
    return number


def grouped(number):
    return " ".join(number[at:at + 4] for at in range(0, len(number), 4))


def version():
    return ".".join(str(draw.randrange(0, 30)) for _ in range(draw.choice([3, 3, 4])))


def ean():
    body = "40" + digits(10)
    total = sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(body))
    return body + str(-total % 10)


def stamp():
    return (
        f"{draw.randrange(2015, 2027)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
        f"T{draw.randrange(24):02}:{draw.randrange(60):02}:{draw.randrange(60):02}"
    )


FAMILIES = [
    # A version behind a word or a mark that says so.
    lambda: f"upgraded {draw.choice(['core', 'driver', 'plugin'])} to version {version()}",
    lambda: f"v{version()}",
    lambda: f"tool-{version()}-x86_64.zip",
    lambda: f"lib=={version()}",
    # Hashes and ids.
    lambda: hexes(32),
    lambda: f"commit {hexes(40)}",
    lambda: f"sha256:{hexes(64)}",
    lambda: hexes(7),
    lambda: str(uuid.UUID(int=draw.getrandbits(128), version=4)),
    lambda: f'"trace_id": "{hexes(32)}", "span_id": "{hexes(16)}"',
    # Times.
    lambda: stamp() + "Z",
    lambda: f"{stamp().replace('T', ' ')}.{digits(3)} INFO ok",
    lambda: str(draw.randrange(1_500_000_000, 1_800_000_000)),
    lambda: str(draw.randrange(1_500_000_000_000, 1_800_000_000_000)),
    lambda: f"{draw.randrange(1, 29):02}.{draw.randrange(1, 13):02}.{draw.randrange(1990, 2027)} um 12:30",
    # Numbers that are no card.
    lambda: f"order {fails_luhn('4', 16)}",
    lambda: f"ref {fails_luhn('5' + draw.choice('12345'), 16)}",
    lambda: f"no. {grouped(fails_luhn('4', 16))}",
    lambda: f"case {fails_luhn('37', 15)}",
    lambda: f"EAN {ean()}",
    # Numbers that are no phone, no id and no address.
    lambda: f"ticket {digits(8)}",
    lambda: f"order #{draw.randrange(1, 10)}{digits(9)}",
    lambda: f"invoice {draw.randrange(2015, 2027)}-{digits(6)}",
    lambda: f"{draw.randrange(1, 999)},{digits(3)},{digits(3)} rows",
    lambda: f"{draw.randrange(1, 90)}.{digits(6)}, {draw.randrange(1, 180)}.{digits(6)}",
    lambda: f"part {digits(3)}-{digits(4)}-{digits(2)}",
    lambda: ":".join(hexes(2) for _ in range(6)),
    lambda: f"{draw.randrange(256, 999)}.{draw.randrange(256)}.{draw.randrange(256)}.{draw.randrange(256)}",
    lambda: f"{draw.choice(['666', '000'])}-{draw.randrange(10, 99)}-{digits(4)}",
    # Shapes of keys that are too short.
    lambda: f"{draw.choice(['sk-', 'ghp_', 'glpat-', 'AKIA', 'hf_', 'AIza'])}{hexes(6)}",
]

for family in FAMILIES:
    for _ in range(12):
        print(family())
