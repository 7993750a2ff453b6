"""`fermata local-server`: the local speech service by hand."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from fermata import localserver
from fermata.localserver.era import Era

_LONGEST_S = 86_400
Seconds = Annotated[float, Parameter(validator=Number(gte=0, lte=_LONGEST_S))]


def local_server(
    *,
    port: Annotated[int, Parameter(validator=Number(gte=0, lte=65_535))] = 8765,
    references: Path | None = None,
    concurrency: Annotated[int, Parameter(validator=Number(gte=1))] = 5,
    processing_time: Seconds = 0.0,
    processing_time_per_audio_second: Seconds = 0.0,
    era: Era = Era.AUTUMN,
    fault: Annotated[tuple[str, ...], Parameter(negative=())] = (),
) -> None:
    """Run the local speech service until Ctrl-C: AssemblyAI's v2 API with an offline engine.

    Point a client at it with FERMATA_ASSEMBLYAI_BASE_URL=http://127.0.0.1:8765 and any key.

    Args:
        port: Port on 127.0.0.1; 0 takes a free one.
        references: A folder of recordings with transcripts beside them (x.wav and x.json) to
            answer with instead of listening.
        concurrency: Jobs in work at once; the others stay queued.
        processing_time: Seconds that a job takes at least.
        processing_time_per_audio_second: Seconds that it takes at least per second of audio.
        era: Which of the vendor's rules on model names hold.
        fault: What shall go wrong, such as submit:status=429,retry_after=2,times=1; may be
            given several times (docs/local-server.md).
    """
    config = localserver.LocalServerConfig(
        port=port,
        references=references,
        concurrency=concurrency,
        processing_time_s=processing_time,
        processing_time_per_audio_s=processing_time_per_audio_second,
        era=era,
        faults=tuple(localserver.parse_fault(text) for text in fault),
    )
    localserver.serve(config, announce=_announce)


def _announce(url: str) -> None:
    sys.stderr.write(f"{url}\n")
    sys.stderr.flush()
