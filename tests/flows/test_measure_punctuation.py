"""The flow and command `measure-punctuation`: what streaming decides, against the transcripts."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from fermata.cli.main import run
from fermata.localserver import LocalServer, LocalServerConfig
from fermata.punctuation import LeftOut, Measurement, read_punctuation
from fermata.storage import Storage
from tests.flows.running import KEY, FlowRunner
from tests.flows.spoken_words import TwiceHeard

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def heard(tmp_path: Path) -> TwiceHeard:
    return TwiceHeard(tmp_path / "recordings")


@pytest.fixture
def services(heard: TwiceHeard, flows: FlowRunner) -> Iterator[Any]:
    """Starts both servers, calibrates, and gives the streaming one."""
    with ExitStack() as stack:

        def start() -> LocalServer:
            keys = frozenset({KEY})
            batch = LocalServer(LocalServerConfig(api_keys=keys, references=heard.batch))
            streaming = LocalServer(LocalServerConfig(api_keys=keys, references=heard.streamed))
            flows.use(stack.enter_context(batch))
            address = f"{stack.enter_context(streaming).websocket_url}/v3/ws"
            flows.set(FERMATA_ASSEMBLYAI_STREAMING_URL=address)
            assert flows.calibrate(heard.batch).state.is_completed()
            return streaming

        yield start


def measured(heard: TwiceHeard, **options: object) -> Any:
    from flows.measure_punctuation import measure_punctuation

    return measure_punctuation([str(heard.batch)], return_state=True, **options)


def counts(measurement: Measurement) -> tuple[int, int, int, int]:
    missed, false = measurement.complete_read_as_open, measurement.open_read_as_complete
    return missed.wrong, missed.silences, false.wrong, false.silences


def test_a_model_that_hears_the_same_marks_makes_no_mistake(heard, services, flows) -> None:
    same = "well yes. I see now. right? and so it is."
    heard.add("first.wav", (same, same))
    streaming = services()

    state = measured(heard)

    assert state.is_completed(), state.message
    assert counts(state.result()) == (0, 3, 0, 6)
    assert state.result().left_out == {LeftOut.LAST_WORD: 1}
    assert streaming.store.streams.open_sessions == 0


def test_marks_that_differ_in_known_places_give_exactly_those_shares(
    heard, services, flows
) -> None:
    heard.add("a.wav", ("one. two. three four five. six", "one. two three. four five. six"))
    heard.add("b.wav", ("one. two. three four five. six", "one. two. three four. five. six"))
    services()

    found = measured(heard).result()

    # In a: "two" is missed, "three" is false. In b: "four" is false.
    assert counts(found) == (1, 6, 2, 4)
    assert found.complete_read_as_open.share == pytest.approx(1 / 6)
    assert found.recordings == 2
    kept = read_punctuation(Storage(str(flows.data_dir))).models["u3-rt-pro"]
    assert kept == found


def test_each_channel_is_compared_with_its_own_session(heard, services, flows) -> None:
    heard.add("call.wav", ("one. two three. four", "one. two. three. four"), ("a b. c", "a b c"))
    streaming = services()

    found = measured(heard).result()

    assert counts(found) == (1, 3, 1, 2)
    assert len(streaming.store.streams.records) == 2


def test_confidence_decides_for_universal_streaming(heard, services, flows) -> None:
    heard.add("a.wav", ("one. two. three four five. six", "one. two three. four five. six"))
    services()

    found = measured(heard, speech_model="universal-streaming-english").result()

    assert counts(found) == (1, 3, 1, 2)
    assert found.parameters.end_of_turn_confidence_threshold == pytest.approx(0.4)


def test_a_stop_ends_all_sessions_and_keeps_nothing(heard, services, flows) -> None:
    from config.watching import Watching, watched_by

    for name in "abcdef":
        heard.add(f"{name}.wav", (f"{name} one. two three. " * 20,) * 2)
    streaming = services()
    stop = threading.Event()
    opened = streaming.store.streams.records
    waiting = threading.Thread(target=lambda: (_until(lambda: len(opened) >= 4), stop.set()))
    waiting.start()

    with watched_by(Watching(stop=stop)):
        state = measured(heard)

    waiting.join()
    assert state.message.startswith("stopped")
    assert streaming.store.streams.open_sessions == 0
    assert len(opened) == 4
    assert not read_punctuation(Storage(str(flows.data_dir))).models


def test_an_interruption_ends_all_sessions(heard, services, flows) -> None:
    for name in "ab":
        heard.add(f"{name}.wav", (f"{name} one. two three. " * 20,) * 2)
    streams = services().store.streams
    main = threading.main_thread().ident
    interrupting = threading.Thread(
        target=lambda: (
            _until(lambda: streams.open_sessions == 2),
            signal.pthread_kill(main, signal.SIGINT),
        )
    )
    interrupting.start()

    with pytest.raises(KeyboardInterrupt):
        measured(heard)

    interrupting.join()
    assert streams.open_sessions == 0
    for record in streams.records.values():
        assert record.finished
        assert record.audio_bytes < 40 * record.bytes_per_s


def test_a_key_that_is_refused_measures_nothing_and_exits_with_1(
    heard, services, flows, capsys: Capture
) -> None:
    heard.add("a.wav", ("one. two three.", "one. two three."))
    services()
    flows.set(ASSEMBLYAI_API_KEY="another-key-0123456789")

    assert run(["measure-punctuation", str(heard.batch)]) == 1
    assert "none of the silences could be compared" in capsys.readouterr().err


def test_the_command_says_the_bill_first_and_the_shares_as_json(
    heard, services, flows, capsys: Capture
) -> None:
    heard.add("a.wav", ("one. two three. four", "one. two three. four"))
    services()

    assert run(["measure-punctuation", str(heard.batch), "--json"]) == 0

    shown = capsys.readouterr()
    assert shown.err.count("about 0.1 min of streaming: 1 recordings, 1 sessions") == 1
    assert "billed by assemblyai" in shown.err
    assert json.loads(shown.out)["complete_read_as_open"]["silences"] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--provider", "local"], "run `fermata calibrate`"),
        (["--provider", "assemblyai"], "ASSEMBLYAI_API_KEY"),
        (["--minutes", "0", "--provider", "local"], "above 0"),
        (["--provider", "local", "--speech-model", "whisper-rt"], "not documented"),
    ],
)
def test_wrong_use_exits_with_2_before_anything_is_streamed(
    heard, flows, capsys: Capture, arguments, said
) -> None:
    heard.add("a.wav", ("one.", "one."))

    assert run(["measure-punctuation", str(heard.batch), *arguments]) == 2
    assert said in capsys.readouterr().err


def _until(is_so: Any) -> None:
    pause = threading.Event()
    while not is_so():
        pause.wait(0.02)
