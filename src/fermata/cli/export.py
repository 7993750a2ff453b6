"""`fermata export`: what the command takes."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fermata.export.handover import Stack


def export(
    *,
    stack: Annotated[Stack, Parameter(name="--for")],
    group: str | None = None,
    scope: str = "",
    diff: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> None:
    """Hand the newest choice over to another stack, in its names and units.

    What can be pasted goes to stdout, and then what became of each setting to stderr. With
    --diff, stdout has your file with the recommended values; the file itself is not touched.

    Args:
        stack: Where it is to go.
        group: Whose choice; without, that of all recordings.
        scope: In which scope; that of FERMATA_SCOPE or the main one without.
        diff: Your present settings: JSON; for assemblyai and deepgram also a query string or a
            .env file.
        as_json: Print one JSON object on stdout and nothing else.
    """
    from fermata.cli.work.export import export as work  # noqa: PLC0415 - see work

    work(stack, group=group, scope=scope, diff=diff, as_json=as_json)
