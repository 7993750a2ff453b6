"""The index of files that need not be read again."""

from dataclasses import replace

from fermata.ledger import Ledger
from fermata.recordings import Candidate, Recording

CANDIDATE = Candidate(
    uri="/recordings/talk.wav", name="talk.wav", group="default", fingerprint="100:1"
)


def recording_of(candidate: Candidate, number: int = 0) -> Recording:
    return Recording(
        recording_id=f"{number:064x}",
        uri=candidate.uri,
        name=candidate.name,
        group=candidate.group,
        fingerprint=candidate.fingerprint,
        size_bytes=3_000_000_000,
        duration_s=12.5,
        channels=2,
    )


def test_a_file_is_read_once(ledger: Ledger):
    assert ledger.files.lookup([CANDIDATE]) == {}
    recording = recording_of(CANDIDATE)
    ledger.files.remember([recording])
    assert ledger.files.lookup([CANDIDATE]) == {CANDIDATE.uri: recording}


def test_a_changed_file_is_read_again(ledger: Ledger):
    ledger.files.remember([recording_of(CANDIDATE)])
    changed = replace(CANDIDATE, fingerprint="100:2")
    assert ledger.files.lookup([changed]) == {}
    ledger.files.remember([recording_of(changed, 1)])
    assert ledger.files.lookup([changed])[CANDIDATE.uri].recording_id == f"{1:064x}"


def test_name_and_group_are_those_of_this_listing(ledger: Ledger):
    ledger.files.remember([recording_of(CANDIDATE)])
    renamed = replace(CANDIDATE, name="ivr/talk.wav", group="ivr")
    assert ledger.files.lookup([renamed])[CANDIDATE.uri].group == "ivr"


def test_a_password_in_an_address_is_not_written_down(tmp_path):
    with Ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        secret = replace(CANDIDATE, uri="s3://user:hunter2@bucket/talk.wav")
        ledger.files.remember([recording_of(secret)])
        assert list(ledger.files.lookup([secret])) == [secret.uri]
    assert b"hunter2" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_nothing_to_remember_is_fine(ledger: Ledger):
    ledger.files.remember([])
    assert ledger.files.lookup([]) == {}


def test_more_known_files_than_a_statement_takes_are_looked_up(ledger: Ledger):
    candidates = [replace(CANDIDATE, uri=f"/recordings/{number}") for number in range(30_000)]
    ledger.files.remember(recording_of(candidate) for candidate in candidates)
    assert len(ledger.files.lookup(candidates)) == 30_000
