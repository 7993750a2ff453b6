"""Thirty-two channels in real time: what streaming costs, and whether anything is lost.

Streams a made recording of silence on 32 channels to the local server, one session for each,
and prints the seconds of processor time per channel-second, what was dropped, and the ratio of
real time to the processor time of the client's process:

    python -m benchmarks.channels [--channels 32] [--seconds 20]

The server runs in a process of its own, so that only the client is counted.
"""

import argparse
import multiprocessing
import time
import wave
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from fermata.assemblyai.streaming import AssemblyAiProvider, KeyAccess, streaming_parameters
from fermata.live.report import SessionReport
from fermata.live.run import stream
from fermata.live.sources.file import FileSource
from fermata.localserver import LocalServer, LocalServerConfig

RATE_HZ = 16_000


def main() -> None:
    """Streams and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        recording = Path(folder) / "silence.wav"
        _write_silence(recording, options.channels, options.seconds)
        _measure(recording, options.channels, options.seconds)


def _write_silence(path: Path, channels: int, seconds: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(bytes(2 * channels * RATE_HZ * seconds))


def _measure(recording: Path, channels: int, seconds: int) -> None:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    server.start()
    try:
        url = ours.recv()
        began_s, used_s = time.monotonic(), time.process_time()
        report = _stream(recording, url)
        took_s, used_s = time.monotonic() - began_s, time.process_time() - used_s
    finally:
        ours.send(None)
        server.join()
    dropped = sum(channel.dropped_frames for channel in report.channels)
    print(f"{channels} channels of {seconds} s took {took_s:.1f} s, begin and end included")
    print(f"dropped frames {dropped}, error {report.error}")
    print(f"processor time {1000 * used_s / channels / seconds:.2f} ms per channel-second")
    print(f"ratio of audio to processor time {channels * seconds / used_s:.0f}")


def _stream(recording: Path, url: str) -> SessionReport:
    parameters = streaming_parameters({"speech_model": "u3-rt-pro"})
    provider = AssemblyAiProvider(f"{url}/v3/ws", KeyAccess("benchmark"), parameters)
    return stream(FileSource(recording), lambda _channel: provider, stop=Event())


def _serve(end: Connection) -> None:
    with LocalServer(LocalServerConfig()) as server:
        end.send(server.websocket_url)
        end.recv()


if __name__ == "__main__":
    main()
