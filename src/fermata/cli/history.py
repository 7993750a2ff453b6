"""`fermata history`: what the command takes."""

from typing import Annotated

from cyclopts import Parameter


def history(
    *,
    scope: str = "",
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> None:
    """List the settings that were published, newest first, and which of them are in force.

    Args:
        scope: Only those of this scope; those of all without.
        as_json: Print one JSON object on stdout and nothing else.
    """
    from fermata.cli.work.history import history as work  # noqa: PLC0415 - see work

    work(scope=scope, as_json=as_json)
