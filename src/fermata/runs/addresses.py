"""What a run finds out about recordings at http(s) addresses, and what it says of the others."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

from fermata.recordings import Recording, is_web, without_secrets
from fermata.storage import Storage

_logger = logging.getLogger(__name__)

Complete = Callable[[Recording], Recording]


def asking_addresses(storage: Storage) -> Complete:
    """Completes a recording at an address with its channels.

    One that is in the tables keeps those that it was transcribed with, whatever its server says
    now: with others it would be sent, and billed, again.

    Args:
        storage: the data folder with the tables.
    """

    @cache
    def tabled() -> dict[str, int | None]:
        # Most runs have no address, and do without what completes one.
        from fermata.tables import RECORDINGS, read_arrow  # noqa: PLC0415

        rows = read_arrow(storage, RECORDINGS, ("recording_id", "channels")).to_pylist()
        return {row["recording_id"]: row["channels"] for row in rows}

    def complete(recording: Recording) -> Recording:
        if recording.recording_id in tabled():
            return replace(recording, channels=tabled()[recording.recording_id])
        from fermata.recordings.web import heard_at  # noqa: PLC0415

        heard = heard_at(recording.uri)
        if heard.channels is None:
            shown = without_secrets(recording.uri)
            _logger.info("%s: its channels are not known, for %s", shown, heard.why_not)
        return replace(recording, channels=heard.channels)

    return complete


def told_unknown_channels(recordings: Iterable[Recording]) -> str:
    """One line on the addresses whose channels are not known; empty without any."""
    count = sum(is_web(each.uri) and each.channels is None for each in recordings)
    if not count:
        return ""
    whose = "address does not tell its" if count == 1 else "addresses do not tell their"
    return (
        f"{count:,} {whose} number of channels and counts as one channel each: where each channel "
        "is one speaker, calibrate with multichannel on (--multichannel on)"
    )
