"""The services' keys: from the environment, from `.env`, or from a Prefect Secret block.

A block is read once, when a key is first asked for, because the Prefect server may come up only
after the settings are read. What was read is masked in all logs from then on.
"""

from functools import lru_cache

from pydantic import SecretStr

from config.settings import settings
from fermata.errors import UsageError


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


def secrets() -> tuple[str, ...]:
    """The values that must never be shown, those in blocks among them."""
    keys = (assemblyai_key(), gladia_key())
    return tuple(key.get_secret_value() for key in keys if key)


def _from_block(name: str | None, variable: str) -> SecretStr | None:
    return _read_block(name, variable) if name else None


@lru_cache(maxsize=4)
def _read_block(name: str, variable: str) -> SecretStr:
    # Prefect takes 2 s to import, and most runs have no block.
    from httpx import HTTPError  # noqa: PLC0415
    from prefect.client.orchestration import get_client  # noqa: PLC0415
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

    try:
        with get_client(sync_client=True) as client:
            block = client.read_block_document_by_name(name, "secret")
    except ObjectNotFound:
        raise UsageError(
            f"{variable}: Prefect has no Secret block {name!r}; make it under Blocks in its UI"
        ) from None
    except (HTTPError, ValueError) as error:
        raise UsageError(f"{variable}: no Prefect server to read the block from: {error}") from None
    value = block.data.get("value")
    if not isinstance(value, str) or not value:
        raise UsageError(f"{variable}: the Secret block {name!r} does not hold a key as text")
    return SecretStr(value)
