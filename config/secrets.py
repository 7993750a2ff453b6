"""The services' keys: from the environment, from `.env`, or from a Prefect Secret block.

A block is read once, when a key is first asked for, because the Prefect server may come up only
after the settings are read. What was read is masked in all logs from then on.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import SecretStr

from config.settings import settings
from fermata.errors import UsageError
from fermata.redact import remember_secret

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient


def assemblyai_key() -> SecretStr | None:
    """The key of AssemblyAI, or None where none is set.

    Raises:
        UsageError: the block that the settings name cannot be read.
    """
    current = settings()
    return current.assemblyai_api_key or _from_block(
        current.assemblyai_key_block, "FERMATA_ASSEMBLYAI_KEY_BLOCK"
    )


def gladia_key() -> SecretStr | None:
    """The key of Gladia, or None where none is set.

    Raises:
        UsageError: the block that the settings name cannot be read.
    """
    current = settings()
    return current.gladia_api_key or _from_block(
        current.gladia_key_block, "FERMATA_GLADIA_KEY_BLOCK"
    )


def has_assemblyai_key() -> bool:
    """Whether AssemblyAI's key is set, or a block for it named; reads no block."""
    return bool(settings().assemblyai_api_key or settings().assemblyai_key_block)


def has_gladia_key() -> bool:
    """Whether Gladia's key is set, or a block for it named; reads no block."""
    return bool(settings().gladia_api_key or settings().gladia_key_block)


def _from_block(name: str | None, variable: str) -> SecretStr | None:
    return _read_block(name, variable) if name else None


@lru_cache(maxsize=4)
def _read_block(name: str, variable: str) -> SecretStr:
    # Prefect takes 2 s to import, and most runs have no block.
    from httpx import HTTPError  # noqa: PLC0415
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

    try:
        with _client(name, variable) as client:
            block = client.read_block_document_by_name(name, "secret")
    except ObjectNotFound:
        raise UsageError(
            f"{variable}: Prefect has no Secret block {name!r}; make it under Blocks in its UI"
        ) from None
    except HTTPError as error:
        raise UsageError(
            f"{variable}: the Prefect server does not give the Secret block {name!r} "
            f"({type(error).__name__}): check PREFECT_API_URL, or start the server"
        ) from None
    value = block.data.get("value")
    if not isinstance(value, str) or not value:
        raise UsageError(f"{variable}: the Secret block {name!r} does not hold a key as text")
    remember_secret(value)
    return SecretStr(value)


def _client(name: str, variable: str) -> "SyncPrefectClient":
    """A client of the server that runs report to; starts none."""
    from config.prefect_reached import reached_api  # noqa: PLC0415

    api = reached_api()
    if api is None:
        raise UsageError(
            f"{variable}: no Prefect server runs to read the Secret block {name!r} from: "
            "set PREFECT_API_URL, or start the local one with `make serve`"
        )
    return api.client()
