"""A channel's session whose connection drops: no word is lost, and times stay right."""

from dataclasses import replace

import pytest

from fermata.live.events import (
    Hole,
    HoleReason,
    Interrupted,
)
from fermata.live.turns import HeardTurn, TurnState
from tests.unit.live.rig import RATE_HZ, ChannelRig, frames, quick, samples
from tests.unit.live.scripted_server import ScriptedServer, normal

pytestmark = pytest.mark.timeout(200)


def test_a_drop_in_mid_session_loses_no_words_and_rebases_times_and_order():
    audio = samples(RATE_HZ)

    async def dropped(session):
        await session.begin()
        await session.listen(400)
        await session.turn(0, "said before", ms=(0, 150))
        await session.turn(1, "half a", ms=(300, 400), final=False)
        await session.listen(600)
        session.abort()

    async def resumed(session):
        await session.begin()
        await session.listen()
        await session.turn(0, "half a sentence", ms=(100, 400), speaker_label="A")
        await session.terminate()

    with ScriptedServer(dropped, resumed) as server:
        rig = ChannelRig(server, timing=quick(catch_up_speed=2.0))
        report = rig.run(audio)
        assert server.all_closed()
    # Everything after the last final turn (150 ms, and 50 ms of its silence) is sent again.
    assert bytes(server.sessions[1].audio) == audio[1600:].tobytes()
    assert [(each.text, each.order) for each in report.turns] == [
        ("said before", 0),
        ("half a sentence", 2),
    ]
    assert report.turns[1].start_ms == 300
    assert report.turns[1].speaker == "A/2"
    assert report.reconnections == 1
    assert report.holes == ()
    assert report.error is None
    withdrawn = [each for each in rig.events(HeardTurn) if each.state is TurnState.WITHDRAWN]
    assert [each.order for each in withdrawn] == [1]
    assert len(rig.events(Interrupted)) == 1
    assert [each.billed_is_estimated for each in report.sessions] == [True, False]


def test_what_is_too_old_to_be_sent_again_is_marked_and_its_words_are_kept():
    async def dropped(session):
        await session.begin()
        await session.listen(1200)
        await session.turn(0, "early late", ms=(0, 1200), final=False)
        await session.listen(1300)
        session.abort()

    with ScriptedServer(dropped, normal) as server:
        rig = ChannelRig(server, timing=quick(keep_s=0.5))
        audio = samples(2 * RATE_HZ)
        # No more is sent before the drop than the server has heard.
        rig.push(audio[: 13 * RATE_HZ // 10])
        rig.session.start()
        while not rig.events(Interrupted):
            assert not rig.session.finished.wait(0.01)
        for frame in frames(audio)[26:]:
            rig.buffer.push(frame)
        rig.buffer.close()
        report = rig.end()
    cut = report.turns[0]
    assert (cut.text, cut.state) == ("early", TurnState.CUT)
    hole = report.holes[0]
    assert hole.reason is HoleReason.UNCONFIRMED
    assert (hole.start_ms, hole.end_ms) == (0, 800)


def test_a_drop_after_all_was_sent_sends_the_tail_again():
    async def dropped(session):
        await session.begin()
        await session.listen()
        session.abort()

    async def heard(session):
        await session.begin()
        await session.listen()
        await session.turn(0, "the tail")
        await session.terminate()

    audio = samples(RATE_HZ)
    with ScriptedServer(dropped, heard) as server:
        report = ChannelRig(server).run(audio)
    assert bytes(server.sessions[1].audio) == audio.tobytes()
    assert [each.text for each in report.turns] == ["the tail"]
    assert report.error is None


def test_a_drop_with_nothing_left_to_say_opens_no_other_session():
    async def dropped(session):
        await session.begin()
        await session.listen()
        await session.turn(0, "all of it", ms=(0, 1000))
        session.abort()

    with ScriptedServer(dropped, normal) as server:
        rig = ChannelRig(server)
        report = rig.run(samples(RATE_HZ))
    assert len(server.sessions) == 1
    assert report.error is None
    assert rig.notices() == ["dropped"]


def test_a_source_that_gives_no_more_audio_costs_no_other_session():
    async def idle(session):
        await session.begin()
        await session.listen(1000)
        await session.fail(3006, "Session terminated due to inactivity: No messages received")

    with ScriptedServer(idle, normal) as server:
        rig = ChannelRig(server)
        rig.push(samples(RATE_HZ))
        rig.session.start()
        assert server.all_closed()
        while not rig.events(Interrupted):
            rig.session.finished.wait(0.01)
        rig.halt.set()
        report = rig.end()
        assert len(server.sessions) == 1
    assert "got no audio" in report.error


def test_two_holes_and_a_reconnection_keep_every_time_right():
    audio = samples(RATE_HZ)
    parts = frames(audio)
    shifted = [replace(frame, start_sample=frame.start_sample + 8000) for frame in parts]

    async def dropped(session):
        await session.begin()
        await session.listen(500)
        session.abort()

    async def heard(session):
        await session.begin()
        await session.listen()
        await session.turn(0, "a b", ms=(900, 1100))
        await session.terminate()

    with ScriptedServer(dropped, heard) as server:
        rig = ChannelRig(server, timing=quick(catch_up_speed=2.0))
        for frame in (*parts, *shifted[2:]):
            rig.buffer.push(frame)
        rig.buffer.close()
        rig.session.start()
        report = rig.end()
    first, second = report.turns[0].words
    assert (first.start_ms, first.end_ms) == (900, 1000)
    assert (second.start_ms, second.end_ms) == (1100, 1200)
    assert report.holes == (Hole(1000, 1100, HoleReason.DROPPED),)
