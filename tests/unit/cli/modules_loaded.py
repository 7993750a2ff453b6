"""Runs commands in a fresh process and tells which modules it has loaded by then.

    python -m tests.unit.cli.modules_loaded '[["history"], ["report"]]' [PORT]

prints a JSON list: the modules after each command. With a port, the modules as they are when
the process first connects to it take the place of those at the command's end.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from fermata.cli.main import run


def modules_loaded(
    *commands: Sequence[str],
    variables: Mapping[str, str] | None = None,
    port: int | None = None,
) -> list[set[str]]:
    """The modules that one fresh process has loaded after each of the commands."""
    arguments = [json.dumps(commands), *([str(port)] if port else [])]
    ended = subprocess.run(
        [sys.executable, "-m", __name__, *arguments],
        env=os.environ | dict(variables or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return [set(modules) for modules in json.loads(ended.stdout)]


def _print_modules(commands: Sequence[Sequence[str]], port: int | None) -> None:
    seen: list[list[str]] = []

    def on_audit(event: str, arguments: tuple[object, ...]) -> None:
        address = arguments[1] if event == "socket.connect" else None
        if isinstance(address, tuple) and address[1] == port and not seen:
            seen.append(sorted(sys.modules))

    if port:
        sys.addaudithook(on_audit)
    with contextlib.redirect_stdout(io.StringIO()):
        for command in commands:
            with contextlib.suppress(SystemExit):
                run(command)
            if not port:
                seen.append(sorted(sys.modules))
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    _print_modules(json.loads(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
