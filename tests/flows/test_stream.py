"""The flow `stream`: sessions with the chosen settings, kept, shown, and never left open."""

import hashlib
import json
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fermata.localserver import LocalServer, LocalServerConfig, parse_fault
from tests.flows.running import KEY, FlowRunner
from tests.flows.seen import FlowRun
from tests.flows.spoken_words import TwiceHeard
from tests.unit.calibration.publishing_folder import QUICK_MS, SLOW_MS, Folder

RECORDINGS = Path(__file__).parents[1] / "recordings"
DINNER = RECORDINGS / "ivr" / "dinner_order.wav"


@contextmanager
def service_that_hears(flows: FlowRunner, references: Path | None) -> Iterator[LocalServer]:
    """A streaming service that is not ours to start or stop, with a key."""
    config = LocalServerConfig(api_keys=frozenset({KEY}), references=references)
    with LocalServer(config) as server:
        flows.use(server)
        flows.set(
            FERMATA_ASSEMBLYAI_STREAMING_URL=f"{server.websocket_url}/v3/ws",
            FERMATA_LLM_GATEWAY_URL=server.url,
        )
        yield server


@pytest.fixture
def service(flows: FlowRunner) -> Iterator[LocalServer]:
    """A service that knows no recording."""
    with service_that_hears(flows, None) as server:
        yield server


@pytest.fixture
def heard(tmp_path: Path) -> TwiceHeard:
    return TwiceHeard(tmp_path / "recordings")


def streamed(path: Path, **options: object) -> FlowRun:
    from config.sources import RecordingInput
    from flows.stream import stream

    state = stream(source=RecordingInput(path=str(path)), return_state=True, **options)
    run_id = state.state_details.flow_run_id
    assert run_id is not None
    return FlowRun(run_id, state, state.result(raise_on_failure=False))


def write_noise(path: Path, channels: int) -> None:
    noise = np.random.default_rng(channels).integers(-3000, 3000, (24_123, channels), dtype="<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(noise.tobytes())


def filled_up(samples: bytes) -> bytes:
    """The last frame of 50 ms is filled up with silence."""
    return samples + bytes(-len(samples) % (2 * 800))


def channel_samples(path: Path, channel: int) -> bytes:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return samples.reshape(-1, file.getnchannels())[:, channel].tobytes()


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_each_channel_is_a_session_that_gets_exactly_its_samples(
    flows: FlowRunner, service: LocalServer, tmp_path: Path, channels: int
):
    recording = tmp_path / "noise.wav"
    write_noise(recording, channels)

    run = streamed(recording, preset="balanced")

    assert run.state.is_completed(), run.message
    streams = service.store.streams
    assert streams.open_sessions == 0
    heard = {record.audio_sha256 for record in streams.records.values()}
    assert heard == {
        hashlib.sha256(filled_up(channel_samples(recording, channel))).hexdigest()
        for channel in range(channels)
    }


def test_an_end_that_is_not_confirmed_is_told_marked_and_kept(
    flows: FlowRunner, service: LocalServer, tmp_path: Path
):
    recording = tmp_path / "noise.wav"
    write_noise(recording, 1)
    service.faults.add(parse_fault("ws-finish:close=1000"))

    run = streamed(recording, preset="balanced")

    assert (run.state.is_failed(), run.state.name) == (True, "Unconfirmed")
    assert run.message.endswith(
        "the service did not confirm the end, 1.5 s of audio without a reliable transcript"
    )
    folder = flows.data_dir / "sessions" / run.result.session
    kept = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    assert (kept["state"], kept["unconfirmed"], kept["lost_ms"]) == ("unconfirmed", True, 1508)
    assert kept["holes"] == [{"channel": 0, "start_ms": 0, "end_ms": 1508, "reason": "unconfirmed"}]
    assert [notice["code"] for notice in kept["notices"]] == ["no_termination"]
    assert service.store.streams.open_sessions == 0


def test_what_is_said_on_each_channel_is_heard_kept_and_shown(flows: FlowRunner, heard: TwiceHeard):
    spoken = ("well yes.", "well yes."), ("no. never", "no. never")
    recording = heard.add("call.wav", *spoken)
    flows.set(FERMATA_TRANSCRIPTS_IN_PREFECT=True)
    with service_that_hears(flows, heard.streamed) as server:
        run = streamed(recording, preset="balanced", llm_prompt="Repeat", summarise=True)

    assert run.state.is_completed(), run.message
    assert server.store.streams.open_sessions == 0
    kept = flows.data_dir / "sessions" / run.result.session
    assert {path.name for path in kept.iterdir()} >= {
        "audio.wav",
        "session.json",
        "transcript.json",
        "turns.jsonl",
    }
    turns = flows.table("streamed_turns")
    assert set(turns["session"]) == {run.result.session}
    words = pd.read_parquet(flows.data_dir / "streamed_words").groupby("channel")["text"]
    assert [list(texts) for _, texts in words] == [["well", "yes."], ["no.", "never"]]
    assert len(run.artifact("session").data) > 0
    transcript = run.artifact("session-transcript").data
    assert "Speaker 1" in transcript
    summary = json.loads((kept / "session.json").read_text())["summary"]
    assert summary["text"] == run.result.summary.text
    assert summary["model"] == "claude-sonnet-4-6"
    assert summary["text"].splitlines()[0] in transcript
    assert KEY not in transcript


def test_unless_asked_for_prefect_is_told_no_word(flows: FlowRunner, heard: TwiceHeard) -> None:
    recording = heard.add("call.wav", ("well yes.", "well yes."))
    with service_that_hears(flows, heard.streamed):
        run = streamed(recording, preset="balanced")
    transcript = run.artifact("session-transcript").data
    assert run.result.session in transcript
    assert "yes" not in transcript


def test_auto_takes_the_newest_calibration_of_the_group(flows: FlowRunner, service: LocalServer):
    Folder(flows.data_dir).publish({"ivr": QUICK_MS, "support": SLOW_MS})

    run = streamed(DINNER, group="ivr", duration_s=1)

    (record, _) = service.store.streams.records.values()
    assert run.state.is_completed(), run.message
    settings = run.result.report
    assert settings.error is None
    assert record.finished
    turns = flows.data_dir / "sessions" / run.result.session / "session.json"
    text = turns.read_text(encoding="utf-8")
    assert '"min_turn_silence": 160' in text
    assert '"max_turn_silence": 400' in text


def test_without_a_calibration_auto_is_balanced_and_says_so(
    flows: FlowRunner, service: LocalServer
):
    run = streamed(DINNER, duration_s=1, save_audio=False)

    kept = flows.data_dir / "sessions" / run.result.session
    assert "nothing was calibrated yet" in (kept / "session.json").read_text(encoding="utf-8")
    assert not (kept / "audio.wav").exists()


def test_a_refused_key_fails_the_flow_with_its_advice_and_opens_nothing(
    flows: FlowRunner, service: LocalServer
):
    flows.set(ASSEMBLYAI_API_KEY="another-key-0123456789")

    run = streamed(DINNER, preset="balanced")

    assert run.state.is_failed()
    assert "key" in run.message
    assert service.store.streams.open_sessions == 0


def test_a_group_that_was_never_calibrated_is_named_before_a_session_is_opened(
    flows: FlowRunner, service: LocalServer
):
    run = streamed(DINNER, group="nowhere")

    assert run.state.is_failed()
    assert "nowhere" in str(run.result)
    assert not service.store.streams.records


def test_calibrate_and_stream_streams_with_what_it_has_just_chosen(
    flows: FlowRunner, heard: TwiceHeard
):
    from config.sources import RecordingInput
    from flows.calibrate_and_stream import calibrate_and_stream

    recording = heard.add("ivr/call.wav", ("well yes. no. never",) * 2)
    with service_that_hears(flows, heard.batch):
        state = calibrate_and_stream(
            [str(heard.batch)],
            source=RecordingInput(path=str(recording)),
            duration_s=2,
            return_state=True,
        )

    assert state.is_completed(), state.message
    (session,) = (flows.data_dir / "sessions").iterdir()
    settings = json.loads((session / "session.json").read_text(encoding="utf-8"))["parameters"]
    latest = json.loads((flows.data_dir / "calibrations" / "latest.json").read_text())
    learned = latest["overall"]["streaming_parameters"]
    assert settings["max_turn_silence"] == learned["max_turn_silence"]
    assert settings["min_turn_silence"] == learned["min_turn_silence"]
