"""Where a run's page is, and opening it."""

import sys
import tempfile
import webbrowser
from pathlib import Path

from config.wiring import storage
from fermata.errors import UsageError
from fermata.runs.pages import newest_page
from fermata.storage import Storage


def report(run: str, *, open_page: bool) -> int:
    """Prints where the page is; returns the exit code.

    Args:
        run: the run's id, or how it begins; empty for the newest.
        open_page: open it in the browser.
    """
    page = newest_page(storage(), run)
    if page is None and run:
        raise UsageError(
            f"no report of a run {run} in {storage().uri('reports')}: "
            "`fermata report` without an id tells the newest"
        )
    if page is None:
        raise UsageError(
            "no report yet: `fermata calibrate RECORDINGS` or `fermata reprocess` writes one"
        )
    sys.stdout.write(f"{storage().uri(page)}\n")
    if open_page and not webbrowser.open(_at_hand(page, storage()).as_uri()):
        raise UsageError("no browser could be started here: open the file above yourself")
    return 0


def _at_hand(page: str, folder: Storage) -> Path:
    """The page as a file on this machine; one in remote storage is copied here first."""
    if folder.is_local:
        return Path(folder.path(page))
    copy = Path(tempfile.mkdtemp(prefix="fermata-report-")) / Path(page).name
    copy.write_bytes(folder.read(page))
    return copy
