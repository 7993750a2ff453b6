"""A channel of a live session, run on Gladia from its first frame to its last turn."""

import threading
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from conversing import BYTES_PER_S, RATE_HZ, provider_for
from gladia_peer import BOUND_S, GladiaPeer
from websockets.exceptions import ConnectionClosed

from fermata.live.buffer import FrameBuffer
from fermata.live.frames import Frame, samples_per_block
from fermata.live.session import Channel, ChannelSession
from fermata.live.timing import Timing
from fermata.live.turns import TurnState
from tests.flows.seen import eventually

QUICK = Timing(
    poll_s=0.02,
    catch_up_speed=1000.0,
    verdict_s=10.0,
    flush_s=0.1,
    drain_s=60.0,
    first_retry_s=0.01,
    longest_retry_s=0.02,
    retries=2,
)
SOUND = np.random.default_rng(3).integers(-9000, 9000, 2 * RATE_HZ).astype("<i2").tobytes()


class Clock:
    """The time of the connection, which the service alone moves on: no machine is too slow."""

    def __init__(self):
        self.now_s = 1_000.0
        self.looks = 0

    def monotonic(self):
        self.looks += 1
        return self.now_s

    def let_pass(self, seconds):
        """Moves on, and lets the client look at the time."""
        self.now_s += seconds
        looked = self.looks
        eventually(lambda: self.looks > looked + 20 or None)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    for module in ("fermata.live.link", "fermata.gladia.connection"):
        monkeypatch.setattr(f"{module}.time", made)
    return made


def stream(peer, pcm=SOUND, timing=QUICK):
    """Sends two seconds through a channel's session and gives its report."""
    size = 2 * samples_per_block(RATE_HZ)
    buffer = FrameBuffer(60.0, RATE_HZ)
    for at in range(0, len(pcm), size):
        buffer.push(Frame(at // 2, pcm[at : at + size]))
    buffer.close()
    session = ChannelSession(
        Channel(0, "left", RATE_HZ),
        provider_for(peer),
        buffer,
        halt=threading.Event(),
        publish=lambda _: None,
        spoken_at_s=lambda _: None,
        timing=timing,
    )
    session.start()
    assert session.finished.wait(BOUND_S)
    return session.report()


def texts(report):
    return [turn.text for turn in report.turns]


def test_a_channel_is_heard_whole_and_its_bill_is_gladias():
    def serve(connection):
        connection.read_until_stop()
        connection.transcript("All of it.", start=0.5, end=1.5)
        connection.end(billed_s=2.0, audio_s=2.0)

    with GladiaPeer(serve) as peer:
        report = stream(peer)
    assert bytes(peer.connections[0].audio) == SOUND
    assert (texts(report), report.turns[0].state) == (["All of it."], TurnState.FINAL)
    assert (report.billed_s, report.billed_is_estimated) == (2.0, False)
    assert (report.error, report.notices, report.holes) == (None, (), ())


def test_after_a_drop_a_new_session_gets_all_that_was_not_answered_for():
    def drop(connection):
        connection.read_audio(BYTES_PER_S)
        connection.transcript("Before.", start=0.1, end=0.45)
        connection.transcript("And aft", number=1, is_final=False, start=0.6, end=0.9)
        connection.drop()

    def hear_the_end(connection):
        connection.read_until_stop()
        connection.end()

    def go_on(connection):
        connection.read_until_stop()
        connection.transcript("And after.", start=0.1, end=1.4)
        connection.end()

    with GladiaPeer(drop, hear_the_end, go_on) as peer:
        report = stream(peer)
    assert bytes(peer.connections[2].audio) == SOUND[BYTES_PER_S // 2 :]
    assert len(peer.inits) == 2
    assert texts(report) == ["Before.", "And after."]
    assert report.turns[1].start_ms == 600.0
    assert (report.error, report.holes, report.reconnections) == (None, (), 1)


def speak_after(clock, silent_s):
    """A service that hears all, and is silent for so long before it says what it heard."""

    def serve(connection):
        connection.send("start_session")
        connection.read_until_stop()
        clock.let_pass(silent_s)
        connection.transcript("All of it.", start=0.5, end=1.5)
        connection.end(billed_s=2.0, audio_s=2.0)

    return serve


def test_a_service_that_is_silent_for_almost_20_s_at_the_end_is_waited_for(clock):
    with GladiaPeer(speak_after(clock, 19.0)) as peer:
        report = stream(peer, timing=replace(QUICK, drain_s=Timing().drain_s))
    assert (texts(report), report.turns[0].state) == (["All of it."], TurnState.FINAL)
    assert (report.error, report.holes, report.unconfirmed) == (None, (), False)
    assert len(peer.connections) == 1


def test_one_that_is_silent_for_longer_is_asked_once_more_and_nothing_is_lost(clock):
    def fall_silent(connection):
        connection.read_until_stop()
        with suppress(ConnectionClosed):
            while True:
                clock.now_s += 21.0
                with suppress(TimeoutError):
                    connection.websocket.recv(timeout=0.05)

    def go_on(connection):
        # The first session is told to end once more, unless its close came through.
        if connection.session_id != "session-0":
            connection.read_until_stop()
            connection.transcript("All of it.", start=0.5, end=1.5)
        connection.end()

    with GladiaPeer(fall_silent, go_on, go_on) as peer:
        report = stream(peer, timing=replace(QUICK, drain_s=Timing().drain_s))
    assert texts(report) == ["All of it."]
    assert (report.error, report.holes, report.unconfirmed) == (None, (), False)
    assert bytes(peer.connections[-1].audio) == SOUND


def test_a_session_lost_after_its_last_word_is_ended_though_none_follows():
    def drop_at_the_end(connection):
        connection.read_until_stop()
        connection.transcript("All of it.", start=0.1, end=2.0)
        connection.drop()

    def hear_the_end(connection):
        connection.read_until_stop()
        connection.end()

    with GladiaPeer(drop_at_the_end, hear_the_end) as peer:
        report = stream(peer)
    assert texts(report) == ["All of it."]
    assert peer.connections[1].session_id == peer.connections[0].session_id


def test_a_refusal_in_the_middle_ends_the_channel_without_a_loop():
    def serve(connection):
        connection.read_audio(BYTES_PER_S)
        connection.websocket.close(4403, "Session ended")

    with GladiaPeer(serve) as peer:
        report = stream(peer)
    assert (len(peer.inits), len(peer.connections)) == (1, 1)
    assert "4403" in report.error


def test_a_session_that_cannot_be_opened_is_told_and_sends_nothing():
    with GladiaPeer() as peer:
        peer.replies.put((401, {}, {"message": "gladia key not found"}))
        report = stream(peer)
    assert "GLADIA_API_KEY" in report.error
    assert (peer.connections, report.sessions) == ([], ())
