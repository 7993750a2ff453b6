"""Killed between any two of its steps, forgetting goes on the next time and leaves nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.forgetting import finish, unfinished
from fermata.ledger import Ledger
from fermata.storage import Storage
from tests.unit.forgetting.test_forgetting_recordings import Forgetful, tombstone

STEPS = 40


class KilledError(BaseException):
    """The process ends here."""


class Killing:
    """Ends the process before one of its changes to the data folder."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.left = -1
        for name in ("write_atomically", "remove"):
            patch.setattr(Storage, name, self._counting(getattr(Storage, name)))

    def _counting(self, change):
        def changed(storage: Storage, *arguments: object):
            self.left -= 1
            if self.left == 0:
                raise KilledError
            return change(storage, *arguments)

        return changed


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> Killing:
    return Killing(monkeypatch)


def interrupted(bench: Forgetful, killing: Killing) -> Iterator[int]:
    """Forgets, killed before the first change, the second one, and so on; each goes on."""
    bench.storage.write_atomically("reports/a.html", b"<td>support/secret-caller.wav</td>")
    for step in range(1, STEPS):
        killing.left = step
        try:
            if unfinished(bench.storage):
                finish(bench.places)
            else:
                bench.forget()
        except KilledError:
            yield step
            continue
        finally:
            killing.left = -1
        return
    pytest.fail(f"not done after {STEPS} changes")


def test_it_is_finished_wherever_it_was_killed(tmp_path: Path, killing: Killing) -> None:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        bench = Forgetful(tmp_path, ledger)
        for _ in interrupted(bench, killing):
            # Whatever was done by then, a run in between sends nothing and brings nothing back.
            if unfinished(bench.storage):
                assert bench.worklist("between").new == ()
        assert finish(bench.places).problems == ()
        assert unfinished(bench.storage) == ()
        assert bench.found() == {tombstone(bench), "ledger.sqlite"}
        assert bench.rows("other.wav") == bench.other_rows
