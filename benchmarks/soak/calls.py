"""The endpoints that no batch needs, each called while its faults last: what comes back is told."""

import threading
from collections.abc import Callable
from contextlib import suppress

from benchmarks.soak.night import KEY
from benchmarks.soak.place import Patience, wanted
from fermata.assemblyai import AssemblyAIClient
from fermata.assemblyai.gateway import GatewayClient, Message, Role
from fermata.assemblyai.streaming import fetch_token
from fermata.errors import FermataError
from fermata.gladia import GladiaClient, LiveRequest
from fermata.localserver import Place

CALLS = 3
"""So often an endpoint is called with a fault that strikes at some requests."""

Call = Callable[[str, Patience], object]


def call(place: Place, url: str, patience: Patience) -> list[str]:
    """Calls an endpoint some times; returns every exception that is none of Fermata's own."""
    foreign = []
    for _ in range(CALLS):
        try:
            with suppress(FermataError):
                _CALLS[place](url, patience)
        except Exception as error:  # noqa: BLE001 - the figure asked for
            foreign.append(f"{type(error).__name__}: {error}")
    return foreign


def _delete(url: str, patience: Patience) -> None:
    with AssemblyAIClient(url, KEY, retry=patience.retry, timeouts=patience.timeouts) as client:
        client.delete(client.submit(wanted(None), f"{url}/nothing.wav"))


def _ask(url: str, patience: Patience) -> object:
    client = GatewayClient(f"{url}/v1", KEY, retry=patience.retry, timeouts=patience.timeouts)
    question = Message(Role.USER, "What was said?")
    return client.complete([question], model="a-model", fallback_models=["another"])


def _open_at_gladia(url: str, patience: Patience) -> object:
    client = GladiaClient(
        url, KEY, retry=patience.retry, timeouts=patience.timeouts, stop=threading.Event()
    )
    return client.open(LiveRequest())


_CALLS: dict[Place, Call] = {
    Place.DELETE: _delete,
    Place.TOKEN: lambda url, _: fetch_token(url, KEY),
    Place.GATEWAY: _ask,
    Place.GLADIA_INIT: _open_at_gladia,
}
PLACES = tuple(_CALLS)
