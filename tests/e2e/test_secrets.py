"""The key is looked for in everything a run writes, shows or reports, and is nowhere."""

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
from fermata.localserver.faults import AnswerStatus, Fault, Place
from tests.e2e.command_line import CommandLine
from tests.flows.conversations import Conversations
from tests.flows.seen import FlowRun

KEY = "sk-this-key-opens-nothing-9876543210"
RECORDING = "unmistakable.wav"


@dataclass(frozen=True)
class Traces:
    """All that two runs left behind, as text by where it was found."""

    texts: dict[str, str]

    def holding(self, text: str) -> list[str]:
        """Where `text` was found."""
        return [where for where, found in self.texts.items() if text in found]


@pytest.fixture(scope="module")
def traces(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Traces:
    """A run that a service with loose lips refuses in part, and one with a wrong key."""
    folder = tmp_path_factory.mktemp("secrets")
    conversations = Conversations(folder / "recordings")
    conversations.add(RECORDING)
    refused = conversations.add("refused.wav")
    telling = Fault(Place.SUBMIT, AnswerStatus(400, f"bad key {KEY}"), content_id=refused)
    fermata = CommandLine(folder / "elsewhere")
    with LocalServer(LocalServerConfig(references=conversations.folder, faults=(telling,))) as one:
        fermata.use(one, KEY)
        good = fermata.run("calibrate", conversations.folder, "--json")
    with LocalServer(LocalServerConfig(api_keys=frozenset({"another"}))) as two:
        conversations.add("later.wav")
        fermata.use(two, KEY)
        bad = fermata.run("calibrate", conversations.folder)
    assert (good.code, bad.code) == (0, 2)
    FlowRun(UUID(good.json["run_id"]), None, None).task_runs()
    home = Path(os.environ["PREFECT_HOME"])
    return Traces(
        {
            "terminal": good.stdout + good.stderr + bad.stdout + bad.stderr,
            **dict(texts_below(fermata.data_dir)),
            **dict(texts_below(home)),
        }
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


def test_the_key_is_nowhere(traces: Traces) -> None:
    assert traces.holding(KEY) == []


@pytest.mark.parametrize("where", ["terminal", "prefect.db", "ledger.sqlite"])
def test_the_search_would_have_found_it(traces: Traces, where: str) -> None:
    assert where in traces.holding(RECORDING)


def test_archives_and_tables_were_searched_too(traces: Traces) -> None:
    assert any(name.endswith(".json.gz") for name in traces.holding('"completed"'))
    assert any(name.endswith(".parquet") for name in traces.holding(RECORDING))


def test_the_service_that_repeats_the_key_is_quoted_without_it(traces: Traces) -> None:
    assert "terminal" in traces.holding("bad key ***")
