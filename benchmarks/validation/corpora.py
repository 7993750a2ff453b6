"""The real conversations that the study runs on, read as calls."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from fermata.quality.clocks import check_clocks
from fermata.replay import Rule, pauses_of
from fermata.thresholds import Call
from fermata.turntaking import (
    Conversation,
    Utterance,
    gaps_between,
    positive,
    turn_taking,
    utterances_of,
)
from fermata.turntaking.shapes import read_chunks, read_transcript

DATA = Path(__file__).parents[3] / "shared" / "data"

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "spjallromur": Rule.PUNCTUATION,
        "earnings21": Rule.PUNCTUATION,
        "rhapsodie": Rule.PUNCTUATION,
        "ifadv": Rule.SILENCE,
    }
)
"""The sets, each with the end-of-turn rule that its transcripts can be replayed through."""

ONE_CLOCK = "spjallromur, one clock"
"""Those spjallromur conversations in which no stretch has its channels off each other."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A set of conversations.

    Attributes:
        name: as in the tables.
        rule: what its calls are replayed through.
        calls: by file name.
    """

    name: str
    rule: Rule
    calls: tuple[Call, ...]


def missing() -> list[Path]:
    """The folders that are not there."""
    return [folder for folder in (DATA / name for name in RULES) if not folder.is_dir()]


def read_corpora() -> list[Corpus]:
    """All sets, and the part of spjallromur that runs on one clock."""
    found = {name: _read_all(DATA / name) for name in RULES}
    named: list[tuple[str, Rule, dict[str, _Heard]]] = [
        (name, RULES[name], heard) for name, heard in found.items()
    ]
    steady = {name: each for name, each in found["spjallromur"].items() if _is_on_one_clock(each)}
    named.append((ONE_CLOCK, RULES["spjallromur"], steady))
    return [
        Corpus(name, rule, tuple(_call(call_id, each) for call_id, each in heard.items()))
        for name, rule, heard in named
    ]


@dataclass(frozen=True, slots=True)
class _Heard:
    conversation: Conversation
    utterances: tuple[Utterance, ...]


def _read_all(folder: Path) -> dict[str, _Heard]:
    paths = sorted([*folder.glob("*.json"), *folder.glob("*.csv")])
    return {path.stem: _chunks(path) if path.suffix == ".csv" else _words(path) for path in paths}


def _words(path: Path) -> _Heard:
    transcript = json.loads(path.read_text())
    return _Heard(read_transcript(transcript), utterances_of(transcript))


def _chunks(path: Path) -> _Heard:
    """One speaker's chunks in a row make an utterance, as words do in a recogniser's output."""
    conversation = read_chunks(path.read_text())
    joined: list[dict[str, str | int]] = []
    for chunk in conversation.words:
        if joined and joined[-1]["speaker"] == chunk.speaker:
            joined[-1]["end"] = max(int(joined[-1]["end"]), chunk.end_ms)
        else:
            joined.append({"speaker": chunk.speaker, "start": chunk.start_ms, "end": chunk.end_ms})
    return _Heard(conversation, utterances_of({"utterances": joined}))


def _is_on_one_clock(heard: _Heard) -> bool:
    return check_clocks(turn_taking(heard.conversation).ipus).windows_off == 0


def _call(call_id: str, heard: _Heard) -> Call:
    gaps_ms = [gap.gap_ms for gap in positive(gaps_between(heard.utterances))]
    pauses = pauses_of(turn_taking(heard.conversation))
    return Call(call_id, "all", pauses, np.array(gaps_ms, np.int64))
