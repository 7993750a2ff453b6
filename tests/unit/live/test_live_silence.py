"""A service that falls silent while somebody speaks is noticed, and nothing said is lost."""

import pytest

from fermata.live.errors import SilentError
from fermata.live.events import HoleReason, Interrupted
from fermata.live.frames import Frame
from fermata.live.silence import SilenceWatch
from fermata.live.timing import Timing
from fermata.live.turns import HeardTurn
from tests.unit.live.rig import RATE_HZ, ChannelRig, frames, quick, samples, speech
from tests.unit.live.scripted_server import ScriptedServer

pytestmark = pytest.mark.timeout(200)

PATIENT = quick(silent_s=0.3, retries=100, verdict_s=0.1, drain_s=30.0)
"""However often a busy machine makes it give up too early, nothing may be lost or doubled."""


class Simulated:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def watch_sent(audio, silent_s=15.0):
    """A watch to whom a piece of audio was sent in real time."""
    clock = Simulated()
    watch = SilenceWatch(RATE_HZ, silent_s, clock)
    for frame in frames(audio):
        watch.sent(frame)
        clock.now += frame.sample_count / RATE_HZ
    return watch, clock


def test_speech_that_is_answered_by_nothing_for_so_long_is_a_silence():
    watch, clock = watch_sent(speech(2.0))
    clock.now = 15.0
    watch.check()
    clock.now = 16.9
    with pytest.raises(SilentError, match="for 15 s while speech was sent"):
        watch.check()


def test_any_message_at_all_is_a_sign_of_life():
    watch, clock = watch_sent(speech(2.0))
    for clock.now in range(14, 50, 14):
        watch.check()
        watch.received()
    clock.now += 15
    with pytest.raises(SilentError):
        watch.check()


def test_words_answer_all_that_was_sent_before_them():
    watch, clock = watch_sent(speech(2.0))
    watch.answered()
    clock.now = 100.0
    watch.check()


def test_a_service_may_say_nothing_while_nobody_speaks():
    watch, clock = watch_sent(samples(2 * RATE_HZ))
    clock.now = 100.0
    watch.check()


def test_what_is_spoken_after_a_long_pause_has_all_the_time_to_be_answered():
    watch, clock = watch_sent(samples(2 * RATE_HZ))
    clock.now = 100.0
    for frame in frames(speech(2.0)):
        watch.sent(Frame(frame.start_sample, frame.pcm))
    clock.now = 114.9
    watch.check()
    clock.now = 115.1
    with pytest.raises(SilentError):
        watch.check()


async def silent(session):
    """Says what was said first, and then takes audio for ever, answering its pings."""
    await session.begin()
    await session.listen(50)
    await session.turn(0, "said before", ms=(0, 50))
    await session.listen()
    await session.socket.wait_closed()


async def heard(session):
    await session.begin()
    await session.listen(1000)
    await session.turn(0, "said into the silence", ms=(0, 1000))
    await session.listen()
    await session.terminate()


def stream_live(server, audio, *, heard_first=True, **options):
    """Sends like a microphone: no end of the audio before the first interruption."""
    rig = ChannelRig(server, **{"timing": PATIENT} | options)
    first, *rest = frames(audio)
    rig.buffer.push(first)
    rig.session.start()
    while heard_first and not rig.events(HeardTurn):
        assert not rig.session.finished.wait(0.01)
    for frame in rest:
        rig.buffer.push(frame)
    while not rig.events(Interrupted):
        assert not rig.session.finished.wait(0.01)
    more = frames(samples(len(audio) + RATE_HZ))[len(frames(audio)) :]
    for frame in more:
        rig.buffer.push(frame)
    rig.buffer.close()
    return rig, rig.end()


def test_a_service_that_falls_silent_is_left_and_gets_again_what_it_did_not_answer():
    audio = speech(2.0)
    with ScriptedServer(silent, heard) as server:
        rig, report = stream_live(server, audio)
        assert server.all_closed()
    assert server.sessions[0].terminated
    assert "fallen silent" in rig.events(Interrupted)[0].error
    assert bytes(server.sessions[-1].audio).startswith(audio[800:].tobytes())
    assert [each.text for each in report.turns] == ["said before", "said into the silence"]
    assert report.turns[1].start_ms == 100
    assert (report.error, report.holes, report.unconfirmed) == (None, (), False)


def test_a_service_that_says_nothing_ever_is_given_up_and_all_is_marked():
    async def mute(session):
        await session.begin()
        await session.listen()
        await session.socket.wait_closed()

    audio = speech(2.0)
    with ScriptedServer(mute) as server:
        # However long a session lasted: one in which nothing was said was not a good one.
        timing = quick(silent_s=0.2, verdict_s=0.1, drain_s=0.2, healthy_s=0.0)
        _, report = stream_live(server, audio, heard_first=False, timing=timing)
        assert server.all_closed()
    assert report.unconfirmed or report.error
    assert report.lost_ms == 3000
    assert {hole.reason for hole in report.holes} <= {HoleReason.UNCONFIRMED, HoleReason.UNSENT}


def test_a_heartbeat_is_asked_for_and_no_words_are_made_of_it():
    async def beating(session):
        await session.begin()
        await session.listen(100)
        await session.send(
            {
                "type": "Heartbeat",
                "total_audio_received_ms": int(session.audio_ms),
                "total_duration_ms": int(session.audio_ms),
                "realtime_factor": 1.0,
                "max_speech_probability": 0.9,
            }
        )
        await session.listen()
        await session.terminate()

    with ScriptedServer(beating) as server:
        report = ChannelRig(server).run(samples(RATE_HZ))
    assert server.sessions[0].query["session_heartbeat"] == "true"
    assert (report.turns, report.notices, report.error) == ((), (), None)


def test_a_service_that_ends_well_without_a_word_of_what_was_spoken_is_pointed_out():
    async def deaf(session):
        await session.begin()
        await session.listen()
        await session.terminate()

    with ScriptedServer(deaf) as server:
        spoken, quiet = ChannelRig(server), ChannelRig(server)
        spoken.run(speech(1.0))
        quiet.run(samples(RATE_HZ))
    assert spoken.notices() == ["no_words"]
    assert quiet.notices() == []


def test_more_is_kept_than_can_go_out_before_the_longest_silence_is_noticed():
    timing = Timing()
    assert timing.kept_s > timing.longest_turn_s + timing.catch_up_speed * timing.longest_silence_s
    assert timing.kept_s > timing.longest_turn_s + timing.catch_up_speed * timing.stall_s
    twice = Timing(silent_s=2 * timing.silent_s)
    assert twice.kept_s - timing.kept_s == pytest.approx(timing.catch_up_speed * timing.silent_s)


def test_more_may_wait_than_comes_while_every_reconnection_but_the_last_fails():
    timing = Timing()
    assert timing.back_offs_s == 0.5 + 1 + 2 + 4 + 8 + 8
    away_s = timing.back_offs_s + (timing.retries + 1) * timing.connect_s
    assert timing.buffered_s >= away_s + timing.kept_s / timing.catch_up_speed


def test_a_silence_at_the_worst_moment_loses_nothing():
    """A turn has been open for as long as a turn may be, and then nothing is answered."""
    timing = quick(
        keep_s=None, catch_up_speed=4.0, retries=100, silent_s=0.3, longest_turn_s=1.0,
        stall_s=0.1, drain_s=0.1, verdict_s=0.1,
    )  # fmt: skip
    audio = speech(1.0 + 0.3 + 0.5)

    async def falls_silent(session):
        await session.begin()
        await session.listen(50)
        await session.turn(0, "for a whole", ms=(0, 50), final=False)
        await session.listen()
        await session.socket.wait_closed()

    with ScriptedServer(falls_silent, heard) as server:
        _, report = stream_live(server, audio, timing=timing)
    assert bytes(server.sessions[1].audio[:800]) == audio[:400].tobytes()
    assert report.holes == ()
