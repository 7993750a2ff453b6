"""Shows captions on terminals that are handed to it through a socket: FD.

Importing takes seconds, so this process does it once and forks for each terminal. With each
terminal comes a pipe of steps, one per line: `[what, arguments]`, see `happen`.
"""

import fcntl
import json
import os
import socket
import sys
import termios
import traceback

from rich.console import Console

from fermata.cli.captions import Captions, captions_for
from fermata.live.events import Ended, Hole, HoleReason, Interrupted, LiveEvent, LlmAnswer, Notice
from fermata.live.turns import TurnState
from tests.unit.sessions.happenings import began, report, turn

_MESSAGE_BYTES = 4096


def happen(captions: Captions, what: str, given: dict) -> None:
    channel = given.pop("channel", 0)
    match what:
        case "turn":
            state = TurnState(given.pop("state", "final"))
            captions.on_turn(turn(channel=channel, state=state, **given))
        case "levels":
            captions.on_levels(tuple(given["levels"]))
        case "print":
            print(given["text"])  # noqa: T201 - what others print must not tear the captions
        case "end":
            captions.on_end(report())
        case "fail":
            raise RuntimeError(given["text"])
        case _:
            captions.on_event(channel, event(what, given))


def event(what: str, given: dict) -> LiveEvent:
    makers = {
        "answer": lambda: LlmAnswer(given["order"], given["text"], {}),
        "notice": lambda: Notice("odd", given["text"]),
        "hole": lambda: Hole(1_000, 2_000, HoleReason.DROPPED),
        "began": lambda: began(given["session_id"]),
        "ended": lambda: Ended(given["billed_s"], given["billed_s"]),
        "interrupted": lambda: Interrupted("the connection was lost", 0.5),
    }
    return makers[what]()


def show(wanted: dict, terminal: int, steps: int) -> None:
    os.environ["TERM"] = wanted["term"]
    if wanted["term"] == "xterm":
        os.environ["XTERM_VERSION"] = "XTerm(390)"
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for standard in (0, 1, 2):
        os.dup2(terminal, standard)
    os.close(terminal)
    with (
        os.fdopen(steps, encoding="utf-8") as lines,
        captions_for(Console(highlight=False), wanted["channels"]) as captions,
    ):
        for line in lines:
            what, given = json.loads(line)
            happen(captions, what, given)


def exit_code_of_showing(wanted: dict, terminal: int, steps: int) -> int:
    try:
        show(wanted, terminal, steps)
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
    return 0


def main() -> None:
    requests = socket.socket(fileno=int(sys.argv[1]))
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, _MESSAGE_BYTES, 2)
        if not message:
            return
        child = os.fork()
        if not child:
            os._exit(exit_code_of_showing(json.loads(message), *descriptors))
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(child, 0)
        requests.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    main()
