"""Listens to the same content once, however many jobs ask for it."""

import asyncio
from pathlib import Path

from fermata.localserver.engine.heard import Heard
from fermata.localserver.engine.pool import EnginePool
from fermata.localserver.engine.protocol import Layout


class Listener:
    """An `EnginePool` that remembers what it heard, for as long as the server lives."""

    def __init__(self, pool: EnginePool) -> None:
        self._pool = pool
        self._tasks: dict[tuple[str, Layout], asyncio.Task[Heard]] = {}

    async def hear(self, content_id: str, path: Path, layout: Layout) -> Heard:
        """What is said in a recording; a second caller shares the first one's work.

        Args:
            content_id: SHA-256 of the content.
            path: Where the content lies.
            layout: How to listen to several channels.

        Raises:
            NotAudioError: The file can't be decoded as audio.
            EngineError: The engine failed; asking again tries again.
        """
        key = (content_id, layout)
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(self._pool.transcribe(path, layout))
        try:
            return await asyncio.shield(task)
        except Exception:
            self._tasks.pop(key, None)
            raise

    async def close(self) -> None:
        """Gives up what is under way and ends the engine's processes."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._pool.close()
