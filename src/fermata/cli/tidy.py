"""`fermata tidy`: what the command takes."""

from typing import Annotated

from cyclopts import Parameter


def tidy(
    *,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> int:
    """Delete what need not be kept any longer, and merge small table files.

    How long things are kept is set by FERMATA_KEEP_TRANSCRIPTS_DAYS, FERMATA_KEEP_AUDIO_DAYS,
    FERMATA_KEEP_SESSIONS_DAYS, FERMATA_KEEP_STREAMED_DAYS and FERMATA_KEEP_REPORTS_DAYS; what none
    is set for is kept for ever.

    Args:
        dry_run: Only say what would be done.
        as_json: Print what there was to do as one JSON object on stdout.
    """
    from fermata.cli.work.tidy import tidy as work  # noqa: PLC0415 - see work

    return work(dry_run=dry_run, as_json=as_json)
