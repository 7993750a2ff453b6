"""How a command ends before its time: in good order, whatever asks it to.

Ctrl-C, `kill`, a closed terminal, a reader that went away and Cancel in the Prefect UI all come
together here. Before a flow runs there is nothing to put in order, and the command ends at once.
While one runs, its stop signal is set, so that it closes its sessions and says what was done; a
second time interrupts it at once.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import FrameType
from typing import Any, Self

from config.stopping import stop_all_runs

_CANCELLED = signal.SIGTERM
_OUTPUT_GONE = signal.SIGPIPE
_EXIT_ABOVE = 128


class Ending:
    """Whether this command is to end, and why; notices signals while it is entered.

    Attributes:
        stop: set when what runs is to end.
        returned: the final state of the flow, also where Prefect's server could not be told.
        is_untold: whether it could not.
    """

    def __init__(self) -> None:
        """Begins as a command that is to go on."""
        self.stop = threading.Event()
        self.returned: Any = None
        self.is_untold = False
        self._cause: signal.Signals | None = None
        self._runs_flow = False
        self._patience_s: float | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Notices signals from now on; in the main thread only, as Python has it."""
        if threading.current_thread() is threading.main_thread():
            self.notice_signals()
        self._token = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves signals to whoever noticed them before."""
        _current.reset(self._token)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def is_asked_for(self) -> bool:
        """Whether something asked this command to end."""
        return self._cause is not None

    @property
    def exit_code(self) -> int:
        """128 and the signal's number, as shells have it: 130, 143, 129 or 141.

        A cancellation counts as SIGTERM, an output that nobody reads any more as SIGPIPE.
        """
        return _EXIT_ABOVE + (self._cause or signal.SIGINT)

    def notice_signals(self) -> None:
        """Handles the signals here, also where Prefect has put a handler of its own since.

        SIGINT too where it was inherited as ignored, as by what a script starts with `&`: who
        sends it means it. SIGHUP stays ignored if it is, for that is what `nohup` is for.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue
            before = signal.signal(number, self._on_signal)
            self._before.setdefault(number, before)

    @contextmanager
    def of_flow(self, patience_s: float | None) -> Iterator[None]:
        """Lets a flow end by itself meanwhile.

        Args:
            patience_s: how long it may take before it is interrupted; None for no bound.
        """
        self._runs_flow, self._patience_s = True, patience_s
        try:
            yield
        finally:
            self._runs_flow = False

    def because_cancelled(self) -> None:
        """Ends the flow because somebody cancelled its run in Prefect; from any thread."""
        self._end(_CANCELLED)

    def because_unread(self) -> None:
        """Ends the flow because nobody can see it any more; from any thread."""
        self._end(_OUTPUT_GONE)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - Python's
        is_first = not self.is_asked_for
        self._end(signal.Signals(number))
        if not (self._runs_flow and is_first):
            raise KeyboardInterrupt

    def _end(self, cause: signal.Signals) -> None:
        if self.is_asked_for:
            return
        self._cause = cause
        self.stop.set()
        stop_all_runs()
        if self._patience_s is not None:
            interrupting = threading.Timer(self._patience_s, self._interrupt)
            interrupting.daemon = True
            interrupting.start()

    def _interrupt(self) -> None:
        """Interrupts the main thread where it still runs the flow."""
        main = threading.main_thread().ident
        if self._runs_flow and main is not None:
            with suppress(ProcessLookupError):
                signal.pthread_kill(main, signal.SIGINT)


_current: ContextVar[Ending | None] = ContextVar("ending", default=None)


def current_ending() -> Ending | None:
    """How the command ends that runs here; None in a process that no command started."""
    return _current.get()


@contextmanager
def stopped_by_sigterm(stop: threading.Event) -> Iterator[None]:
    """Has SIGTERM set `stop` meanwhile, where it would tear down what is to end in good order.

    Prefect sends it to the process of a run that is cancelled, and by itself raises an exception
    then wherever the main thread happens to be. A command has seen to it already, and in another
    thread there is no signal to handle.
    """
    if current_ending() or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
