"""The engine on the bundled recordings: gaps as planned, words as spoken, processes that end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fermata.localserver import LocalServer, LocalServerConfig
from fermata.localserver.engine.edges import FRAME_SAMPLES, REACH_FRAMES, refine
from fermata.localserver.engine.heard import Heard, SpokenWord
from fermata.localserver.results import channels_result, mixed_result
from fermata.speech_detection.silero import (
    LONGEST_SPEECH_WINDOWS,
    RATE_HZ,
    SHORTEST_SILENCE_WINDOWS,
    WINDOW_SAMPLES,
    Span,
    speech_spans,
)
from tests.unit.localserver.client import Client, StartClient

RECORDINGS = Path(__file__).parents[2] / "recordings"
PLANS = json.loads((RECORDINGS / "planned.json").read_text())
NAMES = [plan["name"] for plan in PLANS]

MEAN_TOLERANCE_MS = 40
GAP_TOLERANCE_MS = 100
WORD_ERRORS_ALLOWED = 0.25


@pytest.fixture(scope="module")
def transcripts() -> Iterator[dict[str, Any]]:
    """Every bundled recording, transcribed at once by one server with two engine processes."""
    with LocalServer(LocalServerConfig(engine_processes=2)) as server:
        client = Client(server)
        jobs = {}
        for plan in PLANS:
            stereo = plan["channels"] > 1
            upload_url = client.upload((RECORDINGS / plan["name"]).read_bytes())
            jobs[plan["name"]] = client.submit(
                upload_url, multichannel=stereo, speaker_labels=not stereo
            )["id"]
        yield {name: client.finished(job) for name, job in jobs.items()}
        client.session.close()


def gaps_ms(utterances: list[dict[str, Any]]) -> list[int]:
    times = [(one.get("start_ms", one.get("start")), one.get("end_ms", one.get("end")))
             for one in utterances]  # fmt: skip
    return [after[0] - before[1] for before, after in pairwise(times)]


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_gaps_are_as_planned(transcripts, plan):
    heard = gaps_ms(transcripts[plan["name"]]["utterances"])
    assert len(heard) == len(plan["gaps_ms"])
    errors = [abs(one - other) for one, other in zip(heard, plan["gaps_ms"], strict=True)]
    assert max(errors) <= GAP_TOLERANCE_MS
    assert fmean(errors) <= MEAN_TOLERANCE_MS


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_words_are_mostly_as_spoken(transcripts, plan):
    heard = [word["text"] for word in transcripts[plan["name"]]["words"]]
    spoken = [word for one in plan["utterances"] for word in one["text"].split()]
    missed = [word for word in spoken if word not in heard]
    assert len(missed) <= WORD_ERRORS_ALLOWED * len(spoken)


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_words_are_ordered_and_lie_in_their_utterances(transcripts, plan):
    transcript = transcripts[plan["name"]]
    assert [word for one in transcript["utterances"] for word in one["words"]] == (
        transcript["words"]
    )
    for one in transcript["utterances"]:
        assert (one["words"][0]["start"], one["words"][-1]["end"]) == (one["start"], one["end"])
        assert one["text"] == " ".join(word["text"] for word in one["words"])
    for word in transcript["words"]:
        assert 0 <= word["start"] < word["end"] <= plan["duration_ms"]
        assert 0 <= word["confidence"] <= 1


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_speakers_are_channels_or_one_voice(transcripts, plan):
    transcript = transcripts[plan["name"]]
    voices = {(one["speaker"], one["channel"]) for one in transcript["utterances"]}
    if plan["channels"] == 1:
        assert (voices, transcript["audio_channels"]) == ({("A", None)}, None)
    else:
        assert (voices, transcript["audio_channels"]) == ({("1", "1"), ("2", "2")}, 2)
    assert transcript["speech_model_used"] == "pocketsphinx-en-us"
    assert transcript["audio_duration"] == -(-plan["duration_ms"] // 1000)


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
    job = client.submit(client.upload((RECORDINGS / NAMES[0]).read_bytes()))["id"]
    client.until(job, "processing")
    answered = 0
    while client.poll(job)["status"] == "processing":
        answered += client.request("GET", "/healthz").ok
    assert answered > 1


def test_the_same_content_is_listened_to_once(start_client: StartClient):
    others = child_processes()
    client = start_client(engine_processes=1)
    upload_url = client.upload((RECORDINGS / NAMES[0]).read_bytes())
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
    job = client.submit(client.upload((RECORDINGS / NAMES[0]).read_bytes()))["id"]
    while child_processes() == others:
        client.request("GET", "/healthz")
    client.server.__exit__(None, None, None)
    assert client.server.store.transcripts[job].status == "processing"
    assert child_processes() == others


def test_an_engine_process_ends_with_its_server_amid_a_task():
    task = {"path": str(RECORDINGS / NAMES[0]), "layout": "mixed"}
    with subprocess.Popen(
        [sys.executable, "-m", "fermata.localserver.engine.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as worker:
        worker.stdin.write(json.dumps(task).encode() + b"\n")
        worker.stdin.close()
        assert worker.wait(60) == 0
        assert worker.stdout.read() == b""
