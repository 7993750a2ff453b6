"""Is everything there that a run needs, and if not, what to do."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text

from config.certificates import check_certificates
from config.choices import Engine
from config.clock import MOST_SKEW_S, clock_skew_s
from config.prefect_health import api_url, prefect_health
from config.proxies import check_proxies
from config.secrets import has_assemblyai_key, has_gladia_key
from config.services import ServiceAddress, check_service
from config.settings import Settings, settings
from config.wiring import ledger, presets, storage
from fermata.cli.consoles import Terminal
from fermata.errors import FermataError, UsageError
from fermata.live.sources.microphone import input_devices
from fermata.private_files import is_open_to_others
from fermata.proxies import proxy_for

_EXIT_DONE = 0
_EXIT_FAILED = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        subject: what was looked at.
        text: what was found, and what to do if it is not right.
        is_problem: whether a run that needs it will fail.
    """

    subject: str
    text: str
    is_problem: bool = False


def doctor() -> int:
    """Checks one after the other and prints what it finds; returns the exit code."""
    console = Terminal(sys.stdout)
    problems = 0
    for subject, check in _CHECKS.items():
        for finding in _findings(subject, check):
            problems += finding.is_problem
            mark, style = ("✗", "red") if finding.is_problem else ("✓", "green")
            line = Text.assemble((mark, style), f" {finding.subject:<13} {finding.text}")
            console.print(line, soft_wrap=True)
    return _EXIT_FAILED if problems else _EXIT_DONE


def _findings(subject: str, check: Callable[[], Iterator[str]]) -> Iterator[Finding]:
    try:
        for text in check():
            yield Finding(subject, text)
    except FermataError as error:
        yield Finding(subject, str(error), is_problem=True)


def _check_settings() -> Iterator[str]:
    settings()
    presets()
    yield f"read; presets from {settings().presets_file}"


def _check_env_files() -> Iterator[str]:
    files: Any = Settings.model_config["env_file"]
    present = [path for path in map(Path, files or ()) if path.is_file()]
    for path in present:
        if is_open_to_others(path):
            raise UsageError(
                f"others on this machine can read {path.resolve()}, where keys stand: "
                f"chmod 600 {path}"
            )
    yield "for their owner alone" if present else "none"


def _check_network() -> Iterator[str]:
    check_proxies()
    check_certificates()
    proxy = proxy_for(settings().assemblyai_base_url)
    yield f"through the proxy {proxy.host}:{proxy.port}" if proxy else "no proxy"


def _check_data() -> Iterator[str]:
    folder = storage()
    folder.write_atomically(".doctor", b"")
    folder.remove(".doctor")
    yield f"{folder.uri('')} can be written"
    if folder.is_local and is_open_to_others(Path(folder.path(""))):
        yield f"others on this machine can enter it: chmod -R go= {folder.path('')}"


def _check_ledger() -> Iterator[str]:
    yield f"{len(ledger().completed()):,} recordings transcribed so far"


def _check_assemblyai() -> Iterator[str]:
    if not has_assemblyai_key():
        yield "no ASSEMBLYAI_API_KEY: recordings go to the local engine"
        return
    address = settings().assemblyai_base_url
    check_service(ServiceAddress(Engine.ASSEMBLYAI, address))
    yield f"{address} takes the key"


def _check_gladia() -> Iterator[str]:
    has_key = has_gladia_key()
    yield (
        "GLADIA_API_KEY is set (not tried: it would open a session)"
        if has_key
        else ("no GLADIA_API_KEY: needed only for --provider gladia")
    )


def _check_microphone() -> Iterator[str]:
    devices = input_devices()
    if not devices:
        yield "PortAudio works and finds no microphone; recordings can be streamed all the same"
    for device in devices:
        default = ", the default" if device.is_default else ""
        rate_khz = device.default_rate_hz / 1000
        yield f"{device.index}: {device.name} ({device.channels} ch, {rate_khz:g} kHz{default})"


def _check_clock() -> Iterator[str]:
    """Against the service that is in use, or the Prefect server where no key is set."""
    url = settings().assemblyai_base_url if has_assemblyai_key() else api_url()
    skew_s = None if url is None else clock_skew_s(url)
    if skew_s is None:
        yield "no server to compare it with"
        return
    if abs(skew_s) > MOST_SKEW_S:
        ahead = "ahead of" if skew_s > 0 else "behind"
        raise UsageError(
            f"this machine's clock is {abs(skew_s):,.0f} s {ahead} that of {url}: "
            "set it by the network (NTP); schedules and session tokens depend on it"
        )
    yield f"within {max(1.0, abs(skew_s)):.0f} s of that of {url}"


_CHECKS = {
    "settings": _check_settings,
    ".env": _check_env_files,
    "network": _check_network,
    "data folder": _check_data,
    "ledger": _check_ledger,
    "AssemblyAI": _check_assemblyai,
    "Gladia": _check_gladia,
    "microphone": _check_microphone,
    "Prefect": prefect_health,
    "clock": _check_clock,
}
