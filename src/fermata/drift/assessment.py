"""From the table `nights` to what moved."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from fermata.drift.models import DriftFinding, DriftRule


def assess(
    nights: pd.DataFrame,
    rule: DriftRule | None = None,
    baseline_from: Mapping[str, date] | None = None,
) -> tuple[DriftFinding, ...]:
    """Says of each group and measure whether it moved away from its usual level.

    Args:
        nights: the table `nights`, in any order.
        rule: when a movement counts; None for `DriftRule()`.
        baseline_from: by group, the night from which its usual level is learned anew, such as
            the one on which its settings were last changed.

    Returns:
        By group and measure; those of which no night says anything are left out.
    """
    raise NotImplementedError
