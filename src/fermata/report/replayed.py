"""What the replay says, as the cells and lines that the terminal and the run's page share."""

from collections.abc import Iterable, Iterator

from fermata.calibration import ChosenBy, GroupCalibration
from fermata.quality import GateFinding, GateVerdict
from fermata.replay import Assumptions
from fermata.thresholds import ALL_GROUPS, Advice, Estimate, Judged, Policy

COLUMNS = ("group", "calls", "verdict", "setting", "cut-ins", "mid sentence", "wait ms (P90)")
"""The columns of `rows`."""

BEST = "best"
"""The name of the setting that the replay finds best, whether it is chosen or not."""

SETTINGS = ("present", BEST)
"""The two settings of a group that `rows` tells about, where there are both."""


def rows(groups: Iterable[GroupCalibration]) -> Iterator[tuple[str, ...]]:
    """Two rows a group, the present setting and the best one, as texts under `COLUMNS`."""
    for group in groups:
        if group.replayed is None:
            continue
        advice = group.replayed.advice
        head = (shown_name(group.group), f"{advice.calls:,}", verdict(advice))
        found = [*judged(advice)]
        for index, (name, each) in enumerate(found):
            yield (*(head if index == 0 else ("", "", "")), *_figures(name, each))
        if not found:
            yield (*head, "", "", "", "")


def judged(advice: Advice) -> Iterator[tuple[str, Judged]]:
    """The settings that a group was judged by, under the names of `SETTINGS`."""
    for name in SETTINGS:
        found: Judged | None = getattr(advice, name)
        if found is not None:
            yield name, found


def verdict(advice: Advice) -> str:
    """The verdict in words that can be broken between lines."""
    return advice.verdict.replace("-", " ")


def pair(policy: Policy) -> str:
    """The two silences of a setting in ms."""
    return f"{policy.min_turn_silence_ms}/{policy.max_turn_silence_ms}"


def shown_name(group: str) -> str:
    """A group's name for people; a lone `*` would be taken for markup."""
    return "all" if group == ALL_GROUPS else group


def guides_reason(group: GroupCalibration) -> str:
    """Why the guide's rule chose as it did; empty where the replay did: `lines` say why."""
    return "" if group.choice.chosen_by is ChosenBy.REPLAY else group.guide.reasoning


def lines(group: GroupCalibration) -> Iterator[str]:
    """Sentences on one group: both rules, what was assumed, and what the gates saw."""
    guide, choice = group.guide, group.choice
    yield f"Chosen by: {choice.chosen_by}"
    yield (
        f"Guide's rule: {guide.title}, {guide.min_turn_silence_ms}/{guide.max_turn_silence_ms} ms"
    )
    if group.replayed is None:
        return
    advice = group.replayed.advice
    yield f"Replay: {verdict(advice)}. {advice.reason[:1].upper()}{advice.reason[1:]}"
    yield f"Goal: {advice.goal}"
    if advice.best is not None:
        yield assumed(advice.assumptions)
    yield from _sensitivity(advice)
    yield from findings(group.replayed.findings)


def assumed(assumptions: Assumptions) -> str:
    """The assumptions of a replay in a line."""
    return (
        f"Assumed: {assumptions.detection_delay_ms} ms until an end is detected, "
        f"{percent(assumptions.complete_read_as_open)} of the sentence ends missed and "
        f"{percent(assumptions.open_read_as_complete)} made up by the streaming model"
    )


def findings(found: Iterable[GateFinding]) -> Iterator[str]:
    """A line for each gate that has something to say."""
    quiet = (GateVerdict.PASS, GateVerdict.NOT_MEASURED)
    for each in found:
        if each.verdict not in quiet:
            yield f"Quality, {each.gate}: {each.verdict}. {each.saw}; {each.do}"


def percent(share: float) -> str:
    """A share from 0 to 1 in per cent, with one digit."""
    return f"{100 * share:.1f} %"


def with_interval(estimate: Estimate) -> str:
    """A share in per cent with its 95 % interval."""
    low, high = (100 * each for each in (estimate.interval.low, estimate.interval.high))
    return f"{100 * estimate.value:.1f} % ({low:.1f}-{high:.1f})"


def _figures(name: str, each: Judged) -> tuple[str, str, str, str]:
    return (
        f"{name} {pair(each.policy)}",
        with_interval(each.cut_in_rate),
        with_interval(each.mid_sentence_rate),
        f"{each.mean_wait_ms.value:,.0f} ({each.p90_wait_ms.value:,.0f})",
    )


def _sensitivity(advice: Advice) -> Iterator[str]:
    for each in advice.sensitivity:
        if each.error:
            yield (
                f"If {100 * each.error:.0f} % of the marks were wrong: "
                f"{percent(each.judged.cut_in_rate.value)} cut-ins, best {each.best}"
            )
