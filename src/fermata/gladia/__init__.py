"""Gladia live v2 as a provider of live sessions."""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.gladia.connection import GladiaConnection, IdleTimes
    from fermata.gladia.http import GladiaClient, LiveSession
    from fermata.gladia.parameters import LiveRequest, Region
    from fermata.gladia.provider import GladiaProvider
    from fermata.gladia.turns import Endpointing, TurnSettings, endpointing_for
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "Endpointing",
    "GladiaClient",
    "GladiaConnection",
    "GladiaProvider",
    "IdleTimes",
    "LiveRequest",
    "LiveSession",
    "Region",
    "TurnSettings",
    "endpointing_for",
]
