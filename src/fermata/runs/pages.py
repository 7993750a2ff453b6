"""Where the pages of runs stand, for whoever only wants to know."""

from fermata.storage import Storage

FOLDER = "reports"


def newest_page(storage: Storage) -> str | None:
    """The path of the newest run's page, below the data folder; None before the first.

    Raises:
        StorageError: the data folder cannot be read.
    """
    # A page's name begins with its time.
    return max(storage.list(FOLDER, ".html"), default=None)
