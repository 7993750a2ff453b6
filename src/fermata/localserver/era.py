"""Which of the vendor's rules hold at the local server."""

from enum import StrEnum


class Era(StrEnum):
    """Which of the vendor's rules on model names hold; they changed twice in 2026."""

    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"
