"""A microphone without hardware, captured through PyAudio by the whole path.

Two virtual devices: ALSA's file plugin, which gives a known file sample by sample as fast as it
is read, and the monitor of a PulseAudio null sink, which comes in real time like a real one.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

RATE_HZ = 16_000
BLOCK = 800
BOUND_S = 120
RECORDER = Path(__file__).with_name("record_microphone.py")
PLAYER = Path(__file__).with_name("play_file.py")
RNG = np.random.default_rng(22)

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the virtual devices are ALSA's"),
    pytest.mark.skipif(
        importlib.util.find_spec("pyaudio") is None,
        reason="PyAudio is missing: install portaudio19-dev, then the extra 'mic'",
    ),
]

Environment = dict[str, str]


def noise(channels: int, seconds: float) -> np.ndarray:
    return RNG.integers(-20_000, 20_000, (round(seconds * RATE_HZ), channels)).astype("<i2")


def read_wav(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert file.getframerate() == RATE_HZ
        frames = file.readframes(file.getnframes())
        return np.frombuffer(frames, "<i2").reshape(-1, file.getnchannels())


def alsa(folder: Path, configuration: str) -> Environment:
    path = folder / "asound.conf"
    path.write_text(configuration)
    return os.environ | {"ALSA_CONFIG_PATH": str(path)}


def record(
    output: Path, environment: Environment, channels: int, seconds: float
) -> "subprocess.Popen[str]":
    """Starts a recording and comes back when the first audio has come."""
    recorder = subprocess.Popen(
        [sys.executable, str(RECORDER), str(output), str(channels), str(seconds)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert recorder.stdout is not None
    if recorder.stdout.readline().strip() != "recording":
        pytest.fail(recorder.communicate(timeout=BOUND_S)[1])
    return recorder


def finish(recorder: "subprocess.Popen[str]") -> dict[str, Any]:
    assert recorder.stdout is not None
    # Not by `communicate`, which loses what came together with the line that was read before.
    out = recorder.stdout.read()
    _, err = recorder.communicate(timeout=BOUND_S)
    assert recorder.returncode == 0, err
    report = json.loads(out)
    assert isinstance(report, dict)
    return report


def file_microphone(folder: Path, spoken: np.ndarray) -> Environment:
    (folder / "spoken.raw").write_bytes(spoken.tobytes())
    channels = spoken.shape[1]
    return alsa(
        folder,
        f"""
        pcm.null {{ type null }}
        pcm.file_microphone {{
            type file  slave.pcm "null"  file "/dev/null"
            infile "{folder / "spoken.raw"}"  format "raw"
        }}
        pcm.!default {{
            type plug
            slave {{ pcm "file_microphone" format S16_LE rate {RATE_HZ} channels {channels} }}
            hint {{ show on  description "File microphone" }}
        }}
        """,
    )


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_a_microphone_is_captured_sample_by_sample(tmp_path: Path, channels: int) -> None:
    spoken = noise(channels, 30)
    environment = file_microphone(tmp_path, spoken)
    report = finish(record(tmp_path / "audio.wav", environment, channels, 5))
    assert report["sample_rate_hz"] == RATE_HZ
    assert report["ended"] is True
    captured = read_wav(tmp_path / "audio.wav")[: len(spoken)]
    assert len(captured) >= 5 * RATE_HZ
    holes = 0
    for start in range(0, len(captured), BLOCK):
        block = captured[start : start + BLOCK]
        if block.any():
            assert np.array_equal(block, spoken[start : start + BLOCK]), f"differs at {start}"
        else:
            holes += 1
    assert holes <= report["dropped_blocks"], "every hole was counted"


def test_devices_are_listed_and_one_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    environment = file_microphone(tmp_path, noise(1, 1))
    script = (
        "from fermata.live.sources.microphone import Microphone, input_devices\n"
        "print([device.name for device in input_devices()])\n"
        "Microphone('webcam')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
    )
    assert "'default'" in done.stdout
    last_line = done.stderr.splitlines()[-1]
    assert "UsageError: there is no microphone 'webcam'; choose by number or name" in last_line
    assert "'default'" in last_line
    assert "ALSA lib" not in done.stderr, "the sound system's own noise is kept off the screen"


def test_a_machine_without_any_device_says_so(tmp_path: Path) -> None:
    environment = alsa(
        tmp_path,
        'pcm.!default { type hw  card 77  hint { show on  description "none" } }',
    )
    done = subprocess.run(
        [sys.executable, str(RECORDER), str(tmp_path / "audio.wav"), "1", "1"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
    )
    assert done.returncode == 1
    assert "there is no microphone; choose by number or name from: none found" in done.stderr


@contextmanager
def pulse_server(environment: Environment) -> Iterator[None]:
    sink = f"module-null-sink sink_name=virtual rate={RATE_HZ} channels=2 format=s16le"
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes"]
    command += ["--use-pid-file=no", "-L", sink]
    command += ["-L", "module-native-protocol-unix auth-anonymous=1"]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_until_it_answers(server, environment)
            yield
        finally:
            server.terminate()
            server.wait(BOUND_S)


def wait_until_it_answers(server: "subprocess.Popen[bytes]", environment: Environment) -> None:
    deadline_s = time.monotonic() + BOUND_S
    asked = ["pactl", "info"]
    while subprocess.run(asked, env=environment, capture_output=True, check=False).returncode:
        if server.poll() is not None or time.monotonic() > deadline_s:
            pytest.fail("PulseAudio did not start")


@pytest.fixture
def pulse() -> Iterator[Environment]:
    """A PulseAudio server of its own, whose null sink is both loudspeaker and microphone."""
    plugin = list(Path("/usr/lib").glob("**/alsa-lib/libasound_module_pcm_pulse.so"))
    if not plugin or not shutil.which("pulseaudio") or not shutil.which("paplay"):
        pytest.skip("missing: apt install pulseaudio pulseaudio-utils libasound2-plugins")
    # A socket's path may have 107 characters; pytest's folders are longer than that.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.joinpath("pulse").mkdir(mode=0o700)
        environment = alsa(
            folder,
            """
            pcm_type.pulse { lib "libasound_module_pcm_pulse.so" }
            ctl_type.pulse { lib "libasound_module_ctl_pulse.so" }
            pcm.!default {
                type asym
                capture.pcm { type pulse  device "virtual.monitor" }
                playback.pcm { type pulse  device "virtual" }
                hint { show on  description "Virtual microphone" }
            }
            """,
        ) | {"XDG_RUNTIME_DIR": name, "PULSE_RUNTIME_PATH": f"{name}/pulse", "HOME": name}
        with pulse_server(environment):
            yield environment


def said_and_heard(said: np.ndarray, recording: Path) -> tuple[np.ndarray, np.ndarray]:
    """The second half of what was said, and what stands at its place in the recording."""
    half = len(said) // 2
    heard = read_wav(recording).astype("<i2")
    # The first 50 ms of the half are looked for, whole frames of two channels of two bytes.
    place = heard.tobytes().find(said[half : half + BLOCK].tobytes())
    assert place >= 0, "nothing of it was heard"
    assert place % 4 == 0
    heard = heard[place // 4 :][: len(said) - half]
    return said[half : half + len(heard)], heard


def write_wav(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path


def pieces_heard(said: np.ndarray, recording: Path) -> int:
    """How many quarters of a second of what was said are in the recording, whole."""
    heard = read_wav(recording).tobytes()
    pieces = np.array_split(said, 4 * len(said) // RATE_HZ)
    return sum(piece.tobytes() in heard for piece in pieces)


def heard_in_real_time(folder: Path, pulse: Environment) -> tuple[np.ndarray, dict[str, Any]]:
    """What was said to a microphone that recorded to `audio.wav`, and the recorder's report."""
    said = noise(2, 2)
    spoken = write_wav(folder / "spoken.wav", said)
    recorder = record(folder / "audio.wav", pulse, 2, 4)
    command = ["paplay", "--device=virtual", str(spoken)]
    subprocess.run(command, env=pulse, check=True, timeout=BOUND_S)
    return said, finish(recorder)


def played_in_real_time(folder: Path, pulse: Environment) -> tuple[np.ndarray, float]:
    """What a file that was played and recorded to `audio.wav` says, and how long that took."""
    said = noise(2, 3)
    file = write_wav(folder / "call.wav", said)
    recorder = record(folder / "audio.wav", pulse, 2, 6)
    played = subprocess.run(
        [sys.executable, str(PLAYER), str(file)],
        env=pulse,
        capture_output=True,
        text=True,
        check=True,
        timeout=BOUND_S,
    )
    finish(recorder)
    return said, float(played.stdout)


def test_a_microphone_is_captured_in_real_time(tmp_path: Path, pulse: Environment) -> None:
    said, report = heard_in_real_time(tmp_path, pulse)
    assert report["ended"] is True
    assert pieces_heard(said, tmp_path / "audio.wav")


def test_a_file_is_heard_while_it_is_streamed(tmp_path: Path, pulse: Environment) -> None:
    said, _ = played_in_real_time(tmp_path, pulse)
    assert pieces_heard(said, tmp_path / "audio.wav")


@pytest.mark.soak
def test_on_a_quiet_machine_a_microphone_loses_nothing(tmp_path: Path, pulse: Environment) -> None:
    said, report = heard_in_real_time(tmp_path, pulse)
    expected, heard = said_and_heard(said, tmp_path / "audio.wav")
    assert len(heard) >= RATE_HZ // 2
    assert np.array_equal(heard, expected)
    assert (report["overflows"], report["dropped_blocks"]) == (0, 0)
    assert report["took_s"] == pytest.approx(4, abs=0.5)


@pytest.mark.soak
def test_on_a_quiet_machine_playing_a_file_slows_nothing_down(
    tmp_path: Path, pulse: Environment
) -> None:
    said, took_s = played_in_real_time(tmp_path, pulse)
    expected, heard = said_and_heard(said, tmp_path / "audio.wav")
    assert len(heard) >= RATE_HZ
    assert np.array_equal(heard, expected)
    assert took_s == pytest.approx(3, abs=0.3)


def test_a_microphone_that_is_unplugged_ends_the_capture_with_a_clear_error(
    tmp_path: Path, pulse: Environment
) -> None:
    recorder = record(tmp_path / "audio.wav", pulse, 2, 60)
    subprocess.run(["pactl", "exit"], env=pulse, check=True, timeout=BOUND_S)
    error = recorder.communicate(timeout=BOUND_S)[1]
    assert recorder.returncode == 1
    assert error.splitlines()[-1].endswith(
        "DeviceError: the microphone 'default' has given no audio for 3 s: is it still plugged in?"
    )
    assert len(read_wav(tmp_path / "audio.wav")) >= BLOCK
