"""A run over one recording, in a process of its own, that may die at a step."""

import os
import signal
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from fermata.assemblyai import AssemblyAIClient
from fermata.ledger import JobKey, Ledger
from tests.unit.transcription.bench import KEY, RETRY, SUBMIT, Bench, recording_of


class Mortal:
    """Kills this process at one step."""

    def __init__(self, step: str) -> None:
        self._step = step

    def reach(self, step: str) -> None:
        if step == self._step:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalClient(AssemblyAIClient):
    """The real client; the process may die before or after a request."""

    def __init__(self, url: str, mortal: Mortal) -> None:
        super().__init__(url, KEY, retry=RETRY)
        self._mortal = mortal

    def upload(self, *arguments: Any, **options: Any) -> str:
        self._mortal.reach("before_upload")
        upload_url = super().upload(*arguments, **options)
        self._mortal.reach("after_upload")
        return upload_url

    def submit(self, *arguments: Any) -> str:
        self._mortal.reach("before_submit")
        transcript_id = super().submit(*arguments)
        self._mortal.reach("after_submit")
        return transcript_id


def mortal_run(
    server_url: str, ledger_url: str, path: str, *, step: str, lease_s: float, parent: Connection
) -> None:
    """Plans, submits and polls; tells the parent when it begins."""
    mortal, recording = Mortal(step), recording_of(Path(path))
    with Ledger(ledger_url) as ledger, MortalClient(server_url, mortal) as client:
        bench = Bench(None, client, ledger)  # type: ignore[arg-type]

        def archive(_key: JobKey, _raw: bytes) -> None:
            mortal.reach("before_archive")

        parent.send("begun")
        bench.plan(recording)
        bench.sent(recording, policy=replace(SUBMIT, lease_s=lease_s))
        bench.poll(archive=archive, on_settled=lambda _: mortal.reach("after_archive"))
