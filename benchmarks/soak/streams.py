"""Live sessions side by side, each with a fault at a random moment.

Every word of the recordings is known, so each lost one shows: it must lie inside a stretch that
the report marks. At the end, no session may be open at the server.
"""

import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.soak.forks import HungError, in_fork
from benchmarks.soak.proxy import Break, Breakage, Relay
from benchmarks.soak.report import Report
from benchmarks.soak.service import Service
from benchmarks.soak.speech import RATE_HZ, Heard, Spoken, Talk, compare, make_talk
from benchmarks.soak.vendors import Vendor
from fermata.live.run import stream
from fermata.live.timing import Timing
from fermata.localserver import Fault
from fermata.localserver.streaming.config import StreamingConfig

SPEED = 3.0
LENGTH_S = 9.0
SIDE_BY_SIDE = 20
_ALLOWED_S = 120.0
_ALL_CLOSED_S = 20.0
_CLOCK_SPEED = 10.0
"""Of the server: a heartbeat comes twice a second, so silence shows soon."""

_SILENT_S = 3.0
_STOPPED = 0.15
_KEPT_S = (0.5, 3.0, 20.0)


@dataclass(frozen=True, slots=True)
class Planned:
    """A session, and what will go wrong with one like it.

    The server lets the faults of a round strike its first sessions in the order they begin, so
    which session of a round has which is not known. Some sessions are told to stop besides.
    """

    talk: Talk
    keep_s: float
    stops_after_s: float | None


@dataclass(slots=True)
class Found:
    """What the sessions brought out."""

    sessions: int = 0
    connections: int = 0
    said: int = 0
    heard: int = 0
    lost_marked: int = 0
    marked_ms: float = 0.0
    ended: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)


def soak_streams(vendor: Vendor, count: int, seed: int) -> Report:
    """Holds so many sessions at a service, in rounds."""
    report = Report(
        f"streams at {vendor.name}: {LENGTH_S:g} s of speech at {SPEED:g} times real time, "
        f"seed {seed}"
    )
    found, chance = Found(), random.Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="fermata-soak-streams-"))
    try:
        # At least one round of each kind.
        size = min(SIDE_BY_SIDE, -(-count // 2))
        talks = [make_talk(folder, n, LENGTH_S, chance) for n in range(size)]
        with Service(folder, streaming=StreamingConfig(clock_speed=_CLOCK_SPEED)) as service:
            for number, first in enumerate(range(0, count, size)):
                _one_round(vendor, service, talks[: count - first], number, chance, found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.say(f"{found.sessions} sessions, {found.connections} connections")
    report.say(f"{found.said:,} words said, {found.heard:,} heard, {found.lost_marked:,} lost in ")
    report.lines[-1] += f"{found.marked_ms / 1_000:.0f} s of marked stretches"
    report.none_of("words lost outside of a marked stretch", found.lost)
    report.none_of("words heard twice", found.doubled)
    report.none_of("words invented", found.invented)
    report.none_of("words misplaced", found.misplaced)
    report.none_of("sessions open at the end", found.open)
    report.none_of("foreign exceptions", found.foreign)
    report.none_of("rounds hung", found.hung)
    ended = ", ".join(f"{why} {n}" for why, n in found.ended.most_common())
    report.say(f"ended early: {ended or 'none'}")
    return report.close()


def _one_round(  # noqa: PLR0917 - what a round is made of
    vendor: Vendor,
    service: Service,
    talks: Sequence[Talk],
    number: int,
    chance: random.Random,
    found: Found,
) -> None:
    """Sessions side by side: in every other round it is the network that fails, else the server."""
    planned = [_planned(talk, chance) for talk in talks]
    faults = [vendor.fault(LENGTH_S, chance) for _ in planned] if number % 2 else []
    breakages = [_breakage(chance) for _ in planned] if not number % 2 else []
    what = sorted({*map(_name, faults), *map(_name, breakages)})
    service.plan(faults)
    url = urlsplit(service.url)
    try:
        result = in_fork(_held, vendor, url.port, planned, breakages, timeout_s=_ALLOWED_S)
    except HungError as error:
        found.hung.append(f"round {number}: {error}; with {', '.join(what)}")
        return
    for name, each in result:
        _take(found, f"round {number}: {name}", each)
    _count_open(vendor, service, number, found)


def _planned(talk: Talk, chance: random.Random) -> Planned:
    stops = chance.random() < _STOPPED
    return Planned(
        talk=talk,
        keep_s=chance.choice(_KEPT_S),
        stops_after_s=chance.uniform(0, LENGTH_S / SPEED) if stops else None,
    )


def _breakage(chance: random.Random) -> Breakage:
    most = int(LENGTH_S * RATE_HZ * 2)
    return Breakage(chance.choice(list(Break)), chance.randint(0, most))


def _name(fault: Fault | Breakage) -> str:
    if isinstance(fault, Breakage):
        return fault.kind.value
    return f"{fault.place}: {fault.effect}"


Outcome = tuple[Heard, float, int, str | None] | str
"""Of a session: its words, what it marked, its connections, and its error; or another exception."""


def _held(
    vendor: Vendor, port: int, planned: Sequence[Planned], breakages: Sequence[Breakage]
) -> list[tuple[str, Outcome]]:
    """Holds the sessions of a round, each in a thread."""
    if breakages:
        relay = Relay(port)
        relay.plan(breakages)
        port = relay.port
    outcomes: dict[str, Outcome] = {}

    def hold(each: Planned) -> None:
        try:
            outcomes[each.talk.path.stem] = _hold(vendor, port, each)
        except Exception as error:  # noqa: BLE001 - the figure asked for
            outcomes[each.talk.path.stem] = f"{type(error).__name__}: {error}"

    holders = [threading.Thread(target=hold, args=(each,)) for each in planned]
    for holder in holders:
        holder.start()
    for holder in holders:
        holder.join()
    return sorted(outcomes.items())


def _hold(vendor: Vendor, port: int, planned: Planned) -> Outcome:
    provider = vendor.provider(port)
    timing = Timing(
        poll_s=0.05,
        keep_s=planned.keep_s,
        catch_up_speed=1.25 * SPEED,
        drain_s=6.0,
        silent_s=_SILENT_S,
        end_s=20.0,
        first_retry_s=0.05,
        longest_retry_s=0.3,
        crowded_retry_s=0.3,
    )
    stop = threading.Event()
    if planned.stops_after_s is not None:
        threading.Timer(planned.stops_after_s, stop.set).start()
    source = Spoken(planned.talk, SPEED)
    report = stream(source, lambda _: provider, stop=stop, timing=timing)
    if not report.channels:
        # Told to stop before it had begun.
        return Heard(), 0.0, 0, report.error
    (channel,) = report.channels
    marked_ms = sum(hole.end_ms - hole.start_ms for hole in channel.holes)
    connections = sum(each.connections for each in channel.sessions)
    heard = compare(planned.talk, channel, report.captured_s * 1_000)
    return heard, marked_ms, connections, report.error


def _take(found: Found, name: str, outcome: Outcome) -> None:
    found.sessions += 1
    if isinstance(outcome, str):
        found.foreign.append(f"{name}: {outcome}")
        return
    heard, marked_ms, connections, error = outcome
    found.connections += connections
    found.said += heard.said
    found.heard += heard.said - len(heard.lost_marked) - len(heard.lost)
    found.marked_ms += marked_ms
    found.lost_marked += len(heard.lost_marked)
    if error:
        found.ended[error.partition(":")[0][:60]] += 1
    for kind in ("lost", "doubled", "invented", "misplaced"):
        getattr(found, kind).extend(f"{name}: {word}" for word in getattr(heard, kind))


def _count_open(vendor: Vendor, service: Service, number: int, found: Found) -> None:
    """Sessions that nobody has ended, once the server has had time to see the end of each."""
    deadline_s = time.monotonic() + _ALL_CLOSED_S
    while (left := vendor.left_open(service.books)) and time.monotonic() < deadline_s:
        time.sleep(0.2)
    found.open += [f"round {number}: {each}" for each in left]
