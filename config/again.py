"""Transcribing archived recordings again: what a person may ask, checked before anything runs."""

import math

from config.choices import Engine
from config.services import choose_engine
from fermata.errors import UsageError


def models_in(speech_models: str) -> list[str]:
    """The models that a text names, separated by commas; none where nothing is to be sent."""
    return [name.strip() for name in speech_models.split(",") if name.strip()]


def engine_for_again(
    models: list[str], accept_cost_usd: float | None, price_usd_per_hour: float | None
) -> Engine | None:
    """Who transcribes again; None where no models are named, and so nothing is sent.

    Args:
        models: to be asked for.
        accept_cost_usd: the most that it may cost; None to see an estimate.
        price_usd_per_hour: of an hour of audio; None for the list price.

    Raises:
        UsageError: there is no key, an amount is no amount of money, or one is given though
            nothing is to be sent.
    """
    for name, amount in (
        ("accept_cost_usd", accept_cost_usd),
        ("price_usd_per_hour", price_usd_per_hour),
    ):
        option = f"{name} (--{name.replace('_', '-')})"
        if amount is None:
            continue
        if not models:
            raise UsageError(
                f"{option} has no effect without speech_models (--speech-models): name the models "
                "to transcribe again with, or leave it out"
            )
        if not math.isfinite(amount) or amount < 0:
            raise UsageError(f"{option} is {amount:g}: give an amount in US dollars, 0 or more")
    if not models:
        return None
    return choose_engine(
        Engine.ASSEMBLYAI, "leave speech_models (--speech-models) out to send nothing"
    )
