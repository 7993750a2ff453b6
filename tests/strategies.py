"""Hypothesis strategies for what the library reads: utterances, transcripts, gaps."""

from typing import Any

from hypothesis import strategies as st

from fermata.turntaking import Utterance

_HOUR_MS = 3_600_000

times_ms = st.integers(min_value=0, max_value=_HOUR_MS)
"""A time in a recording of up to an hour."""

speakers = st.none() | st.sampled_from(["A", "B", "1", "2A"])
"""A speaker's label as services give it, or none."""

gap_lists = st.lists(st.integers(min_value=-60_000, max_value=60_000), max_size=200)
"""Signed gaps in ms, perhaps none."""

positive_gap_lists = st.lists(st.integers(min_value=1, max_value=60_000), min_size=1, max_size=200)
"""Positive gaps in ms, at least one."""


@st.composite
def utterances(draw: st.DrawFn) -> Utterance:
    """One utterance, up to an hour long."""
    start, end = sorted((draw(times_ms), draw(times_ms)))
    return Utterance(draw(speakers), start, end)


utterance_lists = st.lists(utterances(), max_size=60)
"""Utterances in any order, perhaps none."""


def wire_form(utterance: Utterance) -> dict[str, Any]:
    """An utterance as the v2 API writes it."""
    wire: dict[str, Any] = {
        "start": utterance.start_ms,
        "end": utterance.end_ms,
        "text": "…",
        "confidence": 0.9,
        "words": [],
    }
    return wire if utterance.speaker is None else {**wire, "speaker": utterance.speaker}


transcripts = utterance_lists.map(
    lambda found: {"id": "t", "status": "completed", "utterances": [wire_form(u) for u in found]}
)
"""Completed v2 transcripts with speaker labels, utterances in any order."""
