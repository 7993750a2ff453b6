"""The services of live sessions: how each is reached, and what can go wrong there."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.soak.night import KEY
from fermata.assemblyai.retry import RetryPolicy
from fermata.assemblyai.streaming import (
    AssemblyAiProvider,
    KeyAccess,
    StreamingTimes,
    streaming_parameters,
)
from fermata.gladia import GladiaClient, GladiaProvider, LiveRequest
from fermata.gladia.connection import IdleTimes
from fermata.live.provider import Provider
from fermata.live.wire import WireTimes
from fermata.localserver import Fault, parse_fault

_TIMES = WireTimes(connect_s=20.0, send_s=5.0, close_s=1.0, ping_s=0.3, pong_s=4.0)
_ANSWERED_WITHIN_S = 4.0


@dataclass(frozen=True, slots=True)
class Vendor:
    """A service.

    Attributes:
        name: what it is called.
        provider: makes one that talks to a port of this machine.
        endings: how a connection may end amid a session.
        in_passing: what may happen in one that goes on.
        at_the_edges: what may happen before a session has begun, and at its end.
        outlives_connections: whether a session is open until it is told to end.
    """

    name: str
    provider: Callable[[int], Provider]
    endings: tuple[str, ...]
    in_passing: tuple[str, ...]
    at_the_edges: tuple[str, ...]
    outlives_connections: bool = False

    def left_open(self, books: Mapping[str, Any]) -> list[str]:
        """The sessions in a server's books that still cost, or count as open."""
        return [
            f"{each['session_id']}, {each['connections']} connections, the last closed with "
            f"{each['close_code']} after {each['audio_s']} s of audio"
            for each in books["streams"]["sessions"]
            if each["open"] or (self.outlives_connections and not each["finished"])
        ]

    def fault(self, length_s: float, chance: random.Random) -> Fault:
        """A fault at a random moment of a session that is so long."""
        at_s = f"at_s={chance.uniform(0, length_s):.2f},times=1"
        draw = chance.random()
        if draw < 0.6:  # noqa: PLR2004 - most
            return parse_fault(f"ws-message:{chance.choice(self.endings)},{at_s}")
        if draw < 0.75:  # noqa: PLR2004 - some
            return parse_fault(f"ws-message:{chance.choice(self.in_passing)},{at_s}")
        edges = (
            *self.at_the_edges,
            *(f"ws-begin:{ending}" for ending in self.endings),
            *(f"ws-finish:{ending}" for ending in self.endings),
        )
        return parse_fault(f"{chance.choice(edges)},times=1")


def _assemblyai(port: int) -> Provider:
    return AssemblyAiProvider(
        f"ws://127.0.0.1:{port}/v3/ws",
        KeyAccess(KEY),
        streaming_parameters({"speech_model": "u3-rt-pro"}),
        times=StreamingTimes(_TIMES, begin_s=_ANSWERED_WITHIN_S),
    )


def _gladia(port: int) -> Provider:
    retry = RetryPolicy(attempts=4, total_s=10.0, wait_max_s=0.3, retry_after_max_s=1.0)
    return GladiaProvider(
        GladiaClient(f"http://127.0.0.1:{port}", KEY, retry=retry),
        LiveRequest(endpointing=0.3),
        times=_TIMES,
        idle=IdleTimes(stall_s=_ANSWERED_WITHIN_S),
    )


_NETWORK = ("connection=drop", "connection=stall", "connection=silent")
_STRANGE = ("message=binary", "message=malformed", "message=unknown", "slow_ms=40")
_NOT_OPENED = ("ws-connect:connection=drop", "ws-connect:status=429", "ws-connect:status=503")

ASSEMBLYAI = Vendor(
    "AssemblyAI",
    _assemblyai,
    endings=(
        "close=1000",
        "close=1001",
        "close=1008,text=Unauthorized connection: Too many concurrent sessions",
        "close=1008,text=Your current account balance is negative.",
        "close=1009",
        "close=1011",
        "close=1012",
        "close=1013",
        "close=3005,text=Session Cancelled: An error occurred",
        "close=3006,text=Session terminated due to inactivity: No messages received for 5 seconds",
        "close=3006,text=Invalid Message: []",
        "close=3007,text=Audio Transmission Rate Exceeded: Received 9 sec. audio in 1 sec",
        "close=3008,text=Session Expired: Maximum session duration exceeded",
        "close=3009,text=Unauthorized Connection: Too many concurrent sessions",
        "close=4001",
        "close=4102,text=This account has exceeded the number of allowed streams",
        *_NETWORK,
    ),
    in_passing=(*_STRANGE, "message=warning"),
    at_the_edges=(*_NOT_OPENED, "ws-begin:message=none", "ws-finish:message=none"),
)

GLADIA = Vendor(
    "Gladia",
    _gladia,
    endings=(
        *(f"close={code}" for code in (1000, 1001, 1008, 1009, 1011, 1012, 1013)),
        *(f"close={code}" for code in (4000, 4400, 4403, 4408, 4500)),
        *_NETWORK,
    ),
    in_passing=_STRANGE,
    at_the_edges=(
        *_NOT_OPENED,
        *(f"gladia-init:status={status}" for status in (402, 429, 500, 503)),
        "gladia-init:html=502",
        "gladia-init:reset=before",
        "gladia-init:reset=after",
        "gladia-init:truncate=json",
        "gladia-init:truncate=body",
        "ws-finish:message=none",
    ),
    outlives_connections=True,
)
