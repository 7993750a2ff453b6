"""A process that opens a ledger, plans the one job and tries to claim it: URL, then the lease.

Prints whether it got the claim, and keeps it until its standard input ends.
"""

import sys

from fermata.ledger import Ledger
from tests.unit.ledger.jobs import plan


def main(url: str, lease_s: str) -> None:
    with Ledger(url) as ledger:
        claim = ledger.claim(plan(ledger, "talk.wav")[0], float(lease_s))
        sys.stdout.write("claimed\n" if claim else "refused\n")
        sys.stdout.flush()
        if claim is None:
            sys.stdin.read()
            return
        with claim:
            sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
