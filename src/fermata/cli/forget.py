"""`fermata forget`: what the command takes."""

from typing import Annotated

from cyclopts import Parameter


def forget(
    call: str,
    /,
    *,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    yes: Annotated[bool, Parameter(negative=())] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> int:
    """Remove one call everywhere, for good: here, in Prefect, and at the service.

    Its transcripts, its rows in all tables, the reports that quote it, the live sessions that
    streamed it, and the runs in Prefect that speak of it. A tombstone without words or names stays,
    so that the recording is never sent again. The recording itself is yours, and is not touched.

    Args:
        call: A recording's path, address, name, id or the beginning of its id; a transcript's id; a
            live session's name or the service's id of it.
        dry_run: Only say what would be removed.
        yes: Do it without asking.
        as_json: Print what was removed as one JSON object on stdout.
    """
    from fermata.cli.work.forget import forget as work  # noqa: PLC0415 - see work

    return work(call, dry_run=dry_run, yes=yes, as_json=as_json)
