"""Transcripts that no service should send: a valid one, changed by chance in one to three ways."""

import copy
import json
import math
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

DURATION_S = 300.0
SECOND_MS = 1_000
_TURNS = 24
_WORDS = 6
_MOST_CHANGES = 3
_DEPTH = 5_000
_WHOLE = 0.8

Json = Any
Place = tuple[Any, Any]
"""A list or an object, and an index or a name in it."""

_HOSTILE: tuple[Json, ...] = (
    None,
    True,
    False,
    -1,
    0,
    -0.0,
    0.5,
    1e15,
    1e308,
    -1e308,
    2**31,
    2**53 + 1,
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    10**30,
    10**400,
    math.nan,
    math.inf,
    -math.inf,
    "",
    "5",
    "1e9",
    "NaN",
    "\ud800",
    "a\x00b",
    "\u202e\ufeff",
    "x" * 100_000,
    [],
    {},
    [[]],
    {"start": 1},
    [None],
    ["words"],
)


def transcript(chance: random.Random, number: int) -> dict[str, Json]:
    """A valid transcript of two people who speak in turn, on one channel or two."""
    channels = chance.random() < 0.3  # noqa: PLR2004 - some
    utterances, at_ms = [], chance.randint(0, 3_000)
    for turn in range(_TURNS):
        length_ms = chance.randint(600, 8_000)
        who = "AB"[turn % 2]
        utterances.append(
            _utterance(at_ms, length_ms, who, str(turn % 2 + 1) if channels else None)
        )
        at_ms += length_ms + chance.randint(-200, 2_500)
    return {
        "id": f"transcript-{number}",
        "status": "completed",
        "audio_url": "https://cdn.example.com/upload/1",
        "audio_duration": int(DURATION_S),
        "language_code": "en_us",
        "speech_model_used": "universal-2",
        "confidence": 0.94,
        "text": " ".join(each["text"] for each in utterances),
        "words": [word for each in utterances for word in each["words"]],
        "utterances": utterances,
        "error": None,
    }


def _utterance(start_ms: int, length_ms: int, who: str, channel: str | None) -> dict[str, Json]:
    each_ms = length_ms // _WORDS
    marks = {"speaker": who, "channel": channel, "confidence": 0.9}
    words: list[dict[str, Json]] = [
        {
            "text": f"word{n}" + "." * (n == _WORDS - 1),
            "start": start_ms + n * each_ms,
            "end": start_ms + (n + 1) * each_ms,
            **marks,
        }
        for n in range(_WORDS)
    ]
    text = " ".join(word["text"] for word in words)
    return {
        "text": text,
        "start": start_ms,
        "end": start_ms + _WORDS * each_ms,
        "words": words,
        **marks,
    }


def hostile(seed: int, number: int) -> bytes:
    """The hostile transcript of that number: always the same for a seed."""
    chance = random.Random(f"{seed}-{number}")
    whole = transcript(chance, number)
    holder = {"": whole}
    for _ in range(chance.randint(1, _MOST_CHANGES)):
        chance.choice(_CHANGES)(holder, chance)
    # Python writes NaN and Infinity as other programs do, and a lone surrogate as its escape.
    raw = json.dumps(holder.get("")).encode()
    return raw if chance.random() < _WHOLE else chance.choice(_BYTES)(raw, chance)


def _hostile_value(chance: random.Random) -> Json:
    # A copy, for later changes may reach into it.
    return copy.deepcopy(chance.choice(_HOSTILE))


def _places(value: Json, *names: str) -> list[Place]:
    """Every place in a value, or those of these names."""
    found: list[Place] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        inside: Iterable[tuple[Any, Any]] = each.items() if isinstance(each, dict) else ()
        if isinstance(each, list):
            inside = enumerate(each)
        for key, below in inside:
            if not names or key in names:
                found.append((each, key))
            waiting.append(below)
    return found


def _one(value: Json, chance: random.Random, *names: str) -> Place | None:
    places = _places(value, *names)
    return chance.choice(places) if places else None


def _replace(value: Json, chance: random.Random) -> None:
    if place := _one(value, chance):
        place[0][place[1]] = _hostile_value(chance)


_KNOWN: tuple[tuple[str, ...], ...] = (
    ("audio_duration", "language_code", "speech_model_used", "id", "status", "utterances"),
    ("start", "end"),
    ("speaker", "channel"),
    ("words", "text"),
)


def _replace_known(value: Json, chance: random.Random) -> None:
    names = chance.choice(_KNOWN)
    if place := _one(value, chance, *names):
        place[0][place[1]] = _hostile_value(chance)


def _replace_everywhere(value: Json, chance: random.Random) -> None:
    name, hostile_value = (
        chance.choice(("start", "end", "speaker", "channel", "text", "words", "confidence")),
        _hostile_value(chance),
    )
    for holder, key in _places(value, name):
        holder[key] = hostile_value


def _remove(value: Json, chance: random.Random) -> None:
    if place := _one(value, chance):
        del place[0][place[1]]


_LONGEST = 10**1000


def _scale(value: Json, chance: random.Random) -> None:
    factor = chance.choice((-1, 1e3, 1e9, 1e15, 0, 0.001, 10**20))
    many = chance.random() < 0.3  # noqa: PLR2004 - some
    places = _places(value, "start", "end")
    for holder, key in places if many else chance.sample(places, min(1, len(places))):
        # A value that stands in many places is scaled in each; longer ones cannot be written.
        if isinstance(holder[key], int | float) and abs(holder[key]) < _LONGEST:
            with suppress(OverflowError):
                holder[key] = holder[key] * factor


def _disorder(value: Json, chance: random.Random) -> None:
    lists = [h[k] for h, k in _places(value) if isinstance(h[k], list)]
    if lists:
        chance.shuffle(chance.choice(lists))


def _turn_round(value: Json, chance: random.Random) -> None:
    place = _one(value, chance, "start")
    if place and "end" in place[0]:
        place[0]["start"], place[0]["end"] = place[0]["end"], place[0]["start"]


def _repeat(value: Json, chance: random.Random) -> None:
    lists = [h[k] for h, k in _places(value) if isinstance(h[k], list) and h[k]]
    if lists:
        chosen = chance.choice(lists)
        chosen.extend([chance.choice(chosen)] * chance.choice((1, 2, 50)))


def _nest(value: Json, chance: random.Random) -> None:
    if place := _one(value, chance):
        holder, key = place
        holder[key] = chance.choice(([holder[key]], {"value": holder[key]}))


def _far_away(value: Json, chance: random.Random) -> None:
    """Whole utterances beyond the recording, valid but for that."""
    utterances = value[""].get("utterances") if isinstance(value.get(""), dict) else None
    if isinstance(utterances, list):
        at_ms = chance.choice((300_500, 310_000, 10**7, 10**12, 10**15, 2**62))
        utterances.append(_utterance(at_ms, 900, chance.choice("AB"), None))


_CHANGES: tuple[Callable[[Json, random.Random], None], ...] = (
    _replace,
    _replace_known,
    _replace_known,
    _replace_everywhere,
    _remove,
    _scale,
    _scale,
    _disorder,
    _turn_round,
    _repeat,
    _nest,
    _far_away,
)


def _cut(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randint(0, len(raw))]


def _wrong_bytes(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(raw))
    return raw[:at] + chance.choice((b"\xff\xfe", b"\xc3", b"\x00", b"\xed\xa0\x80")) + raw[at:]


def _deep(raw: bytes, chance: random.Random) -> bytes:
    opening, closing = chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
    depth = chance.choice((100, 990, _DEPTH, 20 * _DEPTH))
    deep = opening * depth + b"1" + closing * depth
    return raw[:-1] + b', "extra": ' + deep + b"}"


def _other_encoding(raw: bytes, chance: random.Random) -> bytes:
    return raw.decode().encode(chance.choice(("utf-16", "utf-8-sig", "utf-32")))


def _long_number(raw: bytes, chance: random.Random) -> bytes:
    digits = b"9" * chance.choice((30, 400, 5_000))
    return raw.replace(b'"start": ', b'"start": ' + digits, 1)


def _twice_named(raw: bytes, chance: random.Random) -> bytes:
    return raw[:-1] + b', "utterances": ' + chance.choice((b"[]", b"null", b"{}")) + b"}"


_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut,
    _wrong_bytes,
    _deep,
    _other_encoding,
    _long_number,
    _twice_named,
)
