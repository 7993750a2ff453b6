"""The table `nights` made ready: one row per group and night, and the share of each group."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from fermata.drift.recognisers import RecognisersOfNight

if TYPE_CHECKING:
    from datetime import date

_KEY = ("group", "night")
_COUNTS = (
    *("recordings", "recordings_of_night"),
    *("calls_with_gaps", "calls_with_pauses", "calls_with_clocks"),
)
# What is averaged, by how many calls it rests on.
_WEIGHTS = {
    "typical_gap_ms": "calls_with_gaps",
    "typical_pause_ms": "calls_with_pauses",
    "clock_off_share": "calls_with_clocks",
}
# Tempo varies by factors, so its logarithms are averaged.
_TEMPO = frozenset({"typical_gap_ms", "typical_pause_ms"})


def one_row_per_night(nights: pd.DataFrame) -> pd.DataFrame:
    """The rows of several runs in one night as one, in order.

    Args:
        nights: the table.
    """
    chosen = nights.reset_index(drop=True)
    parts = chosen[[*_KEY, *_COUNTS]].copy()
    for name, calls in _WEIGHTS.items():
        values = chosen[name].astype("float64")
        if name in _TEMPO:
            values = values.map(math.log, na_action="ignore")
        weights = chosen[calls].astype("float64").where(values.notna(), 0.0)
        parts[name] = values.fillna(0.0) * weights
        parts[f"{name} of"] = weights
    together = parts.groupby(list(_KEY), sort=True).sum().reset_index()
    for name in _WEIGHTS:
        means = together[name] / together[f"{name} of"].where(together[f"{name} of"] > 0)
        together[name] = means.map(math.exp, na_action="ignore") if name in _TEMPO else means
    return together.assign(recognisers=_recognisers(chosen, together))


def mix_of(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each group's share of every night since its first, also of those on which nobody called.

    Where there is but one group, there is no mix.

    Args:
        rows: as `one_row_per_night` gives them, without that of all groups.
    """
    if rows["group"].nunique() < 2:  # noqa: PLR2004 - a mix takes two
        return
    totals = rows.groupby("night")["recordings"].sum()
    for group, of_group in rows.groupby("group", sort=True):
        own = of_group.set_index("night")["recordings"]
        since = totals[totals.index >= own.index.min()]
        counts = own.reindex(since.index, fill_value=0)
        shares = {"night": since.index, "recordings_of_night": since, "share": counts / since}
        yield str(group), pd.DataFrame(shares).reset_index(drop=True)


def recognisers_of(rows: pd.DataFrame) -> Iterator[tuple[str, list[RecognisersOfNight]]]:
    """Who transcribed each group's recordings, night by night, and those of all."""
    for group, of_group in rows.groupby("group", sort=True):
        nights = [
            RecognisersOfNight(night, counts)
            for night, counts in zip(of_group["night"], of_group["recognisers"], strict=True)
            if counts
        ]
        if nights:
            yield str(group), nights


def _recognisers(chosen: pd.DataFrame, together: pd.DataFrame) -> "pd.Series[Any]":
    """How many recordings each recogniser transcribed, for each row of `together`."""
    found: defaultdict[tuple[str, date], Counter[str]] = defaultdict(Counter)
    columns = (chosen[name] for name in (*_KEY, "recognisers"))
    for group, night, mixed in zip(*columns, strict=True):
        for each in mixed:
            found[group, night][_name(each)] += int(each["recordings"])
    keys = (together[name] for name in _KEY)
    counts = [found[group, night] for group, night in zip(*keys, strict=True)]
    return pd.Series(counts, dtype=object)


def _name(recogniser: Mapping[str, Any]) -> str:
    model = recogniser["speech_model"]
    return f"{recogniser['engine']} {model}" if model else str(recogniser["engine"])
