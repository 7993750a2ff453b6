"""The flow `calibrate` in the API's mode on real conversations: figures to the millisecond.

The service is a local server that knows the conversations; their recordings are not published,
so a sound stands for each.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.localserver import LocalServer, LocalServerConfig
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner
from tests.flows.seen import FlowRun

DATA = Path(__file__).parents[3] / "shared" / "data"
# Average gap in ms and preset, as published for each set.
SETS = {
    "earnings21": (1_910, "conservative"),
    "naija-nsc": (279, "aggressive"),
    "rhapsodie": (550, "balanced"),
    "spjallromur": (1_368, "conservative"),
}

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(
        not DATA.is_dir(), reason="the development conversations are not on this machine"
    ),
]


@pytest.fixture(scope="module")
def run(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlowRun]:
    """One run over all sets, a group each."""
    folder = tmp_path_factory.mktemp("conversations")
    conversations = Conversations(folder / "recordings")
    for name in SETS:
        for path in sorted((DATA / name).glob("*.json")):
            conversations.add_transcript(f"{name}/{path.stem}.wav", json.loads(path.read_text()))
    config = LocalServerConfig(references=conversations.folder)
    with LocalServer(config) as server, FlowRunner(folder / "data") as runner:
        runner.use(server)
        yield runner.calibrate(conversations.folder, engine="assemblyai")


def test_every_conversation_of_every_set_is_analysed(run: FlowRun) -> None:
    count = sum(len(list((DATA / name).glob("*.json"))) for name in SETS)
    assert run.message == f"{count} of {count} analysed"
    assert run.result.engine == "assemblyai"


@pytest.mark.parametrize("name", SETS)
def test_the_average_gap_of_a_set_is_that_published(run: FlowRun, name: str) -> None:
    average_gap_ms, preset = SETS[name]
    group = run.groups[name]
    assert round(group.statistics.average_gap_ms) == average_gap_ms
    assert group.guide.preset == preset


def test_clips_of_real_sound_go_through_the_local_engine(flows: FlowRunner) -> None:
    run = flows.calibrate(DATA / "audio", engine="local")
    assert run.state.is_completed()
    assert run.message.startswith("2 of 2 analysed")
    assert all(each.total_utterances > 1 for each in run.result.recordings)
