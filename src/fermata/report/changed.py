"""Changes of settings in markdown, for whoever has to approve them or is told of them."""

from collections.abc import Iterator, Sequence

from fermata.calibration import Change, LatestChoice
from fermata.report.cells import cell
from fermata.thresholds import ALL_GROUPS


def changes_markdown(changes: Sequence[Change]) -> str:
    """A table of the groups with their settings before and after, and why each changed.

    The reasons stand below it: as a column they would make it wider than a form of the UI.
    """
    return "\n".join(_lines(changes))


def _lines(changes: Sequence[Change]) -> Iterator[str]:
    models = {each.speech_model for change in changes for each in (change.old, change.new) if each}
    of_one = f", for {cell(*models)}" if len(models) == 1 else ""
    yield f"Silences are `min_turn_silence` / `max_turn_silence` in ms{of_one}."
    yield ""
    yield "| group | before | after |"
    yield "|---|---|---|"
    for each in changes:
        cells = (_whose(each), _settings(each.old, models), _settings(each.new, models))
        yield f"| {' | '.join(cell(each) for each in cells)} |"
    yield ""
    for each in changes:
        yield f"- **{cell(_whose(each))}**, by {each.chosen_by}: {cell(each.reason)}"


def _whose(change: Change) -> str:
    return "all recordings" if change.group == ALL_GROUPS else change.group


def _settings(choice: LatestChoice | None, models: set[str]) -> str:
    if choice is None:
        return "none"
    silences = f"{choice.min_turn_silence_ms} / {choice.max_turn_silence_ms}"
    return silences if len(models) == 1 else f"{silences} ({choice.speech_model})"
