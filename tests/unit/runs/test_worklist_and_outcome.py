"""What a run has to do and what became of it, on real files, a real ledger and real tables."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fermata.archive import TranscriptArchive
from fermata.assemblyai.options import MultichannelMode, TranscriptOptions, options_for
from fermata.ledger import JobKey, JobState, Ledger
from fermata.recordings import GroupBy
from fermata.runs.outcome import recording_results
from fermata.runs.tabulate import tabulate
from fermata.runs.unsettled import Unsettled
from fermata.runs.worklist import Worklist, make_worklist
from fermata.storage import Storage
from fermata.tables import GAPS, RECORDINGS, RecordingStatus, read_table
from tests.flows.conversations import alternating, write_sound


class Bench:
    """A folder of recordings, a ledger, a data folder, and a service of one's own."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.recordings = folder / "recordings"
        self.storage = Storage(str(folder / "data"))
        self.ledger = ledger

    def sources(self) -> list[str]:
        return [str(self.recordings)]

    def add(self, name: str) -> str:
        return write_sound(self.recordings / name, name)

    def worklist(self, run_id: str = "run", models: tuple[str, ...] = ("universal-2",)) -> Worklist:
        def options(channels: int | None) -> TranscriptOptions:
            return options_for(
                channels,
                MultichannelMode.AUTO,
                engine="assemblyai",
                speech_models=models,
                language_detection=False,
            )

        return make_worklist(
            self.sources(),
            GroupBy.FOLDER,
            options_for=options,
            ledger=self.ledger,
            storage=self.storage,
            run_id=run_id,
        )

    def submit(self, key: JobKey, transcript_id: str = "t") -> None:
        claim = self.ledger.claim(key)
        assert claim is not None
        with claim:
            claim.uploaded("https://example.com/audio", "https://example.com")
            claim.attempting()
            claim.submitted(transcript_id)

    def complete(self, key: JobKey, *gaps_ms: int, transcript_id: str = "t") -> None:
        self.submit(key, transcript_id)
        transcript = json.dumps({"utterances": alternating(gaps_ms)}).encode()
        TranscriptArchive(self.storage).write(key.recording_id, key.options_hash, transcript)
        self.ledger.complete(key, transcript_id, 60.0)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        yield Bench(tmp_path, ledger)


def test_what_is_new_is_planned_and_what_is_known_is_left_out(bench: Bench) -> None:
    bench.add("known.wav")
    (known,) = bench.worklist().new
    bench.complete(known.key, 300)
    bench.add("new.wav")
    worklist = bench.worklist("second")
    assert [item.name for item in worklist.items] == ["known.wav", "new.wav"]
    assert [item.name for item in worklist.new] == ["new.wav"]
    assert worklist.open_jobs == ()
    assert worklist.summary == "2 found, 1 new, 1 known"


def test_a_link_to_a_recording_is_listed_in_every_run(bench: Bench) -> None:
    bench.add("a.wav")
    (bench.recordings / "linked").mkdir()
    (bench.recordings / "linked" / "b.wav").symlink_to(bench.recordings / "a.wav")
    for run_id in ("first", "second"):
        worklist = bench.worklist(run_id)
        results = recording_results(worklist, {}, bench.storage)
        assert [(each.name, each.group, each.duplicate_of) for each in results] == [
            ("a.wav", "default", "linked/b.wav"),
            ("linked/b.wav", "linked", None),
        ]


def test_what_the_service_has_already_is_polled_and_not_sent(bench: Bench) -> None:
    bench.add("open.wav")
    (item,) = bench.worklist().new
    bench.submit(item.key)
    worklist = bench.worklist("second")
    assert worklist.new == ()
    assert [job.key for job in worklist.open_jobs] == [item.key]
    assert worklist.summary == "1 found, 0 new, 0 known, 1 at the service already"


def test_other_options_make_another_transcript(bench: Bench) -> None:
    bench.add("call.wav")
    (item,) = bench.worklist().new
    bench.complete(item.key, 300)
    (again,) = bench.worklist("second", models=("slam-1",)).new
    assert again.key.recording_id == item.key.recording_id
    assert again.key.options_hash != item.key.options_hash


def test_what_failed_for_good_is_not_sent_again_and_what_may_succeed_is(bench: Bench) -> None:
    bench.add("hopeless.wav")
    bench.add("unlucky.wav")
    hopeless, unlucky = bench.worklist().new
    bench.submit(hopeless.key, "t1")
    bench.submit(unlucky.key, "t2")
    bench.ledger.fail(hopeless.key, "t1", "no audio in it", permanent=True)
    bench.ledger.fail(unlucky.key, "t2", "server error", permanent=False)
    assert [item.name for item in bench.worklist("second").new] == ["unlucky.wav"]


def test_a_file_is_listed_by_content_and_repeated_ones_are_told(bench: Bench) -> None:
    bench.add("a.wav")
    (bench.recordings / "b.wav").write_bytes((bench.recordings / "a.wav").read_bytes())
    (bench.recordings / "c.wav").write_text("no sound")
    worklist = bench.worklist()
    assert [item.name for item in worklist.items] == ["a.wav"]
    assert [recording.name for recording in worklist.duplicates] == ["b.wav"]
    assert [rejection.name for rejection in worklist.rejections] == ["c.wav"]
    assert worklist.summary == (
        "3 found, 1 new, 0 known, 1 repeated under another name, 1 unusable"
    )


def test_a_file_that_was_written_to_is_another_recording(bench: Bench) -> None:
    first = bench.add("call.wav")
    bench.worklist()
    write_sound(bench.recordings / "call.wav", "another call")
    (item,) = bench.worklist("second").items
    assert item.key.recording_id != first


def test_tabulating_again_leaves_the_same_rows(bench: Bench) -> None:
    bench.add("call.wav")
    (item,) = bench.worklist().new
    bench.complete(item.key, 300, -200, 700)
    batch = bench.ledger.job(item.key).batch
    for _ in range(2):
        assert tabulate(batch, bench.storage, bench.ledger) == 1
    rows, gaps = read_table(bench.storage, RECORDINGS), read_table(bench.storage, GAPS)
    assert rows["average_gap_ms"].tolist() == [500]
    assert gaps["gap_ms"].tolist() == [300, -200, 700]
    assert bench.ledger.untabled() == ()


def test_a_recording_settled_later_joins_its_batch(bench: Bench) -> None:
    bench.add("a.wav")
    bench.add("b.wav")
    first, second = bench.worklist().new
    batch = bench.ledger.job(first.key).batch
    bench.complete(first.key, 300, transcript_id="t1")
    tabulate(batch, bench.storage, bench.ledger)
    bench.complete(second.key, 400, transcript_id="t2")
    assert {job.batch for job in bench.ledger.untabled()} == {batch}
    assert tabulate(batch, bench.storage, bench.ledger) == 2
    assert len(read_table(bench.storage, RECORDINGS)) == 2


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-12])


def odd(body: str) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(gzip.compress(body.encode()))  # type: ignore[return-value]


_SAID = '"utterances": [{"start": 0, "end": 900}, {"start": 1200, "end": 1900}]'
HARMS = {
    "cut short": damage,
    "gone": Path.unlink,
    "a time in words": odd('{"utterances": [{"start": "soon"}]}'),
    "truncated JSON": odd('{"utterances": [{"start": 0'),
    "nested deeply": odd("[" * 100_000 + "]" * 100_000),
    "a number of 5,000 digits": odd('{"utterances": [{"start": 1' + "0" * 5_000 + "}]}"),
    "a model that is a number": odd(f'{{{_SAID}, "speech_model_used": 5}}'),
    "a language that is a list": odd(f'{{{_SAID}, "language_code": ["en"]}}'),
    "half of a character": odd(f'{{{_SAID}, "language_code": "\\ud800"}}'),
    "said after the end": odd(f'{{{_SAID.replace("1900", "1000000000")}, "audio_duration": 300}}'),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
def test_a_transcript_that_cannot_be_read_fails_its_recording_alone(
    bench: Bench, harm: Callable[[Path], None]
) -> None:
    bench.add("a.wav")
    bench.add("b.wav")
    bad, good = bench.worklist().new
    bench.complete(bad.key, 300, transcript_id="t1")
    bench.complete(good.key, 300, transcript_id="t2")
    name = f"{bad.key.recording_id}.{bad.key.options_hash}.json.gz"
    harm(Path(bench.storage.path(f"transcripts/{name}")))
    tabulate(bench.ledger.job(bad.key).batch, bench.storage, bench.ledger)
    results = recording_results(bench.worklist("second"), {}, bench.storage)
    assert [str(each.status) for each in results] == ["failed", "analysed"]
    assert results[0].reason


def test_what_was_not_settled_keeps_its_reason_and_its_transcripts_id(bench: Bench) -> None:
    bench.add("late.wav")
    worklist = bench.worklist()
    (item,) = worklist.items
    bench.submit(item.key)
    late = {item.key: Unsettled("not done after 900 s", "t")}
    (result,) = recording_results(worklist, late, bench.storage)
    assert (result.status, result.reason, result.transcript_id) == (
        RecordingStatus.FAILED,
        "not done after 900 s",
        "t",
    )
    assert bench.ledger.job(item.key).state is JobState.SUBMITTED


def test_results_are_in_the_order_of_their_names(bench: Bench) -> None:
    for name in ("c.wav", "a/z.wav", "b.wav"):
        bench.add(name)
    (bench.recordings / "bad.wav").touch()
    results = recording_results(bench.worklist(), {}, bench.storage)
    names = [each.name for each in results]
    assert names == sorted(names)
    assert len(names) == 4
