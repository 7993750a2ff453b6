"""`fermata migrate`: what the command takes."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def migrate(
    file: Path,
    /,
    *,
    speech_model: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> None:
    """Turn a Gladia live session's configuration into AssemblyAI's, with each field's fate.

    The parameters go to stdout as JSON, the fates to stderr; with --json all is one object.

    Args:
        file: The body of POST /v2/live as JSON.
        speech_model: AssemblyAI's streaming model; the one that the languages need without.
        as_json: Print one JSON object on stdout and nothing else.
    """
    from fermata.cli.work.migrate import migrate as work  # noqa: PLC0415 - see work

    work(file, speech_model, as_json=as_json)
