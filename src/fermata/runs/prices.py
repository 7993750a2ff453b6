"""What transcribing costs by the hour: a table with its source, from `config/prices.toml`."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, ValidationError

from fermata.errors import UsageError
from fermata.validation import first_problem


class Prices(BaseModel):
    """List prices of speech models.

    Attributes:
        source: where they were read.
        date: when.
        usd_per_hour: US dollars for an hour of audio, by model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    date: date
    usd_per_hour: Mapping[str, NonNegativeFloat]

    def dearest(self, models: Sequence[str]) -> float | None:
        """The highest price among the models that a request names, in US dollars an hour.

        The service takes the first model that knows the language, so it costs that much at
        most. None where one of them has no price here.
        """
        prices = [self.usd_per_hour.get(model) for model in models]
        known = [price for price in prices if price is not None]
        return max(known) if len(known) == len(prices) else None


def load_prices(path: str) -> Prices:
    """Reads a table of prices.

    Raises:
        UsageError: it cannot be read, or is no such table.
    """
    try:
        return Prices.model_validate(tomllib.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValidationError as error:
        reason = first_problem(error)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = str(error).replace("\n", " ")
    raise UsageError(f"the prices file {path} cannot be used: {reason}; mend or restore it")
