"""A speech service on this machine: AssemblyAI's v2 REST API with an offline engine behind it.

It is what Fermata talks to when no API key is set, and what its tests talk to: `LocalServer` runs
it inside a program, `serve` as a program of its own. See docs/local-server.md.
"""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.localserver.config import LocalServerConfig
    from fermata.localserver.era import Era
    from fermata.localserver.fault_parser import parse_fault
    from fermata.localserver.faults import Fault, FaultPlan, Place
    from fermata.localserver.server import LocalServer, serve
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "Era",
    "Fault",
    "FaultPlan",
    "LocalServer",
    "LocalServerConfig",
    "Place",
    "parse_fault",
    "serve",
]
