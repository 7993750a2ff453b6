"""Calls to recommend thresholds for: made-up ones with known habits, and arbitrary ones."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from fermata.replay import NEVER_MS, CallPauses, Rule
from fermata.thresholds import Call, Policy, Question, parse_goal
from tests.unit.replay.pause_strategies import calls as call_pauses

BALANCED = Policy(400, 1_280)
NAMED = {
    "aggressive": Policy(160, 400),
    "balanced": BALANCED,
    "conservative": Policy(800, 3_600),
    "vendor default": BALANCED,
}


def pauses(random, *, turns=25, holds=40, pause_ms=500, complete=0.5) -> CallPauses:
    """A call whose holds are exponential, with a habit of its own in how long they are."""
    scale = pause_ms * random.uniform(0.7, 1.3)
    return CallPauses(
        hold_ms=100 + random.exponential(scale, holds).astype(np.int64),
        hold_is_complete=random.random(holds) < complete,
        hold_confidence=np.full(holds, np.nan),
        hold_turn=random.integers(0, turns, holds),
        turn_is_complete=random.random(turns) < 0.85,
        turn_confidence=np.full(turns, np.nan),
        turn_own_ms=np.full(turns, NEVER_MS),
        speech_ms=60_000,
    )


def calls(count, seed=1, group="sales", **habits) -> list[Call]:
    random = np.random.default_rng(seed)
    return [
        Call(f"{group}-{at:05}", group, pauses(random, **habits), np.array([300, 900]))
        for at in range(count)
    ]


def copied(originals, times) -> list[Call]:
    return [
        replace(call, call_id=f"{call.call_id}-{copy}")
        for copy in range(times)
        for call in originals
    ]


def question(goal="", rule=Rule.PUNCTUATION, **others) -> Question:
    return Question(rule, parse_goal(goal), named=NAMED, **others)


seeds = st.integers(min_value=0, max_value=10_000)
"""Of made-up calls: fewer shapes than arbitrary ones, but likely ones."""


@st.composite
def any_calls(draw) -> list[Call]:
    """Arbitrary calls, at least one of them with a finished turn."""
    found = draw(st.lists(call_pauses(), min_size=1, max_size=6))
    if not any(each.turn_own_ms.size for each in found):
        found.append(pauses(np.random.default_rng(0), turns=3, holds=4))
    return [
        Call(f"call-{at}", draw(st.sampled_from(["a", "b"])), each, np.array([500]))
        for at, each in enumerate(found)
    ]
