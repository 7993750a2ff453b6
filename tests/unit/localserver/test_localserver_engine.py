"""The engine on the bundled recordings: gaps as planned, words as spoken, processes that end."""

import json
import os
import signal
import subprocess
import sys
import wave
from contextlib import suppress
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fermata.audio import Samples
from fermata.localserver.engine.edges import FRAME_SAMPLES, REACH_FRAMES, refine
from fermata.localserver.engine.heard import Heard, SpokenWord
from fermata.localserver.engine.transcribe import Engine
from fermata.localserver.engine.words import to_ms
from fermata.localserver.results import Result, channels_result, mixed_result
from fermata.speech_detection.silero import (
    LONGEST_SPEECH_WINDOWS,
    RATE_HZ,
    SHORTEST_SILENCE_WINDOWS,
    WINDOW_SAMPLES,
    Span,
    speech_spans,
)
from tests.listening import listen_to
from tests.unit.localserver.client import StartClient

RECORDINGS = Path(__file__).parents[2] / "recordings"
PLANS = json.loads((RECORDINGS / "planned.json").read_text())
NAMES = [plan["name"] for plan in PLANS]
PARCEL = RECORDINGS / "ivr/lost_parcel.wav"


def first_seconds(seconds: int) -> bytes:
    """The beginning of a recording, as a WAV file: enough to be listened to."""
    content = BytesIO()
    with wave.open(str(PARCEL)) as whole, wave.open(content, "wb") as beginning:
        beginning.setparams(whole.getparams())
        beginning.writeframes(whole.readframes(seconds * whole.getframerate()))
    return content.getvalue()


MEAN_TOLERANCE_MS = 40
GAP_TOLERANCE_MS = 100
WORD_ERRORS_ALLOWED = 0.25


class OneWordAStretch:
    """Says one word for each stretch of speech: gaps are what speech detection makes of them."""

    def words(self, _samples: Samples, speech: Span) -> list[SpokenWord]:
        return [SpokenWord("word", to_ms(speech.start), to_ms(speech.end), 1.0)]


def result_of(heard: Heard) -> Result:
    if len(heard.channels) > 1:
        return channels_result(heard, diarized=False)
    return mixed_result(heard, speaker="A")


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_gaps_are_as_planned(plan):
    engine = Engine()
    vars(engine)["_recogniser"] = OneWordAStretch()
    result = result_of(engine.transcribe_channels(RECORDINGS / plan["name"]))
    heard = [after["start"] - before["end"] for before, after in pairwise(result.utterances)]
    assert len(heard) == len(plan["gaps_ms"])
    errors = [abs(one - other) for one, other in zip(heard, plan["gaps_ms"], strict=True)]
    assert max(errors) <= GAP_TOLERANCE_MS
    assert fmean(errors) <= MEAN_TOLERANCE_MS


@pytest.mark.parametrize("name", ["ivr/lost_parcel.wav", "support/doctor_visit.flac"])
def test_words_are_mostly_as_spoken_in_order_and_those_of_their_speaker(name):
    (plan,) = (one for one in PLANS if one["name"] == name)
    result = result_of(listen_to(RECORDINGS / name))
    heard = [word["text"] for word in result.words]
    planned = [word for one in plan["utterances"] for word in one["text"].split()]
    missed = [word for word in planned if word not in heard]
    assert len(missed) <= WORD_ERRORS_ALLOWED * len(planned)

    assert [word for one in result.utterances for word in one["words"]] == list(result.words)
    for one in result.utterances:
        assert (one["words"][0]["start"], one["words"][-1]["end"]) == (one["start"], one["end"])
        assert one["text"] == " ".join(word["text"] for word in one["words"])
    for word in result.words:
        assert 0 <= word["start"] < word["end"] <= plan["duration_ms"]
        assert 0 <= word["confidence"] <= 1

    voices = {(one["speaker"], one["channel"]) for one in result.utterances}
    assert voices == ({("A", None)} if plan["channels"] == 1 else {("1", "1"), ("2", "2")})
    assert result.audio_duration == -(-plan["duration_ms"] // 1000)


def spoken(start_ms: int, end_ms: int) -> SpokenWord:
    return SpokenWord("word", start_ms, end_ms, 0.5)


def test_on_one_channel_an_utterance_ends_after_300_ms_of_silence():
    words = (spoken(0, 100), spoken(399, 500), spoken(800, 900))
    result = mixed_result(Heard(1.0, (words,)), speaker="A")
    assert [(one["start"], one["end"]) for one in result.utterances] == [(0, 500), (800, 900)]


def test_on_two_channels_an_utterance_ends_where_the_channel_changes():
    first = (spoken(0, 400), spoken(900, 1300))
    second = (spoken(350, 800),)
    result = channels_result(Heard(2.0, (first, second)), diarized=True)
    times = [(one["speaker"], one["start"], one["end"]) for one in result.utterances]
    assert times == [("1A", 0, 400), ("2A", 350, 800), ("1A", 900, 1300)]


def test_speech_without_end_is_cut_where_the_voice_is_weakest():
    probabilities = np.full(1000, 0.9, dtype=np.float32)
    probabilities[500] = 0.4
    spans = speech_spans(probabilities)
    assert [span.start // WINDOW_SAMPLES for span in spans] == [0, 500]


@given(arrays(np.float32, st.integers(0, 300), elements=st.floats(0, 1, width=32)))
def test_speech_spans_are_ordered_and_apart(probabilities):
    spans = speech_spans(probabilities)
    assert all(span.end - span.start <= LONGEST_SPEECH_WINDOWS * WINDOW_SAMPLES for span in spans)
    for before, after in pairwise(spans):
        assert after.start - before.end >= (SHORTEST_SILENCE_WINDOWS - 1) * WINDOW_SAMPLES


@given(
    seed=st.integers(0, 2**32 - 1),
    levels_db=st.lists(st.floats(-90, 0), min_size=8, max_size=60),
    cuts=st.sets(st.integers(0, 60), max_size=8),
)
def test_refined_borders_stay_ordered_and_near(seed, levels_db, cuts):
    noise = np.random.default_rng(seed).normal(size=(len(levels_db), WINDOW_SAMPLES))
    levels = 10 ** (np.array(levels_db) / 20)
    samples = (noise * levels[:, None]).astype(np.float32).reshape(-1)
    borders = sorted(cut for cut in cuts if cut <= len(levels_db))
    spans = [
        Span(start * WINDOW_SAMPLES, end * WINDOW_SAMPLES)
        for start, end in zip(borders[::2], borders[1::2], strict=False)
    ]
    refined = refine(samples, spans)
    assert len(refined) == len(spans)
    for span, one in zip(spans, refined, strict=True):
        assert one.start < one.end
        reach = (REACH_FRAMES + 1) * FRAME_SAMPLES
        assert span.start - reach <= one.start
        assert one.end <= span.end + reach
    assert all(before.end <= after.start for before, after in pairwise(refined))


@pytest.mark.parametrize(("lead_ms", "length_ms"), [(500, 400), (643, 777), (1001, 255)])
def test_a_border_is_moved_to_the_edge_of_the_sound(lead_ms, length_ms):
    samples = np.random.default_rng(0).normal(0, 0.0003, 2 * RATE_HZ).astype(np.float32)
    start, end = lead_ms * RATE_HZ // 1000, (lead_ms + length_ms) * RATE_HZ // 1000
    samples[start:end] += 0.3 * np.sin(np.arange(end - start, dtype=np.float32))
    late = Span(start + 1600, end + 800)
    (found,) = refine(samples, [late])
    assert abs(found.start - start) <= FRAME_SAMPLES
    assert abs(found.end - end) <= FRAME_SAMPLES


def test_the_server_answers_while_the_engine_works(start_client: StartClient):
    client = start_client(engine_processes=1)
    job = client.submit(client.upload(first_seconds(4)))["id"]
    client.until(job, "processing")
    answered = 0
    while client.poll(job)["status"] == "processing":
        answered += client.request("GET", "/healthz").ok
    assert answered > 1


def test_the_same_content_is_listened_to_once(start_client: StartClient):
    others = child_processes()
    client = start_client(engine_processes=1)
    upload_url = client.upload(first_seconds(4))
    first = client.finished(client.submit(upload_url, speaker_labels=True)["id"])
    # Nobody is left who could listen again.
    for engine in child_processes() - others:
        os.kill(int(engine), signal.SIGKILL)
    again = client.finished(client.submit(upload_url, speaker_labels=True)["id"])
    assert again["id"] != first["id"]
    assert again["utterances"] == first["utterances"]


def child_processes() -> set[str]:
    """The ids of this process's children, where the system tells."""
    lists = list(Path("/proc/self/task").glob("*/children"))
    if not lists:
        pytest.skip("this system doesn't list the children of a process")
    found: set[str] = set()
    for one in lists:
        # A thread may have ended since it was listed.
        with suppress(FileNotFoundError, ProcessLookupError):
            found |= set(one.read_text().split())
    return found


def test_a_server_stops_at_once_amid_its_jobs_and_leaves_no_process(start_client: StartClient):
    others = child_processes()
    client = start_client(engine_processes=1)
    job = client.submit(client.upload(first_seconds(4)))["id"]
    while child_processes() == others:
        client.request("GET", "/healthz")
    client.server.__exit__(None, None, None)
    assert client.server.store.transcripts[job].status == "processing"
    assert child_processes() == others


def test_an_engine_process_ends_with_its_server_amid_a_task():
    task = {"path": str(PARCEL), "layout": "mixed"}
    with subprocess.Popen(
        [sys.executable, "-m", "fermata.localserver.engine.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as worker:
        worker.stdin.write(json.dumps(task).encode() + b"\n")
        worker.stdin.close()
        assert worker.wait(60) == 0
        assert worker.stdout.read() == b""
