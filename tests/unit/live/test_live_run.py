"""A whole session: source, channels, observers, and every way it can end."""

import signal
import threading

import pytest

from fermata.assemblyai.streaming import (
    AssemblyAiProvider,
    KeyAccess,
    StreamingTimes,
    streaming_parameters,
)
from fermata.errors import UsageError
from fermata.live.events import Began, Ended
from fermata.live.observers import Observer
from fermata.live.recorder import WavRecorder
from fermata.live.run import Listening, stream
from fermata.live.sources import SourceError
from fermata.live.timing import Timing
from fermata.live.turns import TurnState
from tests.unit.live.rig import RATE_HZ, TIMES, PacedSource, Recorded, provider, quick, samples
from tests.unit.live.scripted_server import ScriptedServer, normal

pytestmark = pytest.mark.timeout(200)

TIMING = quick(catch_up_speed=1.25)


def two_channels(seconds: float = 0.5):
    count = int(seconds * RATE_HZ)
    return samples(2 * count).reshape(2, count)


def run(server, audio, **more):
    options = {"stop": threading.Event(), "timing": TIMING} | more
    source = options.pop("source", None) or PacedSource(audio)
    times = options.pop("times", TIMES)
    return stream(source, lambda _channel: provider(server, times), **options)


def test_each_channel_has_a_session_of_its_own_and_arrives_whole():
    audio = two_channels()
    seen = Recorded()
    with ScriptedServer(normal) as server:
        report = run(server, audio, observers=[seen])
        assert server.all_closed()
    got = sorted(bytes(session.audio) for session in server.sessions)
    assert got == sorted(channel.tobytes() for channel in audio)
    assert [channel.name for channel in report.channels] == ["Speaker 1", "Speaker 2"]
    assert report.billed_s == 4
    assert report.error is None
    assert not report.interrupted
    assert report.captured_s == 0.5
    assert seen.reports == [report]
    assert seen.threads == {threading.get_ident()}
    assert {turn.channel for turn in seen.turns} == {0, 1}
    assert report.final_latency_ms is not None
    assert report.first_partial_latency_ms is not None


def test_a_session_begins_before_the_source_is_read():
    seen = Recorded()
    answered: list = []
    read = threading.Event()

    async def script(session):
        assert not read.is_set()
        answered.append(session)
        await normal(session)

    class Watched(PacedSource):
        def blocks(self):
            read.set()
            assert len(answered) == 2
            yield from super().blocks()

    with ScriptedServer(script) as server:
        report = run(server, None, source=Watched(two_channels(0.2)), observers=[seen])
    assert report.source_error is None
    assert [event for _, event in seen.events if isinstance(event, Ended)]


def test_setting_stop_ends_it_in_good_order():
    stop = threading.Event()

    class Stopper(Observer):
        def on_turn(self, turn):
            if turn.state is TurnState.FINAL:
                stop.set()

    with ScriptedServer(normal) as server:
        report = run(server, two_channels(20), observers=[Stopper()], stop=stop)
        assert server.all_closed()
    assert all(session.terminated for session in server.sessions)
    assert report.interrupted
    assert report.captured_s < 20
    assert report.error is None


def test_what_comes_after_a_channel_has_failed_is_marked_too():
    async def refuse(session):
        if session.number == 1:
            await session.begin()
            await session.listen(100)
            await session.fail(3006, "User Input Validation Error: Invalid 'x': y")
        else:
            await normal(session)

    with ScriptedServer(refuse) as server:
        report = run(server, two_channels(1.0))
        assert server.all_closed()
    (failed,) = (channel for channel in report.channels if channel.error)
    (well,) = (channel for channel in report.channels if not channel.error)
    assert failed.lost_ms == 1000
    assert max(hole.end_ms for hole in failed.holes) == 1000
    assert well.holes == ()


@pytest.mark.parametrize(("duration_s", "lost_ms"), [(None, 20_000), (5, 5_000)])
def test_the_rest_of_a_file_that_no_channel_goes_on_with_is_marked(duration_s, lost_ms):
    async def refuse(session):
        await session.begin()
        await session.listen(100)
        await session.fail(3006, "User Input Validation Error: Invalid 'x': y")

    with ScriptedServer(refuse) as server:
        report = run(server, two_channels(20)[:1], duration_s=duration_s)
    assert report.captured_s < 20
    assert report.lost_ms == lost_ms


def test_told_to_stop_before_it_begins_it_opens_no_session():
    stop = threading.Event()
    stop.set()
    seen = Recorded()
    with ScriptedServer(normal) as server:
        report = run(server, two_channels(), stop=stop, observers=[seen])
        assert server.sessions == []
    assert report.interrupted
    assert (report.billed_s, report.error, seen.reports) == (0, None, [report])


@pytest.mark.parametrize("duration_s", [0, -1.5])
def test_a_duration_of_nothing_opens_no_session(duration_s):
    with ScriptedServer(normal) as server:
        with pytest.raises(UsageError, match="give a duration above 0"):
            run(server, two_channels(), duration_s=duration_s)
        assert server.sessions == []


def test_all_of_a_files_part_is_sent_however_late_it_is():
    async def slow_to_begin(session):
        # More than `flush_s` waits to be sent when the last block was read.
        await session.begin()
        await session.listen(50)
        session.abort()

    audio = samples(2 * RATE_HZ).reshape(1, -1)
    with ScriptedServer(slow_to_begin, normal) as server:
        timing = quick(catch_up_speed=2.0, first_retry_s=0.6, longest_retry_s=0.6, flush_s=0.0)
        report = run(server, audio, duration_s=0.5, timing=timing)
    heard = bytes(server.sessions[-1].audio)
    assert len(heard) / 2 >= 0.5 * RATE_HZ
    assert audio.tobytes().startswith(heard)
    assert (report.channels[0].holes, report.interrupted) == ((), False)


def test_a_duration_ends_it_without_being_an_interruption():
    with ScriptedServer(normal) as server:
        report = run(server, two_channels(20), duration_s=0.4)
        assert server.all_closed()
    assert 0.4 <= report.captured_s < 20
    assert not report.interrupted


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_whatever_an_observer_raises_comes_out_after_a_clean_end(error):
    class Raising(Observer):
        def __init__(self):
            self.errors = [error]

        def on_turn(self, _turn):
            if self.errors:
                raise self.errors.pop()

    seen = Recorded()
    with ScriptedServer(normal) as server:
        with pytest.raises(error):
            run(server, two_channels(20), observers=[seen, Raising()])
        assert server.all_closed()
    assert all(session.terminated for session in server.sessions)
    assert len(seen.reports) == 1
    assert seen.reports[0].interrupted
    assert seen.reports[0].billed_s == 4


def test_ctrl_c_ends_every_session_before_it_comes_out():
    main = threading.main_thread().ident

    class Presser(Observer):
        def on_turn(self, turn):
            if turn.state is TurnState.FINAL:
                threading.Timer(0.05, signal.pthread_kill, (main, signal.SIGINT)).start()

    with ScriptedServer(normal) as server:
        with pytest.raises(KeyboardInterrupt):
            run(server, two_channels(20)[:1], observers=[Presser()])
        assert server.all_closed()
        assert server.sessions[0].terminated


def test_a_second_ctrl_c_closes_at_once():
    async def stubborn(session):
        await session.begin()
        await session.listen(100)
        await session.turn(0, "one")
        await session.turn(1, "two")
        await session.listen()
        await session.socket.wait_closed()

    class Impatient(Observer):
        def on_turn(self, _turn):
            raise KeyboardInterrupt

    with ScriptedServer(stubborn) as server:
        with pytest.raises(KeyboardInterrupt):
            run(
                server,
                two_channels(20)[:1],
                observers=[Impatient()],
                timing=quick(drain_s=3600.0, end_s=3600.0),
            )
        assert server.all_closed()
        assert server.sessions[0].terminated


def test_an_end_that_takes_too_long_is_cut_short():
    async def stubborn(session):
        await session.begin()
        await session.listen()
        await session.socket.wait_closed()

    stop = threading.Event()

    class Stopper(Observer):
        began = 0

        def on_event(self, channel, event):
            self.began += isinstance(event, Began)
            if self.began == 2:
                stop.set()

    timing = quick(drain_s=3600.0, end_s=0.5)
    with ScriptedServer(stubborn) as server:
        report = run(server, two_channels(20), stop=stop, observers=[Stopper()], timing=timing)
        assert server.all_closed()
    assert report.billed_is_estimated
    assert len(report.channels[0].sessions) == 1


def test_one_channel_that_cannot_begin_keeps_all_from_going_on():
    async def refused(session):
        await session.fail(1008, "Unauthorized Connection: Invalid API key")

    with ScriptedServer(normal, refused) as server:
        report = run(server, two_channels(20))
        assert server.all_closed()
    assert "Invalid API key" in report.error
    assert report.captured_s == 0


def test_a_channel_that_fails_later_leaves_the_others_alone():
    async def failing(session):
        await session.begin()
        await session.listen(100)
        await session.fail(3006, "User Input Validation Error: Invalid 'x': y")

    audio = two_channels(0.6)
    with ScriptedServer(failing, normal) as server:
        report = run(server, audio)
        assert server.all_closed()
    assert sorted(bool(channel.error) for channel in report.channels) == [False, True]
    well = next(channel for channel in report.channels if not channel.error)
    assert bytes(server.sessions[1].audio) == audio[well.channel].tobytes()


def test_a_source_that_fails_ends_it_and_is_named_in_the_report():
    source = PacedSource(two_channels(0.2), error=SourceError("the microphone was unplugged"))
    with ScriptedServer(normal) as server:
        report = run(server, None, source=source)
        assert server.all_closed()
    assert report.error == "the microphone was unplugged"
    assert [channel.error for channel in report.channels] == [None, None]


def test_an_error_of_ours_in_the_source_is_raised():
    source = PacedSource(two_channels(0.2), error=ZeroDivisionError("a bug"))
    with ScriptedServer(normal) as server:
        with pytest.raises(ZeroDivisionError):
            run(server, None, source=source)
        assert server.all_closed()


def test_wrong_use_is_raised_before_anything_is_sent():
    class Unusable(AssemblyAiProvider):
        def connect(self, sample_rate_hz):
            raise UsageError("no")

    with ScriptedServer(normal) as server:
        unusable = Unusable(
            server.url,
            KeyAccess("k"),
            streaming_parameters({"speech_model": "u3-rt-pro"}),
            times=TIMES,
        )
        with pytest.raises(UsageError):
            stream(
                PacedSource(two_channels()),
                lambda _channel: unusable,
                stop=threading.Event(),
                timing=TIMING,
            )
        assert not server.sessions


def test_the_audio_is_kept_while_it_is_streamed(tmp_path):
    import wave

    audio = two_channels(0.3)
    recorder = WavRecorder(tmp_path / "audio.wav", RATE_HZ, 2)
    with ScriptedServer(normal) as server:
        run(server, audio, listening=Listening(recorder=recorder))
    with wave.open(str(tmp_path / "audio.wav")) as kept:
        assert kept.readframes(kept.getnframes()) == audio.T.astype("<i2").tobytes()


def test_32_channels_at_once_arrive_whole():
    audio = samples(32 * RATE_HZ).reshape(32, RATE_HZ)
    with ScriptedServer(normal) as server:
        report = run(server, audio, times=StreamingTimes(), timing=Timing())
        assert server.all_closed()
    assert report.error is None
    assert [channel.dropped_frames for channel in report.channels] == [0] * 32
    got = sorted(bytes(session.audio) for session in server.sessions)
    assert got == sorted(channel.tobytes() for channel in audio)
