"""Records the default microphone in a process of its own: OUTPUT.wav CHANNELS SECONDS.

ALSA aborts the whole process over a wrong configuration, so the tests never open a device
themselves. Prints one line when the first audio came, and one JSON object at the end.
"""

import json
import sys
import time
from pathlib import Path
from threading import Event

from fermata.live.buffer import FrameBuffer
from fermata.live.capture import Capture
from fermata.live.recorder import WavRecorder
from fermata.live.sources.microphone import Microphone


def main() -> None:
    output, channels, seconds = sys.argv[1:]
    microphone = Microphone(channels=int(channels))
    rate_hz = microphone.sample_rate_hz
    buffers = [FrameBuffer(60, rate_hz) for _ in microphone.channel_names]
    recorder = WavRecorder(Path(output), rate_hz, len(buffers))
    capture = Capture(microphone, buffers, stop=Event(), recorder=recorder)
    capture.start()
    buffers[0].pop(10)
    sys.stdout.write("recording\n")
    sys.stdout.flush()
    began_s = time.monotonic()
    end_sample = 0
    while end_sample < float(seconds) * rate_hz and not buffers[0].exhausted:
        if (frame := buffers[0].pop(10)) is not None:
            end_sample = frame.end_sample
    took_s = time.monotonic() - began_s
    ended = capture.close()
    capture.raise_if_failed()
    report = {
        "name": microphone.name,
        "sample_rate_hz": rate_hz,
        "took_s": took_s,
        "ended": ended,
        "overflows": microphone.losses.overflows,
        "dropped_blocks": microphone.losses.dropped_blocks,
    }
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main()
