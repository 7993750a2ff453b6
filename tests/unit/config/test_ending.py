"""How a command is ended: what runs is asked first, and interrupted where that takes too long."""

import signal
import threading

import pytest

from config.ending import Ending, current_ending

LONG_S = 60.0


def timers() -> list[threading.Timer]:
    return [each for each in threading.enumerate() if isinstance(each, threading.Timer)]


def test_a_flow_that_computes_on_is_interrupted_once_patience_is_over() -> None:
    ending = Ending()

    def compute() -> None:
        with ending, ending.of_flow(patience_s=0.01):
            ending.because_cancelled()
            threading.Event().wait(LONG_S)

    with pytest.raises(KeyboardInterrupt):
        compute()
    assert (ending.stop.is_set(), ending.exit_code) == (True, 128 + signal.SIGTERM)


def test_a_flow_that_ends_by_itself_is_not_interrupted_later() -> None:
    with Ending() as ending:
        with ending.of_flow(patience_s=3_600):
            ending.because_cancelled()
        (timer,) = timers()
        timer.cancel()
        timer.join()
        # As if its time had come just now.
        timer.function()


def test_a_session_may_take_its_time() -> None:
    with Ending() as ending, ending.of_flow(patience_s=None):
        ending.because_unread()
        assert timers() == []
    assert (ending.stop.is_set(), ending.exit_code) == (True, 141)


def test_a_signal_asks_the_first_time_and_interrupts_the_second() -> None:
    with Ending() as ending, ending.of_flow(patience_s=None):
        signal.raise_signal(signal.SIGTERM)
        assert (ending.is_asked_for, ending.stop.is_set()) == (True, True)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    assert ending.exit_code == 143


def test_before_a_flow_runs_a_signal_ends_the_command_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), Ending():
        signal.raise_signal(signal.SIGINT)


def test_what_came_first_counts() -> None:
    with Ending() as ending, ending.of_flow(patience_s=None):
        ending.because_cancelled()
        ending.because_unread()
    assert ending.exit_code == 143


def test_signals_are_left_as_they_were_found() -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with Ending() as ending:
        assert current_ending() is ending
    assert current_ending() is None
    assert before == [
        signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    ]
