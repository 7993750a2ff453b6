"""Keeps sessions in child processes that are killed at random moments: FOLDER COUNT.

Every turn is acknowledged through a pipe after it was kept, so that the reader can tell what
must not be missing. Prints one line per child: the session's name and the turns acknowledged.
"""

import os
import random
import signal
import sys
import time

from fermata.sessions import SessionKeeper
from fermata.storage import Storage
from tests.unit.sessions.happenings import began, plan, turn

LONGEST_LIFE_S = 0.06


def keep_until_killed(folder: str, session: str, acknowledge: int) -> None:
    with SessionKeeper(Storage(folder), plan(), session) as keeper:
        keeper.on_event(0, began())
        order = 0
        while True:
            keeper.on_turn(turn(order, f"turn number {order}"))
            os.write(acknowledge, b".")
            order += 1


def kill_one(folder: str, session: str, least: int) -> int:
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        keep_until_killed(folder, session, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as acknowledged:
        seen = len(acknowledged.read(least))
        time.sleep(random.uniform(0, LONGEST_LIFE_S))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return seen + len(acknowledged.read())


def main() -> None:
    folder, count = sys.argv[1], int(sys.argv[2])
    for number in range(count):
        session = f"session-{number}"
        sys.stdout.write(f"{session} {kill_one(folder, session, number % 10)}\n")


if __name__ == "__main__":
    main()
