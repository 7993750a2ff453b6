"""Turns, events and reports of invented sessions."""

from typing import Any

from hypothesis import strategies as st

from fermata.live.events import Began, Ended, LiveEvent, Word
from fermata.live.report import ChannelReport, ProviderSession, SessionReport
from fermata.live.sources import Losses
from fermata.live.turns import HeardTurn, TurnState
from fermata.sessions import SessionPlan

PROVIDER_SESSION = ProviderSession(
    session_id="session-1",
    sent_s=9.5,
    audio_s=10.0,
    billed_s=12.0,
    billed_is_estimated=False,
    error=None,
)


def words_of(text: str, start_ms: float = 0, speaker: str | None = None) -> tuple[Word, ...]:
    """A word every 300 ms, 250 ms long."""
    return tuple(
        Word(
            word, start_ms + 300 * n, start_ms + 300 * n + 250, 0.9, is_final=True, speaker=speaker
        )
        for n, word in enumerate(text.split())
    )


def turn(order: int, text: str, **changes: Any) -> HeardTurn:
    """A formatted final turn; by default each starts 5 s after the one before."""
    start_ms = changes.pop("start_ms", 5_000 * order)
    word_speaker = changes.pop("word_speaker", None)
    values = {
        "channel": 0,
        "order": order,
        "session_id": "session-1",
        "text": text,
        "words": words_of(text, start_ms, word_speaker),
        "speaker": None,
        "language": None,
        "state": TurnState.FINAL,
        "is_formatted": True,
        "first_partial_latency_ms": 200.0,
        "final_latency_ms": 600.0,
    }
    return HeardTurn(**(values | changes))


def plan(**changes: Any) -> SessionPlan:
    values = {
        "source": "call.wav",
        "provider": "local",
        "sample_rate_hz": 16_000,
        "channels": ("Agent", "Caller"),
        "parameters": {"speech_model": "u3-rt-pro", "max_turn_silence": 1280},
        "speech_model": "u3-rt-pro",
        "group": "support",
        "preset": "balanced",
        "min_turn_silence_ms": 400,
        "max_turn_silence_ms": 1280,
        "run_id": "run-1",
    }
    return SessionPlan(**(values | changes))


def channel_report(index: int, turns: tuple[HeardTurn, ...], **changes: Any) -> ChannelReport:
    values = {
        "channel": index,
        "name": ("Agent", "Caller")[index],
        "sessions": (PROVIDER_SESSION,),
        "turns": turns,
        "dropped_frames": 2,
        "dropped_ms": 100.0,
        "holes": (),
        "answers_due": 0,
        "answers": 0,
        "notices": (),
        "error": None,
    }
    return ChannelReport(**(values | changes))


def report(*channels: ChannelReport, **changes: Any) -> SessionReport:
    values = {
        "provider": "local",
        "source": "call.wav",
        "sample_rate_hz": 16_000,
        "captured_s": 9.5,
        "losses": Losses(),
        "channels": channels,
        "source_error": None,
        "recording_error": None,
        "interrupted": False,
    }
    return SessionReport(**(values | changes))


def began(session_id: str = "session-1") -> LiveEvent:
    return Began(session_id, None, {"speech_model": "u3-rt-pro"})


def ended() -> LiveEvent:
    return Ended(10.0, 12.0)


texts = st.text(max_size=20)
speakers = st.none() | st.sampled_from(["A", "B", "A/2"])
moments_ms = st.floats(min_value=0, max_value=3_600_000)


@st.composite
def words(draw: st.DrawFn) -> Word:
    start_ms, end_ms = sorted((draw(moments_ms), draw(moments_ms)))
    confidence = draw(st.none() | st.floats(min_value=0, max_value=1))
    return Word(draw(texts), start_ms, end_ms, confidence, draw(st.booleans()), draw(speakers))


@st.composite
def turns(draw: st.DrawFn) -> HeardTurn:
    return HeardTurn(
        channel=draw(st.integers(0, 1)),
        order=draw(st.integers(0, 5)),
        session_id=draw(st.sampled_from(["session-1", "session-2"])),
        text=draw(texts),
        words=tuple(draw(st.lists(words(), max_size=4))),
        speaker=draw(speakers),
        language=draw(st.none() | st.just("en")),
        state=draw(st.sampled_from(TurnState)),
        is_formatted=draw(st.booleans()),
        first_partial_latency_ms=draw(st.none() | moments_ms),
        final_latency_ms=draw(st.none() | moments_ms),
    )
