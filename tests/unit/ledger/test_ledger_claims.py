"""Claims: one holder at a time, for as long as it lives."""

import threading

import pytest
from sqlalchemy import create_engine, text

from fermata.ledger import Claim, ClaimLostError, JobKey, JobState, Ledger
from tests.unit.ledger.jobs import LEASE_S, SERVICE, UPLOAD, leave_in_doubt, plan, submit

SHORT_LEASE_S = 0.3
LONGER_LEASE_S = 3.0
DEADLINE_S = 60


@pytest.fixture
def key(ledger: Ledger) -> JobKey:
    return plan(ledger, "talk.wav")[0]


def claimed(ledger: Ledger, key: JobKey, lease_s: float = LEASE_S) -> Claim:
    claim = ledger.claim(key, lease_s)
    assert claim is not None
    return claim


def claimed_once_free(ledger: Ledger, key: JobKey) -> Claim:
    """Waits for somebody else's claim to run out."""
    pause = threading.Event()
    for _ in range(1000):
        if claim := ledger.claim(key, LEASE_S):
            return claim
        pause.wait(0.01)
    pytest.fail("the claim never ran out")


def until_s(ledger: Ledger) -> float:
    """How long the claim is lent, by the database's clock."""
    with ledger._database.reading() as connection:
        return float(connection.exec_driver_sql("SELECT claim_until FROM jobs").scalar_one())


def end_the_lease(ledger: Ledger) -> None:
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET claim_until = 0")


def test_only_one_holds_a_claim(ledger: Ledger, key: JobKey):
    with claimed(ledger, key):
        assert ledger.claim(key) is None
    with claimed(ledger, key):
        pass


def test_of_many_threads_one_gets_the_claim(ledger: Ledger, key: JobKey):
    start, claims = threading.Barrier(12), []

    def race() -> None:
        start.wait(DEADLINE_S)
        claims.append(ledger.claim(key))

    racers = [threading.Thread(target=race) for _ in range(12)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(DEADLINE_S)
    assert len(claims) == 12
    assert len([claim for claim in claims if claim]) == 1


def test_a_claim_that_nobody_renews_runs_out(ledger: Ledger, key: JobKey):
    dead = claimed(ledger, key, SHORT_LEASE_S)
    with claimed_once_free(ledger, key) as successor:
        with pytest.raises(ClaimLostError, match=r"talk\.wav"):
            dead.uploaded(UPLOAD, SERVICE)
        successor.uploaded(UPLOAD, SERVICE)
    assert ledger.job(key).state is JobState.UPLOADED


def test_a_claim_in_use_outlives_its_lease(ledger: Ledger, key: JobKey):
    with claimed(ledger, key, LONGER_LEASE_S) as claim:
        pause, lent_until_s = threading.Event(), until_s(ledger)
        # Renewed at least a second time, after most of the first lease.
        while until_s(ledger) < lent_until_s + LONGER_LEASE_S / 2:
            assert not pause.wait(0.02)
        assert ledger.claim(key) is None
        claim.uploaded(UPLOAD, SERVICE)
        claim.attempting()


def test_nothing_is_sent_under_a_claim_that_ran_out_though_nobody_took_it(
    ledger: Ledger, key: JobKey
):
    late = claimed(ledger, key, 0.0)
    late.uploaded(UPLOAD, SERVICE)
    with pytest.raises(ClaimLostError):
        late.attempting()


def test_an_acceptance_is_noted_even_if_the_claim_was_lost(ledger: Ledger, key: JobKey):
    late = claimed(ledger, key)
    late.uploaded(UPLOAD, SERVICE)
    late.attempting()
    end_the_lease(ledger)
    with claimed_once_free(ledger, key) as successor:
        late.submitted("t-1")
        with pytest.raises(ClaimLostError):
            successor.attempting()
    assert ledger.job(key).transcript_id == "t-1"


def test_the_first_acceptance_stays(ledger: Ledger, key: JobKey):
    with claimed(ledger, key) as claim:
        claim.uploaded(UPLOAD, SERVICE)
        claim.submitted("t-1")
        with pytest.raises(ClaimLostError):
            claim.submitted("t-2")
    assert ledger.job(key).transcript_id == "t-1"


def test_an_error_gives_the_claim_back(ledger: Ledger, key: JobKey):
    with pytest.raises(ZeroDivisionError), claimed(ledger, key):
        _ = 1 / 0
    with claimed(ledger, key):
        pass


def test_what_is_submitted_or_failed_can_not_be_claimed(ledger: Ledger):
    sent, failed = plan(ledger, "sent.wav", "failed.wav")
    submit(ledger, sent)
    with claimed(ledger, failed) as claim:
        claim.failed("too large", permanent=True)
    assert ledger.claim(sent) is None
    assert ledger.claim(failed) is None
    assert (ledger.job(failed).reason, ledger.job(failed).permanent) == ("too large", True)


def test_a_claim_shows_what_the_last_holder_left(ledger: Ledger, key: JobKey):
    leave_in_doubt(ledger, key)
    with claimed(ledger, key) as claim:
        assert claim.job.upload_url == UPLOAD
        assert claim.job.attempted_ago_s is not None


def test_a_refused_attempt_leaves_no_doubt(ledger: Ledger, key: JobKey):
    leave_in_doubt(ledger, key)
    with claimed(ledger, key) as claim:
        claim.attempt_refused()
    assert ledger.job(key).attempted_ago_s is None


def test_a_new_upload_leaves_no_doubt(ledger: Ledger, key: JobKey):
    leave_in_doubt(ledger, key)
    with claimed(ledger, key) as claim:
        claim.uploaded("https://cdn.example.com/upload/2", SERVICE)
    assert ledger.job(key).attempted_ago_s is None


def test_a_claim_is_renewed_again_after_the_database_was_away(
    ledger: Ledger, ledger_url: str, key: JobKey, caplog: pytest.LogCaptureFixture
):
    def rename(old: str, new: str) -> None:
        url = ledger_url.replace("postgresql:", "postgresql+psycopg:")
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
        engine.dispose()

    with claimed(ledger, key, LONGER_LEASE_S) as claim:
        rename("jobs", "jobs_elsewhere")
        pause = threading.Event()
        while "not renewed" not in caplog.text:
            assert not pause.wait(0.02)
        rename("jobs_elsewhere", "jobs")
        claim.uploaded(UPLOAD, SERVICE)
        claim.attempting()
