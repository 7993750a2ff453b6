"""TLS with two threads on one connection, certificates, and sessions that can be resumed."""

import shutil
import ssl
import subprocess

import pytest

from fermata.assemblyai.streaming import (
    AssemblyAiProvider,
    KeyAccess,
    StreamingTimes,
    streaming_parameters,
)
from fermata.live import dialing, errors
from fermata.live.events import AudioAccepted, Notice
from fermata.live.provider import ResumePoint
from tests.unit.live.rig import RATE_HZ, TIMES, ChannelRig, quick, samples
from tests.unit.live.scripted_server import ScriptedServer

pytestmark = pytest.mark.timeout(200)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command is missing")
    folder = tmp_path_factory.mktemp("tls")
    command = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    more = "-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    subprocess.run(
        f"{command} {more}".split(),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


class OverTls:
    def __init__(self, server):
        self.url = f"wss://localhost:{server.port}/v3/ws"


def server_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


async def talkative(session):
    """Answers every frame at once, so that both directions are busy all the time."""
    await session.begin()
    heard = 0
    while not session.terminated:
        await session.listen(session.audio_ms + 50)
        await session.turn(heard, "word " * 9, ms=(0, 50))
        heard += 1
    await session.terminate()


def test_both_directions_of_a_tls_connection_are_used_at_once(certificate, monkeypatch):
    trusting = ssl.create_default_context(cafile=certificate / "cert.pem")
    monkeypatch.setattr(dialing, "_tls", lambda: trusting)
    audio = samples(30 * RATE_HZ)
    with ScriptedServer(talkative, ssl=server_context(certificate)) as server:
        rig = ChannelRig(OverTls(server), times=StreamingTimes(), timing=quick(drain_s=10.0))
        report = rig.run(audio)
        assert server.all_closed()
    assert report.error is None
    assert len(report.sessions) == 1
    assert bytes(server.sessions[0].audio) == audio.tobytes()
    assert len(report.turns) == 601  # one for each frame, and one for Terminate


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate):
    with ScriptedServer(talkative, ssl=server_context(certificate)) as server:
        rig = ChannelRig(OverTls(server))
        report = rig.run(samples(RATE_HZ))
        assert not server.sessions
    assert isinstance(rig.session.error, errors.CertificateError)
    assert "localhost" in report.error


class _Resumable:
    """A connection like those of a service that confirms audio and takes broken sessions up."""

    resume_handle = "again"
    expects_answers = False

    def __init__(self, connection, resume: ResumePoint | None):
        self._connection = connection
        self.session_id = resume.session_id if resume else connection.session_id
        self.starts_at_ms = resume.accepted_ms if resume else 0.0
        self.send, self.finish = connection.send, connection.finish
        self.close = connection.close

    def receive(self, timeout_s):
        event = self._connection.receive(timeout_s)
        if isinstance(event, Notice):
            return AudioAccepted(float(event.text.split()[-1]))
        return event


class _ResumableProvider(AssemblyAiProvider):
    shortest_frame_ms = 0

    def connect(self, sample_rate_hz, resume):
        return _Resumable(super().connect(sample_rate_hz, None), resume)


def test_a_resumed_session_gets_what_was_not_confirmed_and_keeps_its_clock():
    async def dropped(session):
        await session.begin()
        await session.listen(500)
        await session.turn(0, "said before", ms=(0, 100))
        await session.send({"type": "Warning", "warning_code": 1, "warning": "accepted 312.5"})
        await session.listen(600)
        session.abort()

    async def resumed(session):
        await session.begin()
        await session.listen()
        await session.turn(1, "the rest", ms=(400, 600), speaker_label="A")
        await session.terminate()

    audio = samples(RATE_HZ)
    with ScriptedServer(dropped, resumed) as server:
        rig = ChannelRig(server, timing=quick(catch_up_speed=2.0))
        rig.session._provider = _ResumableProvider(
            server.url,
            KeyAccess("k"),
            streaming_parameters({"speech_model": "u3-rt-pro"}),
            times=TIMES,
        )
        report = rig.run(audio)
        assert server.all_closed()
    assert bytes(server.sessions[1].audio) == audio[2500:].tobytes()
    assert [(each.order, each.text, each.speaker) for each in report.turns] == [
        (0, "said before", None),
        (1, "the rest", "A"),
    ]
    assert report.turns[1].start_ms == 400
    assert report.holes == ()
