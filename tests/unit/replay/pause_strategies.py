"""Hypothesis strategies: calls, grids and assumptions to replay."""

import numpy as np
from hypothesis import strategies as st

from fermata.replay import NEVER_MS, NO_TURN, Assumptions, CallPauses, PolicyGrid, Rule

lengths_ms = st.integers(min_value=100, max_value=4_999)
confidences = st.just(float("nan")) | st.floats(min_value=0, max_value=1)
shares = st.sampled_from([0.0, 0.1, 0.5, 1.0])
flags = st.booleans()


@st.composite
def calls(draw) -> CallPauses:
    """A call of a few turns and holds, perhaps empty."""
    turns = draw(
        st.lists(st.tuples(flags, confidences, lengths_ms | st.just(NEVER_MS)), max_size=6)
    )
    rows = st.integers(min_value=0, max_value=len(turns) - 1) if turns else st.nothing()
    holds = draw(
        st.lists(st.tuples(lengths_ms, flags, confidences, st.just(NO_TURN) | rows), max_size=20)
    )
    return CallPauses(
        hold_ms=np.array([hold[0] for hold in holds], np.int64),
        hold_is_complete=np.array([hold[1] for hold in holds], np.bool_),
        hold_confidence=np.array([hold[2] for hold in holds], np.float64),
        hold_turn=np.array([hold[3] for hold in holds], np.int64),
        turn_is_complete=np.array([turn[0] for turn in turns], np.bool_),
        turn_confidence=np.array([turn[1] for turn in turns], np.float64),
        turn_own_ms=np.array([turn[2] for turn in turns], np.int64),
        speech_ms=draw(st.integers(min_value=0, max_value=600_000)),
    )


call_lists = st.lists(calls(), max_size=5)


def _axis(draw) -> np.ndarray:
    found = draw(st.sets(st.integers(min_value=50, max_value=5_000), min_size=1, max_size=5))
    return np.array(sorted(found), np.int64)


@st.composite
def grids(draw, rules=tuple(Rule)) -> PolicyGrid:
    """A small grid, minima above maxima among it."""
    threshold = draw(st.sampled_from([0.0, 0.4, 0.7, 1.0]))
    return PolicyGrid(_axis(draw), _axis(draw), draw(st.sampled_from(rules)), threshold)


assumptions = st.builds(
    Assumptions,
    detection_delay_ms=st.sampled_from([0, 120]),
    first_audio_ms=st.sampled_from([0, 700]),
    complete_read_as_open=shares,
    open_read_as_complete=shares,
)
no_error = st.builds(Assumptions, detection_delay_ms=st.sampled_from([0, 120]))
