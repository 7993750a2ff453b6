"""How findings say figures and names, so that all of them read alike."""

from collections.abc import Sequence

from fermata.quality.models import CallFacts

_NAMED = 3


def percent(share: float) -> str:
    """A share as a percentage with one digit: `4.2 %`."""
    return f"{100 * share:.1f} %"


def seconds(ms: float) -> str:
    """A time in seconds with one digit: `2.1 s`."""
    return f"{ms / 1_000:,.1f} s"


def named(facts: Sequence[CallFacts]) -> str:
    """The names of the first few calls, and how many more there are."""
    names = ", ".join(each.name for each in facts[:_NAMED])
    more = len(facts) - _NAMED
    return f"{names} and {more} more" if more > 0 else names
