"""Changes of settings in markdown, for whoever has to approve them or is told of them."""

import re
from collections.abc import Iterable, Iterator

from fermata.calibration import Change, LatestChoice
from fermata.thresholds import ALL_GROUPS

_SPECIAL = re.compile(r"([\\`*_\[\]<>|])")


def changes_markdown(changes: Iterable[Change]) -> str:
    """A table of the groups with their settings before and after, and why each changed."""
    return "\n".join(_lines(changes))


def _lines(changes: Iterable[Change]) -> Iterator[str]:
    yield "Silences are `min_turn_silence` / `max_turn_silence` in ms."
    yield ""
    yield "| group | before | now | chosen by | why |"
    yield "|---|---|---|---|---|"
    for each in changes:
        whose = "all recordings" if each.group == ALL_GROUPS else each.group
        cells = (whose, _settings(each.old), _settings(each.new), each.chosen_by, each.reason)
        yield f"| {' | '.join(_plain(cell) for cell in cells)} |"


def _settings(choice: LatestChoice | None) -> str:
    if choice is None:
        return "none of its own"
    silences = f"{choice.min_turn_silence_ms} / {choice.max_turn_silence_ms}"
    return f"{silences} ({choice.title}, {choice.speech_model})"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
