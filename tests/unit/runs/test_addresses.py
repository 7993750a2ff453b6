"""Recordings at addresses: stereo is known, and what was found first holds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from fermata.ledger import Ledger, in_file
from fermata.recordings import GroupBy, Recording, list_recordings
from fermata.runs.addresses import told_unknown_channels
from fermata.runs.reading_ahead import read_ahead
from fermata.runs.worklist import Worklist, read_unseen
from tests.unit.recordings.test_channels_at_addresses import Site, ranges, serving
from tests.unit.runs.test_lost_ledger import Losing


class Addressed(Losing):
    """A run over one address."""

    url = ""

    def sources(self) -> list[str]:
        return [self.url]

    def transcribed(self) -> Worklist:
        worklist = self.worklist()
        for item in worklist.new:
            self.complete(item.key, 300, 700)
        self.tabulate()
        return worklist


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Addressed]:
    bench = Addressed(tmp_path, Ledger(in_file(f"{tmp_path}/ledger.sqlite")))
    yield bench
    bench.ledger.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(ranges) as site:
        yield site


def test_stereo_is_asked_for_channel_by_channel_and_looked_at_once(
    bench: Addressed, site: Site
) -> None:
    bench.url = site.url
    (item,) = bench.transcribed().new
    assert (item.options.multichannel, item.options.speaker_labels) == (True, False)
    assert (item.recording.channels, item.recording.duration_s) == (2, None)
    assert bench.worklist("second").new == ()
    assert len(site.requests) == 1


def test_what_was_not_told_at_first_is_not_asked_for_again(bench: Addressed) -> None:
    with serving(lambda handler: handler.connection.close()) as site:
        bench.url = site.url
        (item,) = bench.transcribed().new
        assert item.options.speaker_labels
        (line,) = [told_unknown_channels([item.recording])]
        assert line.startswith("1 address does not tell its number of channels")
        assert len(site.requests) == 2
        assert bench.worklist("second").new == ()
        assert len(site.requests) == 2


def test_a_lost_ledger_does_not_send_it_again(bench: Addressed) -> None:
    closings = iter(range(2))

    def close_twice(handler: BaseHTTPRequestHandler) -> None:
        if next(closings, None) is None:
            ranges(handler)
        handler.connection.close()

    with serving(close_twice) as site:
        bench.url = site.url
        (item,) = bench.transcribed().new
        assert item.options.speaker_labels
        bench.lose()
        assert bench.worklist("second").new == ()
        assert len(site.requests) == 2


def test_of_two_runs_at_once_one_word_holds(bench: Addressed) -> None:
    candidates = list_recordings(["http://127.0.0.1:9/a.wav"], GroupBy.NONE).candidates

    def look(channels: int) -> int | None:
        def complete(recording: Recording) -> Recording:
            return replace(recording, channels=channels)

        (found,), _ = read_unseen(candidates, bench.ledger, complete)
        return found.channels

    with ThreadPoolExecutor(8) as runs:
        assert len(set(runs.map(look, range(1, 9)))) == 1


def test_reading_ahead_leaves_addresses_to_the_run(bench: Addressed, site: Site) -> None:
    candidates = list_recordings([site.url], GroupBy.NONE).candidates
    assert list(read_ahead(candidates, bench.ledger, lambda: False)) == [1]
    assert site.requests == []
    assert bench.ledger.files.lookup(candidates) == {}
