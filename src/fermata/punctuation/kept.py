"""`calibrations/punctuation.json`: the newest measurement of each streaming model."""

from pydantic import ValidationError

from fermata.errors import FermataError
from fermata.punctuation.models import Measurement, Punctuation
from fermata.storage import NotStoredError, Storage
from fermata.validation import first_problem

PUNCTUATION_PATH = "calibrations/punctuation.json"
"""Where the measurements stand below the data folder."""

_VENDOR = "assemblyai"


class DamagedPunctuationError(FermataError):
    """The measurements of streaming punctuation cannot be read back."""


def model_key(speech_model: str, provider: str) -> str:
    """The name of a measurement: the model's, before it the provider's unless it is the vendor.

    Fermata's own server takes the same names of models and hears with another engine, so its
    measurements must never stand for the vendor's.
    """
    return speech_model if provider == _VENDOR else f"{provider}:{speech_model}"


def read_punctuation(storage: Storage) -> Punctuation:
    """Reads the measurements; without any where none was ever made.

    Raises:
        DamagedPunctuationError: the file is not what `keep_measurement` writes.
        StorageError: it could not be read.
    """
    try:
        return Punctuation.model_validate_json(storage.read(PUNCTUATION_PATH))
    except NotStoredError:
        return Punctuation()
    except ValidationError as error:
        raise DamagedPunctuationError(
            f"{storage.uri(PUNCTUATION_PATH)} cannot be used ({first_problem(error)}); "
            "delete it and measure again"
        ) from None


def keep_measurement(storage: Storage, measurement: Measurement) -> str:
    """Keeps a measurement in place of an earlier one of the same model; returns the path.

    Raises:
        DamagedPunctuationError: the earlier measurements cannot be read.
        StorageError: the file could not be read or written.
    """
    key = model_key(measurement.speech_model, measurement.provider)
    kept = Punctuation(models={**read_punctuation(storage).models, key: measurement})
    content = kept.model_dump_json(indent=2).encode() + b"\n"
    storage.write_atomically(PUNCTUATION_PATH, content)
    return PUNCTUATION_PATH
