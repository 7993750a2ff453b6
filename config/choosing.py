"""From what a person asks for to how a run chooses; what was measured or set fills the rest."""

from dataclasses import replace

from config.settings import settings
from config.wiring import presets, storage
from fermata.calibration import ChooseBy
from fermata.punctuation import assumptions_for, read_punctuation
from fermata.replay import Assumptions
from fermata.runs.choosing import Choosing, question_for
from fermata.thresholds import parse_goal


def choosing(choose_by: ChooseBy, goal: str, customer: str) -> Choosing:
    """How a run is to choose.

    Args:
        choose_by: the rule.
        goal: what the settings shall achieve, in words; empty for one cut-in = 5 s.
        customer: label or channel of the customer in the transcripts; empty for all speakers.

    Raises:
        UsageError: the goal cannot be read, or names a setting that does not exist.
    """
    model = settings().streaming_model
    assumptions, assumed_from = _assumptions(model)
    found = Choosing(
        choose_by=choose_by,
        goal=parse_goal(goal),
        customer=customer.strip() or None,
        speech_model=model,
        assumptions=assumptions,
        assumed_from=assumed_from,
    )
    question_for(found, presets(), ())
    return found


def _assumptions(model: str) -> tuple[Assumptions, str]:
    """What was measured or is usual for the model, with what the settings say in its place."""
    found, source = assumptions_for(model, read_punctuation(storage()))
    given = {
        name: value
        for name in ("detection_delay_ms", "complete_read_as_open", "open_read_as_complete")
        if (value := getattr(settings(), name)) is not None
    }
    if not given:
        return found, source
    return replace(found, **given), f"{', '.join(given)} as set; {source}"
