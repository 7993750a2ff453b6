"""One figure for a policy: waiting plus what its cut-ins are worth in waiting."""

from fermata.errors import UsageError
from fermata.replay.measures import Measures
from fermata.replay.pauses import Numbers

EXCHANGE_RATE_MS = 5_000
"""One cut-in is as bad as this much waiting (Raux & Eskenazi 2009)."""


def cost_ms(measures: Measures, exchange_rate_ms: float = EXCHANGE_RATE_MS) -> Numbers:
    """`J` = mean wait + exchange rate * cut-in rate, in ms per turn.

    Args:
        measures: of the policies.
        exchange_rate_ms: how much waiting one turn with a cut-in stands for: lambda.

    Raises:
        UsageError: the exchange rate is negative.
    """
    if exchange_rate_ms < 0:
        raise UsageError("the exchange rate is below 0 ms: say how much waiting a cut-in is worth")
    return measures.mean_wait_ms + exchange_rate_ms * measures.cut_in_rate
