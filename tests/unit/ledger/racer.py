"""A process that opens a ledger, plans the one job and tries to claim it."""

from multiprocessing.connection import Connection

from fermata.ledger import Ledger
from tests.unit.ledger.jobs import plan


def race(url: str, lease_s: float, parent: Connection) -> None:
    """Tells the parent whether it got the claim, and keeps it until the parent answers."""
    with Ledger(url) as ledger:
        claim = ledger.claim(plan(ledger, "talk.wav")[0], lease_s)
        parent.send(claim is not None)
        if claim is None:
            return
        with claim:
            parent.recv()
