"""`fermata ui`: what the command takes."""

from typing import Annotated

from cyclopts import Parameter


def ui(*, open_page: Annotated[bool, Parameter(name="--open", negative=())] = False) -> int:
    """Tell where Prefect's UI is, and in a terminal the login that it asks for.

    Args:
        open_page: Open it in the browser.
    """
    from fermata.cli.work.ui import ui as work  # noqa: PLC0415 - see work

    return work(open_page=open_page)
