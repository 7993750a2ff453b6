"""From milliseconds to a stack's units, and into the range that it takes."""

from dataclasses import dataclass

_MS_PER_S = 1000


def seconds(duration_ms: int) -> float:
    """A duration in seconds.

    >>> seconds(1280)
    1.28
    """
    return duration_ms / _MS_PER_S


@dataclass(frozen=True, slots=True)
class Fitted:
    """A value that its stack takes.

    Attributes:
        value: the value, in the stack's unit.
        clamping: one line where the stack would not have taken it as it was, else None.
    """

    value: object
    clamping: str | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a stack documents for a setting, both ends included.

    Attributes:
        name: the setting's name there.
        least: the smallest value.
        most: the greatest value.
        unit: as in `ms`; empty for a share.
    """

    name: str
    least: float
    most: float
    unit: str

    def fit(self, value: float) -> Fitted:
        """The nearest value in the range, with a line if it is another one."""
        nearest = min(max(value, self.least), self.most)
        if nearest == value:
            return Fitted(value)
        allowed = f"{self.name} takes {self.least:g} to {self.most:g} {self.unit}".rstrip()
        return Fitted(nearest, f"{allowed}, so {value:g} became {nearest:g}")
