"""The parts of the library, put together by the settings; one of each per process."""

from functools import lru_cache
from typing import TYPE_CHECKING

from config.settings import settings
from fermata.calibration import Presets, load_presets
from fermata.errors import UsageError
from fermata.runs.prices import Prices, load_prices
from fermata.storage import Storage

if TYPE_CHECKING:
    from config.choices import Engine
    from fermata.assemblyai.options import MultichannelMode, TranscriptOptions
    from fermata.ledger import Ledger
    from fermata.runs.worklist import OptionsFor


@lru_cache(maxsize=1)
def storage() -> Storage:
    """The data folder."""
    return Storage(settings().data_dir)


@lru_cache(maxsize=1)
def ledger() -> "Ledger":
    """The ledger: by its URL, or as an SQLite file beside the data.

    Raises:
        UsageError: the data are not on a disk of this machine and no URL is set.
    """
    # SQLAlchemy: a command that reads a table or a file does without.
    from fermata.ledger import Ledger, in_file  # noqa: PLC0415

    url = settings().ledger_url
    if url is None and not storage().is_local:
        raise UsageError(
            "FERMATA_LEDGER_URL is not set: data in remote storage need a ledger in a database, "
            "such as postgresql+psycopg://user@host/fermata"
        )
    return Ledger(url or in_file(storage().path("ledger.sqlite")))


def whereabouts() -> tuple[str, str | None]:
    """Where the data and the ledger of this process are; two that share their work agree."""
    return storage().uri(""), settings().ledger_url


def presets() -> Presets:
    """The presets, with the pairs of another family where the settings ask for them."""
    loaded = load_presets(settings().presets_file)
    pairs = settings().preset_pairs
    return loaded.with_pairs_of(pairs) if pairs else loaded


def prices() -> Prices:
    """What transcribing costs by the hour."""
    return load_prices(settings().prices_file)


def request_options(
    engine: "Engine", multichannel: "MultichannelMode", speech_models: tuple[str, ...] = ()
) -> "OptionsFor":
    """From a recording's number of channels to the options its transcript is asked for with.

    Args:
        engine: who transcribes.
        multichannel: when each channel is one speaker.
        speech_models: the models to ask for; none for those of the settings.
    """
    from fermata.assemblyai.options import options_for  # noqa: PLC0415 - as above

    current = settings()

    @lru_cache
    def options(channels: int | None) -> "TranscriptOptions":
        return options_for(
            channels,
            multichannel,
            engine=engine.value,
            speech_models=speech_models or current.speech_models,
            language_detection=current.language_detection,
        )

    return options
