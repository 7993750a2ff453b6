"""What sending recordings to the service will cost, and how to agree to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fermata.recordings import Rejection, without_secrets
from fermata.runs.again import length_s
from fermata.runs.prices import Prices
from fermata.runs.worklist import Worklist

_SECONDS_PER_HOUR = 3600.0
_GONE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """What transcribing recordings again comes to, before anything is sent.

    Attributes:
        models: the speech models to be asked for.
        recordings: how many would be sent.
        hours: how long they are together.
        usd_per_hour: the price of the dearest of the models; None where one has none.
        price_from: where that price comes from.
        known: recordings that were transcribed, or are being transcribed, with these models.
        gone: recordings whose audio cannot be sent, and why.
    """

    models: tuple[str, ...]
    recordings: int
    hours: float
    usd_per_hour: float | None
    price_from: str
    known: int
    gone: tuple[Rejection, ...]

    @property
    def usd(self) -> float | None:
        """The cost in US dollars, rounded up to the cent; None without a price."""
        if self.usd_per_hour is None:
            return None
        return math.ceil(round(self.hours * self.usd_per_hour * 100, 6)) / 100

    def is_covered_by(self, accepted_usd: float | None) -> bool:
        """Whether somebody agreed to at least this cost."""
        return accepted_usd is not None and self.usd is not None and self.usd <= accepted_usd

    @property
    def summary(self) -> str:
        """One line: what would be sent and what it costs."""
        cost = "at an unknown price" if self.usd is None else f"for {self.usd:.2f} USD"
        parts = [f"{self.recordings:,} recordings ({self.hours:,.2f} h) to transcribe again {cost}"]
        if self.known:
            parts.append(f"{self.known:,} are transcribed so already")
        if self.gone:
            parts.append(f"{len(self.gone):,} cannot be sent")
        return ", ".join(parts)

    @property
    def message(self) -> str:
        """The summary, and what follows from it, in one line."""
        return f"{self.summary}; {self.what_to_do}"

    @property
    def what_to_do(self) -> str:
        """One line: what to pass so that they are sent."""
        if self.usd is None:
            return (
                f"no price is known for {', '.join(self.models)}: pass price_usd_per_hour "
                "(--price-usd-per-hour) with the price of an hour by your contract"
            )
        return (
            f"nothing was sent; to send them, pass accept_cost_usd={self.usd:.2f} "
            f"(--accept-cost-usd {self.usd:.2f})"
        )

    def as_json(self) -> dict[str, Any]:
        """The estimate as one JSON object."""
        return {
            "speech_models": list(self.models),
            "recordings": self.recordings,
            "hours": round(self.hours, 4),
            "usd_per_hour": self.usd_per_hour,
            "price_from": self.price_from,
            "usd": self.usd,
            "known": self.known,
            "gone": [
                {"name": each.name, "uri": without_secrets(each.uri), "reason": each.reason}
                for each in self.gone
            ],
            "what_to_do": self.what_to_do,
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """The estimate as a person reads it, line by line."""
        shown = [f"cannot be sent: {each.name}: {each.reason}" for each in self.gone[:_GONE_SHOWN]]
        if len(self.gone) > _GONE_SHOWN:
            shown.append(f"cannot be sent: {len(self.gone) - _GONE_SHOWN:,} more")
        return (f"{self.summary}.", f"Price: {self.price_from}.", self.what_to_do, *shown)


def estimate_cost(
    worklist: Worklist,
    models: Sequence[str],
    prices: Prices,
    usd_per_hour: float | None = None,
) -> CostEstimate:
    """Estimates what sending the new recordings of a worklist costs, at most.

    Args:
        worklist: its new recordings would be sent.
        models: the speech models to be asked for.
        prices: list prices.
        usd_per_hour: the price of an hour where it is not the list's.
    """
    listed = f"list price of {prices.date} from {prices.source}, without add-ons and discounts"
    return CostEstimate(
        models=tuple(models),
        recordings=len(worklist.new),
        hours=length_s(worklist.new) / _SECONDS_PER_HOUR,
        usd_per_hour=prices.dearest(models) if usd_per_hour is None else usd_per_hour,
        price_from=listed if usd_per_hour is None else "as given",
        known=len(worklist.items) - len(worklist.new),
        gone=worklist.rejections,
    )
