"""The database under the ledger: made once, shared by processes, explained when it fails."""

import threading
from collections.abc import Callable, Iterator
from multiprocessing import get_context

import pytest
from sqlalchemy import create_engine, text

from fermata.errors import UsageError
from fermata.ledger import Ledger, LedgerDamagedError, LedgerUnavailableError
from tests.unit.ledger.jobs import key_of, plan
from tests.unit.ledger.racer import race

DEADLINE_S = 30

# Processes of their own that need not import everything again.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.unit.ledger.racer"])


class Racer:
    """A process that tries to claim the one job."""

    def __init__(self, url: str, lease_s: float) -> None:
        self.pipe, other_end = PROCESSES.Pipe()
        self.process = PROCESSES.Process(target=race, args=(url, lease_s, other_end))
        self.process.start()
        other_end.close()

    def got_the_claim(self) -> bool:
        assert self.pipe.poll(DEADLINE_S)
        return bool(self.pipe.recv())

    def kill(self) -> None:
        self.process.kill()
        self.process.join(DEADLINE_S)


@pytest.fixture
def start_racer() -> Iterator[Callable[[str, float], Racer]]:
    racers = []

    def start(url: str, lease_s: float) -> Racer:
        racers.append(Racer(url, lease_s))
        return racers[-1]

    yield start
    for racer in racers:
        racer.kill()
        racer.process.close()
        racer.pipe.close()


def test_processes_that_open_a_new_ledger_at_once_share_it_and_one_gets_the_claim(
    ledger_url, start_racer
):
    racers = [start_racer(ledger_url, 30) for _ in range(4)]
    answers = sorted(racer.got_the_claim() for racer in racers)
    assert answers == [False, False, False, True]


def test_the_claim_of_a_killed_process_runs_out(ledger_url, start_racer):
    holder = start_racer(ledger_url, 0.5)
    assert holder.got_the_claim()
    with Ledger(ledger_url) as ledger:
        assert ledger.claim(key_of("talk.wav")) is None
        holder.kill()
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
    with pytest.raises(LedgerDamagedError, match="not a database"):
        Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def test_a_database_with_other_tables_is_explained(ledger_url):
    engine = create_engine(ledger_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE jobs (recording_id TEXT)"))
    engine.dispose()
    with pytest.raises(LedgerDamagedError, match=r"run again; it is rebuilt") as caught:
        Ledger(ledger_url)
    assert isinstance(caught.value, UsageError)
    assert "\n" not in str(caught.value)
