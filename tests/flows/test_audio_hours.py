"""FERMATA_MAX_AUDIO_HOURS_PER_RUN: beyond it no run sends anything unless somebody accepts it."""

import os
import pty
import subprocess
import sys

import pytest

from fermata.localserver import LocalServer
from fermata.localserver.faults import Place
from fermata.runs.volume import TooMuchAudioError
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer

MAIN = "import sys; from fermata.cli.main import main; main(sys.argv[1:])"


@pytest.fixture
def service(conversations: Conversations, serve: StartServer, flows: FlowRunner) -> LocalServer:
    """The service, whose recordings are longer than a run may send."""
    conversations.add_many(2)
    server = serve()
    flows.set(FERMATA_MAX_AUDIO_HOURS_PER_RUN=0.000001)
    return server


def uploads(service: LocalServer) -> int:
    return service.store.requests[Place.UPLOAD]


def test_calibrate_and_the_night_refuse_before_the_first_upload_and_go_on_when_accepted(
    service: LocalServer, flows: FlowRunner, conversations: Conversations
) -> None:
    for refused in (flows.calibrate(conversations.folder), flows.nightly(conversations.folder)):
        assert refused.state.is_failed()
        assert isinstance(refused.result, TooMuchAudioError)
        assert "nothing was sent; to send them, pass accept_audio_hours=0.01" in refused.message
    assert uploads(service) == 0
    accepted = flows.nightly(conversations.folder, accept_audio_hours=0.01)
    assert accepted.message == "2 of 2 analysed"
    assert service.store.submissions.total() == 2
    again = flows.calibrate(conversations.folder)
    assert again.message == "2 of 2 analysed"


def test_an_accepted_cost_accepts_its_hours(
    service: LocalServer, flows: FlowRunner, conversations: Conversations
) -> None:
    flows.calibrate(conversations.folder, accept_audio_hours=1.0)
    again = flows.reprocess(speech_models="universal-2", accept_cost_usd=1.0)
    assert again.message == "2 of 2 analysed"
    assert service.store.submissions.total() == 4


def test_the_local_engine_may_hear_any_amount(
    service: LocalServer, flows: FlowRunner, conversations: Conversations
) -> None:
    assert flows.calibrate(conversations.folder, engine="local").result.calibration
    assert uploads(service) == 0


@pytest.mark.parametrize(("answer", "code", "sent"), [("y", 0, 2), ("n", 2, 0)])
def test_a_person_at_a_terminal_is_asked(
    service: LocalServer, conversations: Conversations, answer: str, code: int, sent: int
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "calibrate", str(conversations.folder)],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    shown = read_to_the_end(ours)
    assert process.wait() == code
    assert "Send them now? [y/N]" in shown
    assert service.store.submissions.total() == sent


def read_to_the_end(terminal: int) -> str:
    shown = b""
    # A terminal whose other end is closed fails on Linux, and ends elsewhere.
    try:
        while part := os.read(terminal, 65_536):
            shown += part
    except OSError:
        pass
    os.close(terminal)
    return shown.decode()
