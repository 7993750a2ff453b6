"""The database under the ledger: made once, shared by processes, explained when it fails."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from fermata.errors import UsageError
from fermata.ledger import Ledger, LedgerUnavailableError
from tests.unit.ledger.jobs import key_of, plan

ROOT = Path(__file__).parents[3]
DEADLINE_S = 30


@contextmanager
def racer(url: str, lease_s: float) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.ledger.racer", url, str(lease_s)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def answer_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_processes_that_open_a_new_ledger_at_once_share_it_and_one_gets_the_claim(ledger_url):
    with ExitStack() as stack:
        racers = [stack.enter_context(racer(ledger_url, 30)) for _ in range(4)]
        answers = sorted(answer_of(process) for process in racers)
    assert answers == ["claimed", "refused", "refused", "refused"]


def test_the_claim_of_a_killed_process_runs_out(ledger_url):
    with racer(ledger_url, 0.5) as holder:
        assert answer_of(holder) == "claimed"
        with Ledger(ledger_url) as ledger:
            assert ledger.claim(key_of("talk.wav")) is None
            holder.kill()
            holder.wait(DEADLINE_S)
            pause = threading.Event()
            while (claim := ledger.claim(key_of("talk.wav"))) is None:
                assert not pause.wait(0.02)
            with claim:
                assert claim.job.name == "talk.wav"


def test_threads_that_open_a_new_ledger_at_once_share_it(ledger_url):
    start, ledgers = threading.Barrier(8), []

    def open_it() -> None:
        start.wait(DEADLINE_S)
        ledgers.append(Ledger(ledger_url))

    openers = [threading.Thread(target=open_it) for _ in range(8)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join(DEADLINE_S)
    assert len(ledgers) == 8
    plan(ledgers[0], "talk.wav")
    assert all(ledger.job(key_of("talk.wav")) for ledger in ledgers)
    for ledger in ledgers:
        ledger.close()


def test_readers_do_not_wait_for_a_writer(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with Ledger(url) as ledger:
        plan(ledger, "talk.wav")
        with ledger._database.writing():
            assert ledger.job(key_of("talk.wav")).name == "talk.wav"


def test_a_ledger_of_a_newer_fermata_is_left_alone(ledger_url):
    Ledger(ledger_url).close()
    engine = create_engine(ledger_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE ledger SET schema_version = 99"))
    engine.dispose()
    with pytest.raises(UsageError, match="version 99"):
        Ledger(ledger_url)


def test_the_folder_of_a_ledger_is_made(tmp_path):
    with Ledger(f"sqlite:///{tmp_path / 'new' / 'folder' / 'ledger.db'}"):
        assert (tmp_path / "new" / "folder" / "ledger.db").is_file()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "sqlite:///"),
        ("mysql://host/ledger", "mysql"),
        ("sqlite://", "memory"),
        ("sqlite:///:memory:", "memory"),
    ],
)
def test_a_url_that_can_not_be_a_ledger_is_wrong_use(url, says):
    with pytest.raises(UsageError, match=says):
        Ledger(url)


def test_a_folder_that_can_not_be_made_is_wrong_use(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="can't be made"):
        Ledger(f"sqlite:///{tmp_path / 'file' / 'ledger.db'}")


def test_a_database_that_is_out_of_reach_is_explained_without_its_password(tmp_path):
    url = f"postgresql://fermata:hunter2@/ledger?host={tmp_path}"
    with pytest.raises(LedgerUnavailableError, match="can't be used") as caught:
        Ledger(url)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_explained(tmp_path):
    (tmp_path / "ledger.db").write_bytes(b"this is no database, and longer than a header" * 30)
    with pytest.raises(LedgerUnavailableError, match="not a database"):
        Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
