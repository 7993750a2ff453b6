"""Calls for the tests of the quality gates: made up, or from the development conversations."""

import json
from pathlib import Path

import pytest

from fermata.quality import CallFacts, CallSource, examine, facts_of
from fermata.turntaking import Conversation, Word, turn_taking
from fermata.turntaking.shapes import (
    read_chunks,
    read_rttm,
    read_segments_with_offsets,
    read_transcript,
)

PROJECT = Path(__file__).parents[3]
DATA = PROJECT.parent / "shared" / "data"

with_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the development conversations are not on this machine"
)

HARPER_VALLEY = DATA / "harpervalley-sample" / "0002f70f7386445b.json"


def source(recording_id="r1", **changes):
    fields = {
        "recording_id": recording_id,
        "options_hash": "options",
        "group": "support",
        "name": f"support/{recording_id}.wav",
        "uri": f"file:///calls/{recording_id}.wav",
        "engine": "assemblyai",
        "speech_model": "universal",
        "channels": 2,
    }
    return CallSource(**(fields | changes))


def facts(recording_id="r1", **changes):
    """A call in good order: ten minutes of speech of two, 150 short pauses."""
    fields = {
        "unit": "word",
        "pieces": 2_000,
        "span_ms": 700_000,
        "speech_ms": 600_000,
        "pauses_from_200_ms": 100,
        "pauses_from_500_ms": 50,
        "pauses_from_1000_ms": 30,
        "clock_windows": 2,
        "clock_windows_off": 0,
        "clock_talk_ms": 200_000,
        "clock_talk_off_ms": 0,
        "clock_double_talk_ms": 10_000,
        "clock_double_talk_moved_ms": 10_000,
        "clock_offset_ms": None,
        "speakers": 2,
        "unknown_words": 0,
        "speaker_changes": 100,
        "swaps": 0,
        "silence_ms": 0,
        "long_stretches": 0,
        "longest_silence_ms": 2_000,
    }
    whose = {key: changes.pop(key) for key in list(changes) if key not in fields}
    origin = source(recording_id, **whose)
    names = origin.__dataclass_fields__
    return CallFacts(**{name: getattr(origin, name) for name in names}, **(fields | changes))


def facts_from(conversation, recording_id="r1", **changes):
    return facts_of(conversation, turn_taking(conversation), source(recording_id, **changes))


def finding(gate, calls, word_ends=None):
    (found,) = (each for each in examine(calls, word_ends) if each.gate == gate)
    return found


def spoken(*words):
    """A conversation of (speaker, start, end) or (speaker, start, end, text)."""
    return Conversation.of(Word(*word, *([""] if len(word) == 3 else [])) for word in words)


def taking_turns(turns=60, turn_ms=3_000, gap_ms=300):
    """A dialogue in which nobody ever talks over the other: A, B, A, B."""
    starts = [turn * (turn_ms + gap_ms) for turn in range(turns)]
    return [("AB"[turn % 2], start, start + turn_ms) for turn, start in enumerate(starts)]


def conversations_of(name):
    """The conversations of a development set, by name."""
    found = {}
    for path in sorted((DATA / name).iterdir()):
        if path.suffix == ".json":
            found[path.stem] = read_transcript(json.loads(path.read_text()))
        elif path.suffix == ".csv":
            found[path.stem] = read_chunks(path.read_text())
        elif path.suffix == ".rttm":
            found |= read_rttm(path.read_text())
    return found


def harper_valley(clock):
    """The call to a bank, its segments placed by one of its two clocks."""
    segments = json.loads(HARPER_VALLEY.read_text())
    return read_segments_with_offsets(each | {"offset_ms": each[clock]} for each in segments)
