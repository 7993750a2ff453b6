"""How a run is to choose: by which rule, for which goal, under which assumptions."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from fermata.calibration import ChooseBy, LatestChoices, Presets
from fermata.calibration.presets import Pair
from fermata.replay import Assumptions, Rule, rule_of
from fermata.thresholds import ALL_GROUPS, VENDOR_DEFAULT, Call, Goal, Policy, Question


@dataclass(frozen=True, slots=True)
class Choosing:
    """What a person asks of a run's choice.

    Attributes:
        choose_by: the rule.
        goal: what the settings shall achieve.
        customer: label or channel of the customer in the transcripts; None for all speakers.
        speech_model: the streaming model to choose for.
        assumptions: about the live system.
        assumed_from: where they come from, in words.
    """

    choose_by: ChooseBy
    goal: Goal
    customer: str | None
    speech_model: str
    assumptions: Assumptions
    assumed_from: str

    @property
    def asked(self) -> str:
        """All that bears on the choice besides the recordings, in one line to be compared."""
        asked = {
            "choose_by": self.choose_by,
            "goal": self.goal,
            "customer": self.customer or "",
            "speech_model": self.speech_model,
            **asdict(self.assumptions),
        }
        return "; ".join(f"{name}={value}" for name, value in asked.items())


def question_for(choosing: Choosing, presets: Presets, calls: Iterable[Call]) -> Question:
    """What is asked of the calls: the goal with all the settings that it may name.

    Where no transcript marks the end of a sentence, the rule is silence alone.

    Raises:
        UsageError: the goal names a setting that does not exist.
    """
    named = {name.value: _policy(pair) for name, pair in presets.presets.items()}
    default = presets.vendor_default(choosing.speech_model)
    if default is not None:
        named[VENDOR_DEFAULT] = _policy(default)
    return Question(
        rule=rule_for(rule_of(choosing.speech_model), calls),
        goal=choosing.goal,
        assumptions=choosing.assumptions,
        named=named,
    )


def present_settings(
    latest: LatestChoices | None, choosing: Choosing, presets: Presets
) -> dict[str, Policy]:
    """The setting in force for each group, and for all of them under `*`.

    It is the published one where that is for the same streaming model, else what the service
    does when it is told nothing. A group without a setting of its own has that of all.

    Args:
        latest: what was published; None before the first calibration.
        choosing: says for which streaming model.
        presets: know the service's defaults.
    """
    default = presets.vendor_default(choosing.speech_model)
    found = {} if default is None else {ALL_GROUPS: _policy(default)}
    published = {ALL_GROUPS: latest.overall, **latest.groups} if latest else {}
    for group, choice in published.items():
        if choice.speech_model == choosing.speech_model:
            found[group] = Policy(choice.min_turn_silence_ms, choice.max_turn_silence_ms)
    return found


def rule_for(documented: Rule | None, calls: Iterable[Call]) -> Rule | None:
    """The documented rule; silence alone where no transcript marks the end of a sentence."""
    if documented is None or any(map(_is_punctuated, calls)):
        return documented
    return Rule.SILENCE


def _is_punctuated(call: Call) -> bool:
    pauses = call.pauses
    return bool(pauses.turn_is_complete.any() or pauses.hold_is_complete.any())


def _policy(pair: Pair) -> Policy:
    return Policy(pair.min_turn_silence_ms, pair.max_turn_silence_ms)
