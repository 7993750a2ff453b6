"""Speaks the conversations with flite and writes the bundled recordings and their plan.

Run it from the project's root as `python -m tests.recordings.make_recordings [FOLDER]`. With
flite 2.2 (Debian's package) it writes the same samples every time.
"""

import json
import subprocess
import sys
import tempfile
import wave
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from tests.recordings.conversations import CONVERSATIONS, Conversation

Samples = NDArray[np.float64]

HERE = Path(__file__).parent
VOICE_RATE_HZ = 16000
LEAD_MS = 300
PHRASE_RMS = 0.08
NOISE_RMS = 0.0002
FRAME_MS = 5
SILENCE_DB = -38.0
LONGEST_PAUSE_IN_A_TURN_MS = 195
FLITE_TIMEOUT_S = 60
TABLE_MARK = "<!-- the table below is written by make_recordings.py -->"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn where it came to lie."""

    speaker: str
    channel: int
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The acoustic truth of one file, to the millisecond."""

    name: str
    group: str
    channels: int
    sample_rate_hz: int
    duration_ms: int
    utterances: tuple[Utterance, ...]
    gaps_ms: tuple[int, ...]
    average_gap_ms: float


def make_all(folder: Path) -> None:
    """Writes every recording below `folder`, and `planned.json` beside them."""
    plans = []
    for seed, conversation in enumerate(CONVERSATIONS):
        plan, audio = render(conversation, np.random.default_rng(seed))
        path = folder / conversation.name
        path.parent.mkdir(parents=True, exist_ok=True)
        write = write_flac if path.suffix == ".flac" else write_wav
        write(path, audio, conversation.sample_rate_hz)
        plans.append(plan)
    text = json.dumps([asdict(plan) for plan in plans], indent=1)
    (folder / "planned.json").write_text(text + "\n", encoding="utf-8")


def write_table(readme: Path, plans: list[dict[str, Any]]) -> None:
    """Puts the plan into the README as a table, below its mark."""
    head = readme.read_text(encoding="utf-8").partition(TABLE_MARK)[0]
    rows = [
        "| file | channels | Hz | seconds | planned gaps, ms | average of the positive ones, ms |",
        "|---|---|---|---|---|---|",
        *(
            f"| {plan['name']} | {plan['channels']} | {plan['sample_rate_hz']} "
            f"| {plan['duration_ms'] / 1000:.1f} | {', '.join(map(str, plan['gaps_ms']))} "
            f"| {plan['average_gap_ms']:.1f} |"
            for plan in plans
        ),
    ]
    readme.write_text("\n".join([head + TABLE_MARK, "", *rows, ""]), encoding="utf-8")


def render(conversation: Conversation, noise: np.random.Generator) -> tuple[Plan, Samples]:
    """Lays the phrases out in time over low noise, as samples of shape (channels, samples)."""
    phrases = [speak(turn.text, conversation.voices[turn.speaker]) for turn in conversation.turns]
    utterances = lay_out(conversation, phrases)
    duration_ms = max(utterance.end_ms for utterance in utterances) + LEAD_MS
    audio = np.zeros((conversation.channels, samples(duration_ms)))
    for phrase, utterance in zip(phrases, utterances, strict=True):
        start = samples(utterance.start_ms)
        audio[utterance.channel, start : start + len(phrase)] += phrase
    audio = at_rate(audio, conversation.sample_rate_hz)
    audio += noise.normal(0.0, NOISE_RMS, audio.shape)
    return plan_of(conversation, utterances, duration_ms), audio


def lay_out(conversation: Conversation, phrases: list[Samples]) -> tuple[Utterance, ...]:
    """Places each phrase its planned gap after the end of the one before."""
    utterances: list[Utterance] = []
    end_ms = LEAD_MS
    for turn, phrase in zip(conversation.turns, phrases, strict=True):
        start_ms = end_ms + turn.gap_ms
        end_ms = start_ms + len(phrase) * 1000 // VOICE_RATE_HZ
        channel = "AB".index(turn.speaker) if conversation.channels == 2 else 0
        utterances.append(Utterance(turn.speaker, channel, turn.text, start_ms, end_ms))
    return tuple(utterances)


def plan_of(
    conversation: Conversation, utterances: tuple[Utterance, ...], duration_ms: int
) -> Plan:
    """The plan of one file; only positive gaps count towards its average."""
    gaps_ms = tuple(turn.gap_ms for turn in conversation.turns[1:])
    positive = [gap for gap in gaps_ms if gap > 0]
    return Plan(
        name=conversation.name,
        group=conversation.group,
        channels=conversation.channels,
        sample_rate_hz=conversation.sample_rate_hz,
        duration_ms=duration_ms,
        utterances=utterances,
        gaps_ms=gaps_ms,
        average_gap_ms=round(sum(positive) / len(positive), 3),
    )


def speak(text: str, voice: str) -> Samples:
    """Speaks `text`, without the silence around it, at the common loudness."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "phrase.wav"
        command = ["flite", "-voice", voice, "-t", text, "-o", str(path)]
        subprocess.run(command, check=True, timeout=FLITE_TIMEOUT_S)
        with wave.open(str(path)) as file:
            assert file.getframerate() == VOICE_RATE_HZ
            pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    phrase = trimmed(pcm / 32768.0, text)
    loudness: np.float64 = np.sqrt(np.mean(phrase**2))
    return phrase * (PHRASE_RMS / loudness)


def trimmed(speech: Samples, text: str) -> Samples:
    """Cuts the silence before and after, in whole milliseconds, and refuses a pause within."""
    frame = samples(FRAME_MS)
    frames = speech[: len(speech) // frame * frame].reshape(-1, frame)
    energy = np.sqrt(np.mean(frames**2, axis=1))
    loud = np.flatnonzero(energy > energy.max() * 10 ** (SILENCE_DB / 20))
    pause_ms = int(np.diff(loud).max() - 1) * FRAME_MS
    if pause_ms > LONGEST_PAUSE_IN_A_TURN_MS:
        raise SystemExit(f"a pause of {pause_ms} ms within {text!r}: say it in other words")
    return frames[loud[0] : loud[-1] + 1].reshape(-1)


def at_rate(audio: Samples, rate_hz: int) -> Samples:
    """Halves the rate where asked, through a windowed-sinc low pass at 3.7 kHz."""
    if rate_hz == VOICE_RATE_HZ:
        return audio
    n = np.arange(-64, 65)
    low_pass = np.sinc(2 * 3700 / VOICE_RATE_HZ * n) * np.hamming(len(n))
    low_pass /= low_pass.sum()
    return np.stack([np.convolve(channel, low_pass, mode="same")[::2] for channel in audio])


def samples(duration_ms: int) -> int:
    """How many samples of the voices' rate `duration_ms` takes."""
    return duration_ms * VOICE_RATE_HZ // 1000


def as_pcm(audio: Samples) -> NDArray[np.int16]:
    """16-bit samples, interleaved."""
    return np.round(np.clip(audio.T, -1, 1) * 32767).astype("<i2")


def write_wav(path: Path, audio: Samples, rate_hz: int) -> None:
    """Writes 16-bit PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(audio))
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(as_pcm(audio).tobytes())


def write_flac(path: Path, audio: Samples, rate_hz: int) -> None:
    """Writes 16-bit FLAC, without the encoder's version in it."""
    layout = ("mono", "stereo")[len(audio) - 1]
    pcm = as_pcm(audio).reshape(1, -1)
    with av.open(str(path), "w", format="flac", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("flac", rate=rate_hz, layout=layout, format="s16")
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
        frame.sample_rate = rate_hz
        frame.time_base = Fraction(1, rate_hz)
        packets = av.AudioResampler("s16", layout, rate_hz, frame_size=4096)
        for piece in [*packets.resample(frame), *packets.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    make_all(target)
    if target == HERE:
        write_table(HERE / "README.md", json.loads((HERE / "planned.json").read_text()))
