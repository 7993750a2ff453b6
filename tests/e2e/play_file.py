"""Streams a file with playback, to nobody: FILE. Prints how many seconds its audio took."""

import sys
import time
from threading import Event

from fermata.live.buffer import FrameBuffer
from fermata.live.capture import Capture
from fermata.live.playback import Playback
from fermata.live.sources.file import FileSource


def main() -> None:
    source = FileSource(sys.argv[1])
    channels = len(source.channel_names)
    buffers = [FrameBuffer(60, source.sample_rate_hz) for _ in range(channels)]
    playback = Playback(source.sample_rate_hz, channels)
    capture = Capture(source, buffers, stop=Event(), playback=playback)
    began_s = time.monotonic()
    capture.start()
    while not buffers[0].exhausted:
        buffers[0].pop(10)
    sys.stdout.write(str(time.monotonic() - began_s))
    capture.close()
    capture.raise_if_failed()


if __name__ == "__main__":
    main()
