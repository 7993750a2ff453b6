"""What the user wants of the thresholds, read from a line of text.

`mid-sentence <= 5 %, P90 wait <= 1 s` has two budgets; `one cut-in = 5 s` is an exchange
rate. What is then made as small as possible follows from what was stated:

| stated | made small |
|---|---|
| nothing, a rate, or budgets on both cut-ins and waits | cost: mean wait + rate * cut-in rate |
| `cut-ins`, or both kinds of them, alone | mean wait |
| `mean wait` or `no slower than` alone | cut-in rate |
| other budgets alone, such as `mid-sentence` or `P90 wait` | cost |

The last line is there because such a budget leaves one of the two silences free: with nothing
but `mid-sentence <= 5 %` and the mean wait to go by, the minimum would always be the shortest
that there is, and most callers would be cut into after a sentence.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from fermata.errors import UsageError
from fermata.replay import EXCHANGE_RATE_MS

FORMS = (
    "`one cut-in = 5 s`, `mid-sentence <= 5 %`, `after-sentence <= 10 %`, `cut-ins <= 20 %`, "
    "`mean wait <= 800 ms`, `P50 wait <= 1 s` (P90 and P95 likewise), `no slower than balanced`, "
    "joined by commas or `and`"
)
"""The forms of a goal, for help and error texts."""


class Measure(StrEnum):
    """What a budget can be set on."""

    MID_SENTENCE = "mid-sentence"
    AFTER_SENTENCE = "after-sentence"
    CUT_INS = "cut-ins"
    MEAN_WAIT = "mean wait"
    P50_WAIT = "P50 wait"
    P90_WAIT = "P90 wait"
    P95_WAIT = "P95 wait"

    @property
    def is_share(self) -> bool:
        """Whether it is a share of turns, from 0 to 1; a time in ms otherwise."""
        return self in {Measure.MID_SENTENCE, Measure.AFTER_SENTENCE, Measure.CUT_INS}


class Objective(StrEnum):
    """What is made as small as possible."""

    COST = "cost"
    MEAN_WAIT = "mean wait"
    CUT_INS = "cut-ins"


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit.

    Attributes:
        measure: on what.
        at_most: a share from 0 to 1, or ms, as the measure asks.
    """

    measure: Measure
    at_most: float

    def __str__(self) -> str:
        return f"{self.measure} <= {self.amount(self.at_most)}"

    def amount(self, value: float) -> str:
        """A value of the budget's measure with its unit, without rounding."""
        if self.measure.is_share:
            return f"{_plain(Decimal(repr(value)) * 100)} %"
        return _duration(value)


@dataclass(frozen=True, slots=True)
class Goal:
    """What the thresholds shall achieve.

    Attributes:
        stated_rate_ms: the waiting that one turn with a cut-in is worth; None if not stated.
        budgets: limits, all to be met.
        no_slower_than: names of policies whose mean wait shall not be exceeded.
    """

    stated_rate_ms: float | None = None
    budgets: tuple[Budget, ...] = ()
    no_slower_than: tuple[str, ...] = ()

    @property
    def exchange_rate_ms(self) -> float:
        """The stated rate, or 5 s."""
        return EXCHANGE_RATE_MS if self.stated_rate_ms is None else self.stated_rate_ms

    @property
    def objective(self) -> Objective:
        """What is made as small as possible, by the table above."""
        limited = {budget.measure for budget in self.budgets}
        limits_waits = bool(self.no_slower_than) or any(not each.is_share for each in limited)
        limits_cut_ins = any(each.is_share for each in limited)
        if self.stated_rate_ms is not None or limits_cut_ins == limits_waits:
            return Objective.COST
        if Measure.CUT_INS in limited or limited >= {Measure.MID_SENTENCE, Measure.AFTER_SENTENCE}:
            return Objective.MEAN_WAIT
        if self.no_slower_than or Measure.MEAN_WAIT in limited:
            return Objective.CUT_INS
        return Objective.COST

    def __str__(self) -> str:
        rate = self.stated_rate_ms
        rates = [] if rate is None else [f"one cut-in = {_duration(rate)}"]
        slower = [f"no slower than {name}" for name in self.no_slower_than]
        stated = [*rates, *map(str, self.budgets), *slower]
        return ", ".join(stated) or f"one cut-in = {_duration(self.exchange_rate_ms)}"


_LONGEST_GOAL = 1_000
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_TIME = rf"{_NUMBER}\s*(ms|s)"
_SEPARATOR = re.compile(r"\s+and\s+|(?<!\d),|,(?!\d)", re.IGNORECASE)
_RATE = re.compile(rf"one\s+cut-in\s*=\s*{_TIME}", re.IGNORECASE)
_SHARE = re.compile(
    rf"(mid-sentence|after-sentence|cut-ins)\s*(?:<=|≤)\s*{_NUMBER}\s*%", re.IGNORECASE
)
_WAIT = re.compile(rf"(mean|P50|P90|P95)\s+wait\s*(?:<=|≤)\s*{_TIME}", re.IGNORECASE)
_SLOWER = re.compile(r"no\s+slower\s+than\s+([a-z][\w -]*)", re.IGNORECASE)


def parse_goal(text: str) -> Goal:
    """Reads a goal; the default one from an empty text.

    Args:
        text: parts in the forms of `FORMS`; decimal point or comma, capitals or not.

    Raises:
        UsageError: it is too long, a part has none of the forms, asks for more than 100 % or for
            no time at all, or there are two exchange rates.
    """
    rates: list[float] = []
    budgets: list[Budget] = []
    names: list[str] = []
    if len(text) > _LONGEST_GOAL:
        raise UsageError(
            f"this goal has {len(text):,} characters, at most {_LONGEST_GOAL:,} make sense: "
            f"write {FORMS}"
        )
    # Spaces in a row would have each pattern try them from every one of them on.
    line = " ".join(text.split())
    for part in (each.strip() for each in _SEPARATOR.split(line)):
        if found := _RATE.fullmatch(part):
            rates.append(_ms(found[1], found[2], part))
        elif found := _SHARE.fullmatch(part):
            budgets.append(Budget(Measure(found[1].lower()), _share(found[2], part)))
        elif found := _WAIT.fullmatch(part):
            budgets.append(Budget(_wait(found[1]), _ms(found[2], found[3], part)))
        elif found := _SLOWER.fullmatch(part):
            names.append(" ".join(found[1].lower().split()))
        elif part or line:
            raise UsageError(f"{part!r} is no goal: write {FORMS}")
    if len(rates) > 1:
        raise UsageError("the goal states two exchange rates: write `one cut-in = ...` once")
    return Goal(rates[0] if rates else None, tuple(budgets), tuple(names))


def _wait(name: str) -> Measure:
    shown = name.lower() if name.lower() == "mean" else name.upper()
    return Measure(f"{shown} wait")


def _share(number: str, part: str) -> float:
    percent = _decimal(number)
    if percent > 100:  # noqa: PLR2004 - per cent
        raise UsageError(f"{part!r} is above 100 %: a rate is a share of the turns")
    return float(percent / 100)


def _ms(number: str, unit: str, part: str) -> float:
    amount = _decimal(number) * (1000 if unit.lower() == "s" else 1)
    if not amount:
        raise UsageError(f"{part!r} asks for no time at all: give a time above 0")
    return float(amount)


def _decimal(number: str) -> Decimal:
    return Decimal(number.replace(",", "."))


def _duration(milliseconds: float) -> str:
    exact = Decimal(repr(milliseconds))
    return f"{_plain(exact)} ms" if exact < 1000 else f"{_plain(exact / 1000)} s"  # noqa: PLR2004


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
