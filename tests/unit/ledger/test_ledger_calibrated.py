"""What a calibration rests on, and what it was asked."""

from sqlalchemy import create_engine, text

from fermata.ledger import Ledger
from tests.unit.ledger.jobs import plan, submit


def test_a_settled_job_lacks_a_calibration_until_one_is_noted(ledger: Ledger):
    done, sent = plan(ledger, "done.wav", "sent.wav")
    submit(ledger, done, "t-1")
    submit(ledger, sent, "t-2")
    ledger.complete(done, "t-1", None)
    lacking = ledger.calibrated.lacking("calls")
    assert [job.key for job in lacking] == [done]
    for _ in range(2):
        ledger.calibrated.mark("calls", lacking)
        assert ledger.calibrated.lacking("calls") == ()


def test_what_was_asked_last_counts_for_each_group(ledger: Ledger):
    assert ledger.calibrated.asked("calls") == {}
    ledger.calibrated.keep_asked("calls", ["ivr", "ivr", "sales"], "goal=1")
    ledger.calibrated.keep_asked("calls", ["ivr"], "goal=2")
    ledger.calibrated.keep_asked("calls", [], "goal=3")
    assert ledger.calibrated.asked("calls") == {"ivr": "goal=2", "sales": "goal=1"}


def test_a_ledger_from_before_this_was_noted_gets_the_tables(ledger: Ledger, ledger_url: str):
    plan(ledger, "talk.wav")
    engine = create_engine(ledger_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE asked_in_scope"))
        connection.execute(text("DROP TABLE calibrated_in_scope"))
    engine.dispose()
    with Ledger(ledger_url) as opened:
        assert opened.calibrated.asked("calls") == {}
        assert opened.calibrated.lacking("calls") == ()
        assert len(opened.open_jobs("assemblyai")) == 1


def test_what_one_scope_calibrated_and_asked_says_nothing_of_another(ledger: Ledger):
    (done,) = plan(ledger, "done.wav")
    submit(ledger, done, "t-1")
    ledger.complete(done, "t-1", None)
    ledger.calibrated.mark("calls", ledger.calibrated.lacking("calls"))
    ledger.calibrated.keep_asked("calls", ["ivr"], "goal=1")
    assert [job.key for job in ledger.calibrated.lacking("tests")] == [done]
    assert ledger.calibrated.asked("tests") == {}
