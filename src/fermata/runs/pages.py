"""Where the pages of runs stand, for whoever only wants to know."""

import re
from datetime import datetime

from fermata.storage import Storage

FOLDER = "reports"

_NAME = re.compile(r"\d{8}T\d{6}Z-(?P<run>[0-9A-Za-z-]{1,64})\.html", re.ASCII)


def page_path(chosen_at: datetime, run_id: str) -> str:
    """Where the page of a run stands below the data folder.

    Args:
        chosen_at: when its settings were chosen, in UTC.
        run_id: which run.
    """
    return f"{FOLDER}/{chosen_at:%Y%m%dT%H%M%SZ}-{run_id}.html"


def is_page_name(name: str) -> bool:
    """Whether a file's name is one that pages have."""
    return _NAME.fullmatch(name) is not None


def newest_page(storage: Storage, run: str = "") -> str | None:
    """The path of the newest page, below the data folder; None where there is none.

    Args:
        storage: the data folder.
        run: the id of the run that it is of, or its beginning; empty for any.

    Raises:
        StorageError: the data folder cannot be read.
    """
    # A page's name begins with its time.
    pages = storage.list(FOLDER, ".html")
    return max((page for page in pages if _run_of(page).startswith(run)), default=None)


def _run_of(page: str) -> str:
    found = _NAME.fullmatch(page.removeprefix(f"{FOLDER}/"))
    return found["run"] if found else ""
