"""Which speech service a run talks to, and the client for it.

The real service, a self-hosted one and Fermata's own local server differ only in address and
key, so the flow passes an address around; the key is looked up where the call is made.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from config.choices import Engine
from config.secrets import assemblyai_key, has_assemblyai_key
from config.settings import settings
from fermata.assemblyai.client import AssemblyAIClient
from fermata.assemblyai.errors import ServiceError
from fermata.errors import UsageError

# The local server asks for a key as the real one does; this one opens nothing else.
LOCAL_KEY = "local-engine"


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """A speech service: `engine` tells whose results they are, `base_url` where it answers."""

    engine: Engine
    base_url: str


def choose_engine(wanted: Engine, otherwise: str = "name local in its place") -> Engine:
    """The engine to use: as wanted; on `auto` AssemblyAI where a key is set, else the local one.

    Args:
        wanted: by whoever starts the run.
        otherwise: what can be done without a key.

    Raises:
        UsageError: AssemblyAI is wanted and no key is set.
    """
    has_key = has_assemblyai_key()
    if wanted is Engine.AUTO:
        return Engine.ASSEMBLYAI if has_key else Engine.LOCAL
    if wanted is Engine.ASSEMBLYAI and not has_key:
        raise UsageError(
            "no key for assemblyai: set ASSEMBLYAI_API_KEY in the environment or in .env, "
            f"or {otherwise}"
        )
    return wanted


@contextlib.contextmanager
def speech_service(engine: Engine) -> Iterator[ServiceAddress]:
    """Yields the address of the service for `engine`; the local one runs just as long."""
    if engine is Engine.LOCAL:
        # A whole server with an engine to listen: only where nobody else transcribes.
        from fermata.localserver import LocalServer, LocalServerConfig  # noqa: PLC0415

        with LocalServer(LocalServerConfig(api_keys=frozenset({LOCAL_KEY}))) as server:
            yield ServiceAddress(Engine.LOCAL, server.url)
    else:
        yield ServiceAddress(Engine.ASSEMBLYAI, settings().assemblyai_base_url)


@lru_cache(maxsize=8)
def client_for(service: ServiceAddress, stop: threading.Event | None = None) -> AssemblyAIClient:
    """The client for `service`, one for each run; its waiting ends when `stop` is set.

    Raises:
        UsageError: the address is not safe to send a key to.
    """
    key = None if service.engine is Engine.LOCAL else assemblyai_key()
    return AssemblyAIClient(
        base_url=service.base_url,
        api_key=key.get_secret_value() if key else LOCAL_KEY,
        allow_insecure_hosts=settings().allow_insecure_hosts,
        stop=stop,
    )


def check_service(service: ServiceAddress) -> None:
    """Makes sure, with a request that costs nothing, that the service answers and takes the key.

    Raises:
        UsageError: it does not; nothing was sent to it.
    """
    try:
        client_for(service).check()
    except ServiceError as error:
        raise UsageError(str(error)) from None
