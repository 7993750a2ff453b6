"""What a subject of the soak came to: figures, and the invariants that were broken."""

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

EXAMPLES = 8
"""So many examples of a broken invariant are printed; all of them repeat with the seed."""


@dataclass(slots=True)
class Report:
    """The figures of one subject.

    Attributes:
        title: What was done, and with which seed.
        lines: The figures, as they are printed.
        broken: One line for each invariant that did not hold.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    _begun_s: float = field(default_factory=time.monotonic)
    _processor_s: float = field(init=False)

    def __post_init__(self) -> None:
        """Begins to count what it costs."""
        self._processor_s = processor_s()

    def say(self, line: str) -> None:
        """Adds a figure that can't be wrong."""
        self.lines.append(line)

    def none_of(self, what: str, found: Sequence[str]) -> None:
        """Adds a count that must be zero, with examples where it isn't."""
        self.lines.append(f"{len(found):,} {what}")
        if found:
            self.broken.append(f"{len(found):,} {what}")
            self.lines += [f"    {example}" for example in found[:EXAMPLES]]

    def close(self) -> "Report":
        """Adds what it cost."""
        wall_s = time.monotonic() - self._begun_s
        self.say(
            f"{wall_s:.0f} s of the clock, {processor_s() - self._processor_s:.0f} s of processors"
        )
        return self

    @property
    def text(self) -> str:
        """The report as it is printed."""
        return "\n".join([self.title, *(f"  {line}" for line in self.lines)])


def processor_s() -> float:
    """What this process and those it has waited for have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
