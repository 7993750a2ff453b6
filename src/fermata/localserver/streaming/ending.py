"""How sessions end by a fault, and how several tasks of one session end together."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from fermata.localserver.faults import AnswerStatus, Effect
from fermata.localserver.streaming.effects import (
    SOME_BYTES,
    CloseSession,
    DropSession,
    FallSilent,
    SendBytes,
    SendText,
    StallSession,
)
from fermata.localserver.streaming.refusal import RefusalError
from fermata.localserver.streaming.wire import UnsentError, Wire


class DroppedError(Exception):
    """The TCP connection shall be reset."""


class StalledError(Exception):
    """Nothing shall be read or written for some time."""

    def __init__(self, for_s: float) -> None:
        super().__init__(f"stalled for {for_s:g} s")
        self.for_s = for_s


class DeniedError(Exception):
    """The upgrade shall be answered with an HTTP status."""

    def __init__(self, effect: AnswerStatus) -> None:
        super().__init__(f"denied with {effect.status}")
        self.effect = effect


async def strike(effect: Effect | None, wire: Wire) -> None:
    """Lets a fault happen now; what withholds a message or slows the work is left to its caller.

    Raises:
        RefusalError: The session shall be closed.
        DroppedError: The connection shall be reset.
        StalledError: The connection shall stand still.
        DeniedError: There shall be no connection.
    """
    match effect:
        case CloseSession(code, text):
            raise RefusalError(code, text)
        case DropSession():
            raise DroppedError
        case StallSession(_, for_s):
            raise StalledError(for_s)
        case SendText(text):
            await wire.send_text(text)
        case SendBytes():
            await wire.send_bytes(SOME_BYTES)
        case FallSilent():
            wire.fall_silent()
        case AnswerStatus():
            raise DeniedError(effect)
        case _:
            return


async def first_to_end(*work: Coroutine[Any, Any, None]) -> None:
    """Does some work at once, until one of it ends; then the others are given up.

    Work that ends because it couldn't send doesn't count: who reads knows better why.

    Raises:
        Exception: What the first one to end raised.
    """
    tasks = [asyncio.create_task(one) for one in work]
    pending = set(tasks)
    ended: list[asyncio.Task[None]] = []
    try:
        while pending and not ended:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            ended = [task for task in done if not isinstance(task.exception(), UnsentError)]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()
