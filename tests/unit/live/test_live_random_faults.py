"""Whatever goes wrong and when: each word is heard once, or lies in a stretch that is marked.

The local server knows every word, and counts in audio time; audio comes as fast as it is taken.
"""

import random
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fermata.assemblyai.retry import RetryPolicy
from fermata.gladia import GladiaClient, GladiaProvider
from fermata.live.buffer import FrameBuffer
from fermata.live.session import Channel, ChannelSession
from fermata.live.wire import WireTimes
from fermata.localserver import LocalServer, LocalServerConfig, parse_fault
from tests.unit.live.rig import BOUND_S, TIMES, frames, provider, quick
from tests.unit.localserver_streaming.stream_client import noise, spoken, until, write_reference

pytestmark = pytest.mark.timeout(200)

RATE_HZ = 16_000
LENGTH_MS = 12_000
SENTENCES = 10
TIMING = quick(
    keep_s=None, retries=20, drain_s=30.0, wordless_s=30.0, verdict_s=0.2, silent_s=5.0,
    catch_up_speed=200.0, burst_s=0.1,
)  # fmt: skip
IMPATIENT = replace(TIMING, drain_s=1.0)
"""For ends that never come."""

FAULTS = [
    "ws-message:connection=drop",
    "ws-message:connection=silent",
    "ws-message:close=1000",
    "ws-message:close=1011",
    "ws-message:close=1012",
    "ws-message:message=binary",
    "ws-message:message=malformed",
    "ws-message:slow_ms=6",
]
AT_THE_END = [
    "ws-finish:message=none",
    "ws-finish:connection=silent",
    "ws-finish:connection=drop",
    "ws-finish:close=1000",
    "ws-finish:close=1011",
]


def sentences():
    return [f"word{n}a word{n}b word{n}c." for n in range(SENTENCES)]


@pytest.fixture(scope="module")
def audio() -> np.ndarray:
    return noise(LENGTH_MS)


@pytest.fixture(scope="module")
def references(tmp_path_factory, audio) -> Path:
    folder = tmp_path_factory.mktemp("known")
    said = [spoken(text, 300 + 1_100 * n) for n, text in enumerate(sentences())]
    write_reference(folder, audio, *said)
    return folder


@pytest.fixture(scope="module")
def server(references):
    with LocalServer(LocalServerConfig(references=references)) as running:
        yield running


def assemblyai(server):
    times = replace(TIMES, wire=WireTimes(close_s=0.2))

    class Address:
        url = f"{server.websocket_url}/v3/ws"

    return provider(Address, times=times)


def gladia(server):
    retry = RetryPolicy(attempts=3, wait_initial_s=0.001, wait_max_s=0.001)
    client = GladiaClient(server.url, "a-key-for-tests", retry=retry)
    return GladiaProvider(client, times=WireTimes(close_s=0.2))


def stream(service, audio, fault):
    buffer = FrameBuffer(600.0, RATE_HZ)
    for frame in frames(audio[0], RATE_HZ):
        buffer.push(frame)
    buffer.close()
    session = ChannelSession(
        Channel(0, "left", RATE_HZ),
        service,
        buffer,
        halt=threading.Event(),
        publish=lambda _: None,
        spoken_at_s=lambda _: None,
        timing=IMPATIENT if any(kind in fault for kind in ("silent", "none", "slow")) else TIMING,
    )
    session.start()
    assert session.finished.wait(BOUND_S)
    return session.report()


def check(report):
    """Each word once, or in a hole."""
    heard = [word.text.strip(".").lower() for turn in report.turns for word in turn.words]
    assert len(heard) == len(set(heard)), "a word was heard twice"
    for number in range(SENTENCES):
        for place, letter in enumerate("abc"):
            start_ms = 300 + 1_100 * number + 200 * place
            marked = any(
                hole.start_ms <= start_ms and start_ms + 200 <= hole.end_ms for hole in report.holes
            )
            assert f"word{number}{letter}" in heard or marked, f"word{number}{letter} is lost"


@pytest.mark.parametrize("service", [assemblyai, gladia])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_moment_loses_no_word_unmarked_and_doubles_none(
    server, audio, service, fault
):
    chance = random.Random(f"{service.__name__} {fault}")
    server.faults.clear()
    # Twice without an answer in between, an end counts as one that nobody confirms.
    for _ in range(1 if "silent" in fault or "1000" in fault else 2):
        at_s = round(chance.uniform(0, LENGTH_MS / 1000), 2)
        server.faults.add(parse_fault(f"{fault},at_s={at_s},times=1"))
    report = stream(service(server), audio, fault)
    check(report)
    assert (report.error, report.unconfirmed, report.holes) == (None, False, ())
    until(lambda: server.store.streams.open_sessions == 0)


@pytest.mark.parametrize("service", [assemblyai, gladia])
@pytest.mark.parametrize("fault", AT_THE_END)
def test_a_fault_at_the_very_end_is_retried(server, audio, service, fault):
    server.faults.clear()
    server.faults.add(parse_fault(f"{fault},times=1"))
    report = stream(service(server), audio, fault)
    check(report)
    assert (report.error, report.unconfirmed, report.holes) == (None, False, ())
    until(lambda: server.store.streams.open_sessions == 0)


@pytest.mark.parametrize("service", [assemblyai, gladia])
def test_an_end_that_is_never_confirmed_is_marked(server, audio, service):
    server.faults.clear()
    server.faults.add(parse_fault("ws-finish:message=none"))
    report = stream(service(server), audio, "message=none")
    check(report)
    assert (report.error, report.unconfirmed) == (None, True)
    assert report.holes[-1].end_ms == LENGTH_MS
    until(lambda: server.store.streams.open_sessions == 0)
