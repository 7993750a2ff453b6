"""How soon each command gets to work, as a multiple of a bare `import prefect` beside it.

For `calibrate` it is the time to its first request of the service, a socket in this process;
for the others the time to their end. Each round runs `import prefect` and all commands one
after the other, so that whatever else the machine does falls on all of them alike; the table
has the medians of the rounds, once with bytecode that Python may keep and once without
(PYTHONDONTWRITEBYTECODE=1, as in many images). The Prefect server is up; the last line is the
first request where it is not, on a machine that never had one.

    python -m benchmarks.startup [--rounds 5] [--checkout FOLDER]
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

ROOT = Path(__file__).parents[1]
RECORDINGS = ROOT / "tests" / "recordings" / "ivr"
REFUSAL = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
STOP = "from config.prefect_server import stop_local_server; stop_local_server()"
BARE = "import prefect"
FIRST_REQUEST = "calibrate, first request"
TARGETS = {
    "--version": 0.3,
    "--help": 0.3,
    "wrong use": 0.3,
    "history": 0.6,
    "export": 0.6,
    "report": 0.6,
    "migrate": 0.6,
    FIRST_REQUEST: 1.7,
}


@dataclass(frozen=True)
class Taken:
    """What a command took: seconds on the clock, and of the processor."""

    wall_s: float
    processor_s: float


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--checkout", type=Path, default=ROOT, help="measure another checkout")
    options = parser.parse_args()
    place = Path(mkdtemp(prefix="fermata-startup-"))
    bench = Startup(options.checkout.resolve(), place)
    try:
        bench.prepare()
        for title, variable in (("with bytecode", ""), ("without (…DONTWRITEBYTECODE=1)", "1")):
            bench.variables["PYTHONDONTWRITEBYTECODE"] = variable
            print_table(title, [bench.round() for _ in range(options.rounds)])
        fresh = bench.first_request_of_all()
        print(
            f"\nfirst request on a fresh machine, Prefect's server included: {fresh.wall_s:.1f} s"
        )
    finally:
        bench.stop_server()
        shutil.rmtree(place, ignore_errors=True)


def print_table(title: str, rounds: Sequence[Mapping[str, Taken]]) -> None:
    """Prints the medians of the rounds as multiples of the bare import."""
    print(f"\n{title:<32}{'seconds':>9}{'ratio':>8}{'processor':>11}{'ratio':>8}{'target':>8}")
    for name in rounds[0]:
        wall_s, wall = _medians([(each[name].wall_s, each[BARE].wall_s) for each in rounds])
        busy_s, busy = _medians(
            [(each[name].processor_s, each[BARE].processor_s) for each in rounds]
        )
        target = TARGETS.get(name, "")
        print(f"{name:<32}{wall_s:>9.2f}{wall:>8.2f}{busy_s:>11.2f}{busy:>8.2f}{target:>8}")


def _medians(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return (
        statistics.median(seconds for seconds, _ in pairs),
        statistics.median(seconds / bare for seconds, bare in pairs),
    )


class Startup:
    """Runs the commands of a checkout in a place of their own."""

    def __init__(self, checkout: Path, place: Path) -> None:
        self._programs = checkout / ".venv" / "bin"
        self._checkout = checkout
        self._place = place
        self._started = 0
        ours = ("FERMATA_", "PREFECT_", "ASSEMBLYAI_", "GLADIA_")
        self.variables = {k: v for k, v in os.environ.items() if not k.startswith(ours)} | {
            "PREFECT_HOME": str(place / "prefect"),
            "FERMATA_DATA_DIR": str(place / "data"),
            "FERMATA_PREFECT_PORT": str(free_port()),
            "PYTHONDONTWRITEBYTECODE": "",
        }

    def prepare(self) -> None:
        """Brings up the Prefect server, and publishes settings for the commands that read them."""
        (self._place / "live.json").write_text('{"sample_rate": 16000}', encoding="utf-8")
        self._ended("fermata", "calibrate", RECORDINGS, "--engine", "local")

    def round(self) -> dict[str, Taken]:
        """Each command once."""
        return {
            BARE: self._ended("python", "-c", BARE),
            "--version": self._ended("fermata", "--version"),
            "--help": self._ended("fermata", "calibrate", "--help"),
            "wrong use": self._ended("fermata", "calibrate", "--engine", "nobody", code=2),
            "history": self._ended("fermata", "history"),
            "export": self._ended("fermata", "export", "--for", "livekit"),
            "report": self._ended("fermata", "report"),
            "migrate": self._ended("fermata", "migrate", self._place / "live.json"),
            FIRST_REQUEST: self._first_request(),
        }

    def first_request_of_all(self) -> Taken:
        """The first request where no Prefect server runs or ever ran."""
        self.stop_server()
        shutil.rmtree(self._place / "prefect")
        return self._first_request()

    def stop_server(self) -> None:
        """Ends the Prefect server."""
        command = [self._programs / "python", "-c", STOP]
        subprocess.run(command, cwd=self._checkout, env=self.variables, check=False)

    def _ended(self, program: str, *arguments: object, code: int = 0) -> Taken:
        begun_s = time.monotonic()
        with self._running(program, *arguments, expected=code) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        return Taken(time.monotonic() - begun_s, used.ru_utime + used.ru_stime)

    def _first_request(self) -> Taken:
        """From the start to the first request; it is refused, so the command ends with it."""
        self._started += 1
        with socket.create_server(("127.0.0.1", 0)) as service:
            service.settimeout(120)
            given = {
                "ASSEMBLYAI_API_KEY": "no-key",
                "FERMATA_ASSEMBLYAI_BASE_URL": f"http://127.0.0.1:{service.getsockname()[1]}",
                # Recordings that are new, as on the first day.
                "FERMATA_DATA_DIR": str(self._place / f"data-{self._started}"),
            }
            begun_s = time.monotonic()
            command = ("fermata", "calibrate", RECORDINGS, "--engine", "assemblyai")
            with self._running(*command, given=given, expected=2) as process:
                connection, _ = service.accept()
                taken = Taken(time.monotonic() - begun_s, processor_s(process.pid))
                with connection:
                    connection.recv(65_536)
                    connection.sendall(REFUSAL)
                process.wait()
        return taken

    @contextmanager
    def _running(
        self,
        program: str,
        *arguments: object,
        expected: int = 0,
        given: Mapping[str, str] | None = None,
    ) -> Iterator[subprocess.Popen[bytes]]:
        with (self._place / "output").open("wb+") as output:
            process = subprocess.Popen(
                [self._programs / program, *map(str, arguments)],
                env=self.variables | dict(given or {}),
                cwd=self._place,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            yield process
            if process.returncode != expected:
                output.seek(0)
                raise SystemExit(f"{program} {arguments}: {output.read().decode()}")


def processor_s(pid: int) -> float:
    """Seconds of the processor that a running process used."""
    # After the name, which may hold anything: fields 14 and 15 of proc(5) are the 12th and 13th.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
