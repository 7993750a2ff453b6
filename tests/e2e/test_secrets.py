"""Secrets and escape sequences are looked for in all that runs write, show or report: nowhere.

Every exit is tried with what is planted where it comes in: a service that repeats its key in
refusals, failed jobs, transcripts, close reasons and answers of a model; names and groups that
steer a terminal; a signed address; a password in an address.
"""

import gzip
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pandas as pd
import pytest

from fermata.localserver import LocalServer, LocalServerConfig
from fermata.localserver.faults import AnswerStatus, Fault, JobFails, Place
from fermata.localserver.streaming.effects import CloseSession
from tests.e2e.command_line import CommandLine
from tests.flows.conversations import Conversations, alternating
from tests.flows.seen import FlowRun

KEY = "sk-this-key-opens-nothing-9876543210"
SIGNATURE = "planted-signature-0123"
PASSWORD = "pl4nted-p@ss"
STORAGE_SECRET = "planted/aws+secret/0123456789"
RECORDING = "unmistakable.wav"
STEERING = "\x1b]0;planted\x07\x9b2J"
ODD = f"odd{STEERING}[b](c)/call{STEERING}.wav"
ODD_SHOWN = r"odd\x1b]0;planted\x07\x9b2J"


@dataclass(frozen=True)
class Traces:
    """All that two runs left behind, as text by where it was found."""

    texts: dict[str, str]
    data_dir: Path

    def holding(self, text: str) -> list[str]:
        """Where `text` was found."""
        return [where for where, found in self.texts.items() if text in found]


@pytest.fixture(scope="module")
def traces(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Traces:
    """Runs and a session that a service with loose lips refuses in part; one with a wrong key."""
    folder = tmp_path_factory.mktemp("secrets")
    conversations = Conversations(folder / "recordings")
    conversations.add(RECORDING)
    refused = conversations.add("refused.wav")
    failed = conversations.add("failed.wav")
    conversations.add(ODD)
    conversations.add_transcript("echo.wav", {"utterances": alternating([300]), "text": KEY})
    faults = (
        Fault(Place.SUBMIT, AnswerStatus(400, f"bad key {KEY}{STEERING}"), content_id=refused),
        Fault(Place.JOB, JobFails(f"bad job {KEY}{STEERING}"), content_id=failed),
        Fault(Place.WS_BEGIN, CloseSession(4001, f"bad call {KEY}{STEERING}")),
    )
    fermata = CommandLine(
        folder / "elsewhere",
        AWS_SECRET_ACCESS_KEY=STORAGE_SECRET,
        FERMATA_RECORDINGS=f"sftp://me:{PASSWORD}@127.0.0.1/calls",
    )
    with LocalServer(LocalServerConfig(references=conversations.folder, faults=faults)) as one:
        fermata.use(one, KEY)
        fermata.set(FERMATA_ASSEMBLYAI_STREAMING_URL=f"{one.websocket_url}/v3/ws")
        signed = f"{one.url}/nowhere/call.wav?X-Amz-Signature={SIGNATURE}"
        good = fermata.run("calibrate", conversations.folder, signed, "--json")
        told = [
            fermata.run("export", "--for", "livekit"),
            fermata.run("stream", "--source", conversations.folder / ODD),
        ]
    with LocalServer(LocalServerConfig(api_keys=frozenset({"another"}))) as two:
        conversations.add("later.wav")
        fermata.use(two, KEY)
        bad = fermata.run("calibrate", conversations.folder)
    assert (good.code, bad.code) == (0, 2)
    assert [each.code for each in told] == [0, 2], [each.stderr for each in told]
    FlowRun(UUID(good.json["run_id"]), None, None).await_records()
    home = Path(os.environ["PREFECT_HOME"])
    return Traces(
        {
            "terminal": "".join(each.stdout + each.stderr for each in (good, *told, bad)),
            **dict(texts_below(fermata.data_dir)),
            **dict(texts_below(home)),
        },
        fermata.data_dir,
    )


def texts_below(folder: Path) -> Iterator[tuple[str, str]]:
    """The text of every file, also where it is compressed or spread over a file's pages."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"{path.name}, raw", path.read_bytes().decode("latin-1")
        if path.suffix == ".gz":
            yield path.name, gzip.decompress(path.read_bytes()).decode()
        if path.suffix == ".parquet":
            # One batch has a file of the same name in several tables.
            yield f"{path.parent.name}/{path.name}", pd.read_parquet(path).to_csv()
        if path.suffix in (".db", ".sqlite"):
            with sqlite3.connect(path) as connection:
                yield path.name, "\n".join(connection.iterdump())
            connection.close()


@pytest.mark.parametrize("secret", [KEY, SIGNATURE, PASSWORD, STORAGE_SECRET])
def test_a_secret_is_nowhere(traces: Traces, secret: str) -> None:
    assert traces.holding(secret) == []


def test_a_name_or_a_text_steers_no_terminal(traces: Traces) -> None:
    # Where a file is stays as it is: in columns of addresses, which nobody is shown.
    shown = [where for where in traces.holding("\x1b]0;planted") if "terminal" in where]
    assert shown == []
    assert "\x9b" not in traces.texts["terminal"]
    assert ODD_SHOWN in traces.texts["terminal"]
    assert "prefect.db" not in traces.holding("\x1b]0;planted")


@pytest.mark.parametrize("where", ["terminal", "prefect.db", "ledger.sqlite"])
def test_the_search_would_have_found_it(traces: Traces, where: str) -> None:
    assert where in traces.holding(RECORDING)


def test_archives_and_tables_were_searched_too(traces: Traces) -> None:
    assert any(name.endswith(".json.gz") for name in traces.holding('"completed"'))
    assert any(name.endswith(".parquet") for name in traces.holding(RECORDING))


def test_the_service_that_repeats_the_key_is_quoted_without_it(traces: Traces) -> None:
    assert "terminal" in traces.holding("bad key ***")


@pytest.mark.parametrize("said", ["bad key ***", "bad job ***", "bad call ***"])
def test_what_a_service_says_is_told_and_kept_all_the_same(traces: Traces, said: str) -> None:
    where = traces.holding(said)
    assert "terminal" in where
    assert "prefect.db" in where
    assert any(each.endswith((".parquet", "session.json, raw")) for each in where)


def test_only_the_user_may_read_what_runs_wrote(traces: Traces) -> None:
    found = [traces.data_dir, *traces.data_dir.rglob("*")]
    assert len(found) > 20
    assert [str(each) for each in found if each.stat().st_mode & 0o077] == []
