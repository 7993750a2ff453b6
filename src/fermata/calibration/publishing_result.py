"""What became of a run's settings, as every reader is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fermata.calibration.changes import Change

_SHORT = 8


def short_id(run_id: str) -> str:
    """The beginning of a run's id, by which commands know it too."""
    return run_id[:_SHORT]


@dataclass(frozen=True, slots=True)
class PublishingResult:
    """What became of a run's settings.

    Attributes:
        name: what became of them, in the words that stand beside the run in every list.
        scope: whose settings it is about.
        latest: where the settings in force are.
        changes: what streaming clients are told otherwise now.
        withheld: what they would be told otherwise if the rest of the run was published.
        why: one line on why it was published or not.
        command: what publishes the rest; None where nothing would change.
    """

    name: str
    scope: str
    latest: str
    changes: tuple[Change, ...]
    withheld: tuple[Change, ...]
    why: str
    command: str | None

    @property
    def summary(self) -> str:
        """One line."""
        if not self.is_published:
            return f"{self.name.lower()}: {self.why}; {self._rest}"
        changed = _listed(self.changes) or "nothing changed"
        rest = f"; {self._rest}" if self.withheld else ""
        return f"published ({self.why}): {changed}{rest}"

    @property
    def is_published(self) -> bool:
        """Whether anything of the run is in force or was before."""
        return self.name == "Published"

    @property
    def is_settled(self) -> bool:
        """Whether no later run need decide on the same recordings again."""
        return self.is_published or not (self.withheld or self.changes)

    def as_json(self) -> dict[str, Any]:
        """The fields that a machine reads."""
        return {
            "published": self.is_published,
            "scope": self.scope,
            "why": self.why,
            "changes": [each.summary for each in self.changes],
            "withheld": [each.summary for each in self.withheld],
            "command": self.command,
        }

    @property
    def _rest(self) -> str:
        if not self.withheld:
            return "the settings before stay in force"
        would = f"it would have changed {_listed(self.withheld)}"
        return f"{would}; to put it in force: {self.command}" if self.command else would


def _listed(changes: Sequence[Change]) -> str:
    return "; ".join(each.summary for each in changes)
