"""Channels and whole sessions on a scripted server, with times shrunk for tests."""

import threading
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from fermata.assemblyai.streaming import (
    AssemblyAiProvider,
    KeyAccess,
    StreamingTimes,
    streaming_parameters,
)
from fermata.audio import decode
from fermata.live.buffer import FrameBuffer
from fermata.live.events import Notice
from fermata.live.frames import Block, Frame, samples_per_block
from fermata.live.observers import Observer
from fermata.live.session import Channel, ChannelSession
from fermata.live.sources import Losses
from fermata.live.timing import Timing
from fermata.live.wire import WireTimes

SPOKEN = Path(__file__).parents[2] / "recordings" / "ivr" / "dinner_order.wav"
RATE_HZ = 8_000
BOUND_S = 100
KEY = "a-key-for-tests"

QUICK = Timing(
    poll_s=0.02,
    keep_s=2.0,
    catch_up_speed=1000.0,
    verdict_s=10.0,
    flush_s=0.1,
    drain_s=30.0,
    end_s=60.0,
    first_retry_s=0.01,
    longest_retry_s=0.02,
    crowded_retry_s=0.02,
    retries=2,
    healthy_s=60.0,
    answer_s=0.1,
)
TIMES = StreamingTimes(
    WireTimes(connect_s=30.0, send_s=30.0, close_s=1.0, ping_s=0.05, pong_s=30.0), begin_s=30.0
)
NEVER_S = 1.0
"""For what never comes, and no busy machine can be waited for."""
NO_ANSWER = replace(TIMES, wire=replace(TIMES.wire, connect_s=NEVER_S))
NO_BEGIN = replace(TIMES, begin_s=NEVER_S)
NO_DATA_TAKEN = replace(TIMES, wire=replace(TIMES.wire, send_s=NEVER_S, close_s=0.3))
NO_PONG = replace(TIMES, wire=replace(TIMES.wire, pong_s=NEVER_S, close_s=0.3))


def provider(server, times=TIMES, **parameters) -> AssemblyAiProvider:
    values = {"speech_model": "u3-rt-pro"} | parameters
    return AssemblyAiProvider(server.url, KeyAccess(KEY), streaming_parameters(values), times=times)


def samples(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(-9000, 9000, count).astype("<i2")


@cache
def speech(seconds: float = 2.0) -> np.ndarray:
    """Somebody ordering a dinner, from the first word on."""
    said = decode(SPOKEN, RATE_HZ)[0][: int(seconds * RATE_HZ)]
    return np.rint(said * 32768).clip(-32768, 32767).astype("<i2")


def frames(audio: np.ndarray, rate_hz: int = RATE_HZ) -> list[Frame]:
    size = samples_per_block(rate_hz)
    return [Frame(at, audio[at : at + size].tobytes()) for at in range(0, len(audio), size)]


class ChannelRig:
    """One channel without a capture: the test pushes frames."""

    def __init__(self, server, *, timing: Timing = QUICK, buffer_s=60.0, **parameters):
        self.buffer = FrameBuffer(buffer_s, RATE_HZ)
        self.halt = threading.Event()
        self.heard: list = []
        self.session = ChannelSession(
            Channel(0, "left", RATE_HZ),
            provider(server, **parameters),
            self.buffer,
            halt=self.halt,
            publish=self.heard.append,
            spoken_at_s=lambda _sample: None,
            timing=timing,
        )

    def push(self, audio: np.ndarray) -> None:
        for frame in frames(audio):
            self.buffer.push(frame)

    def run(self, audio: np.ndarray):
        """Sends everything and returns the report once the channel has ended."""
        self.push(audio)
        self.buffer.close()
        self.session.start()
        return self.end()

    def end(self):
        assert self.session.finished.wait(BOUND_S)
        return self.session.report()

    def events(self, kind: type) -> list:
        return [event for event in self.heard if isinstance(event, kind)]

    def notices(self) -> list[str]:
        return [notice.code for notice in self.events(Notice)]


class PacedSource:
    """A file's worth of audio, paced by the capture like any file."""

    name = "paced"
    is_live = False

    def __init__(self, audio: np.ndarray, rate_hz: int = RATE_HZ, *, error=None):
        self._audio = audio
        self._error = error
        self.sample_rate_hz = rate_hz
        self.channel_names = tuple(f"Speaker {n + 1}" for n in range(len(audio)))
        self.duration_s = audio.shape[1] / rate_hz
        self.losses = Losses()

    def blocks(self):
        size = samples_per_block(self.sample_rate_hz)
        for at in range(0, self._audio.shape[1], size):
            yield Block(at, self._audio[:, at : at + size])
        if self._error:
            raise self._error

    def close(self) -> None:
        """Nothing to close."""


class Recorded(Observer):
    """Keeps everything an observer sees."""

    def __init__(self):
        self.events: list = []
        self.turns: list = []
        self.reports: list = []
        self.threads: set[int] = set()

    def on_event(self, channel, event):
        self.threads.add(threading.get_ident())
        self.events.append((channel, event))

    def on_turn(self, turn):
        self.threads.add(threading.get_ident())
        self.turns.append(turn)

    def on_end(self, report):
        self.reports.append(report)


def quick(**changes) -> Timing:
    return replace(QUICK, **changes)
