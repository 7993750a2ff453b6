"""A corpus replayed once, so that any draw of its calls is a matter of adding up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Self

import numpy as np

from benchmarks.validation.corpora import Corpus
from fermata.calibration import Pair, Presets, load_presets, preset_for
from fermata.replay.pauses import Integers
from fermata.thresholds import VENDOR_DEFAULT, Policy, Question
from fermata.thresholds.bootstrap import Draws
from fermata.thresholds.evidence import Evidence
from fermata.thresholds.material import Material, in_order
from fermata.thresholds.tally import Tally
from fermata.turntaking.floor import COMPLETE_LAPSE_MS, OPEN_LAPSE_MS

PRESETS = load_presets(Path(__file__).parents[2] / "config" / "presets.toml")

SERVICE = "u3-rt-pro"
"""The family whose rule, by punctuation, is replayed."""


def _policy(pair: Pair) -> Policy:
    return Policy(pair.min_turn_silence_ms, pair.max_turn_silence_ms)


def _named(presets: Presets) -> dict[str, Policy]:
    default = presets.families[SERVICE].default
    assert default is not None
    named = {name.value: _policy(preset) for name, preset in presets.presets.items()}
    return {**named, VENDOR_DEFAULT: _policy(default)}


NAMED: Mapping[str, Policy] = MappingProxyType(_named(PRESETS))
"""The fixed settings: three presets and what the service does when it is told nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A corpus with what every policy does in each of its calls.

    Attributes:
        name: of the corpus.
        rows: a row per call with a finished turn, a column per policy.
        gaps_ms: each call's positive gaps, for the guide's rule.
    """

    name: str
    rows: Tally
    gaps_ms: tuple[Integers, ...]

    @classmethod
    def of(cls, corpus: Corpus) -> Self:
        """Replays a corpus."""
        calls = in_order(corpus.calls)
        question = Question(corpus.rule, named=NAMED)
        material = Material.of(calls, [corpus.name] * len(calls), question, ())
        return cls(corpus.name, _without_idle(material.rows), tuple(c.gaps_ms for c in calls))

    @property
    def calls(self) -> int:
        """How many calls have a finished turn."""
        return len(self.gaps_ms)

    @property
    def turns(self) -> int:
        """How many turns are finished."""
        return int(self.rows.turns.sum())

    def column(self, policy: Policy) -> int:
        """Where a policy stands."""
        return self.rows.policies.index(policy)

    def sums(self, drawn: Integers) -> Tally:
        """What each policy does in some calls together; a call may be drawn several times."""
        return self.rows.weighed(np.bincount(drawn, minlength=self.calls).astype(np.float64))

    def evidence(self, drawn: Integers) -> Evidence:
        """The same with bootstrap samples, each drawn call being one of its own."""
        rows = rows_at(self.rows, drawn)
        return Evidence.of(rows, Draws.of(rows.turns[:, 0], [(np.arange(drawn.size), 1.0)]))

    def guided(self, drawn: Integers) -> Policy:
        """What the guide's rule picks from some calls."""
        gaps_ms = np.concatenate([self.gaps_ms[each] for each in drawn])
        if not gaps_ms.size:
            return NAMED[PRESETS.default.preset]
        return NAMED[preset_for(float(gaps_ms.mean()), PRESETS.boundaries)]


def rows_at(rows: Tally, drawn: Integers) -> Tally:
    """Some rows of a tally, in that order, perhaps several times."""
    return replace(
        rows,
        answered=rows.answered[:, drawn],
        turns=rows.turns[drawn],
        speech_minutes=rows.speech_minutes[drawn],
        cut_in_turns=rows.cut_in_turns[drawn],
        mid_sentence_turns=rows.mid_sentence_turns[drawn],
        after_sentence_turns=rows.after_sentence_turns[drawn],
        cut_ins=rows.cut_ins[drawn],
        cancelled_replies=rows.cancelled_replies[drawn],
        no_fires=rows.no_fires[drawn],
    )


def _without_idle(rows: Tally) -> Tally:
    """Drops policies that no search can pick: longer silences than any hold only add waiting."""
    kept = [
        at
        for at, policy in enumerate(rows.policies)
        if policy in NAMED.values()
        or (
            policy.min_turn_silence_ms <= COMPLETE_LAPSE_MS
            and policy.max_turn_silence_ms <= OPEN_LAPSE_MS
        )
    ]
    return rows.at(kept)
