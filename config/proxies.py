"""Has every library in this process, and in all that it starts, understand proxies alike.

Ours ask `fermata.proxies`; Prefect's clients and those of storage read the variables themselves,
each by its own rules. What they differ in is settled in the variables, once.
"""

import os
from urllib.parse import urlsplit

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_EXCEPTIONS = "no_proxy"
_EVERYTHING = "*"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def settle_proxies(*past_them: str) -> None:
    """Names loopback in `NO_PROXY`, and gives proxies without a scheme the one that is meant.

    Does nothing where no proxy is set: on macOS the system's own then hold.

    Args:
        past_them: addresses that `NO_PROXY` excepts in a form that not every library knows,
            such as a network; their hosts are named, too.
    """
    proxies = {name: value for name in _PROXIES if (value := _read(name))}
    if not proxies:
        return
    for name, value in proxies.items():
        _write(name, value if "://" in value else f"http://{value}")
    # A command that reads one file does without.
    from requests.utils import should_bypass_proxies  # noqa: PLC0415

    excepted = [name for each in (_read(_EXCEPTIONS) or "").split(",") if (name := each.strip())]
    if _EVERYTHING in excepted:
        # Some know it by itself alone.
        _write(_EXCEPTIONS, _EVERYTHING)
        return
    hosts = [urlsplit(url).hostname or "" for url in past_them if should_bypass_proxies(url, None)]
    _write(_EXCEPTIONS, ",".join(dict.fromkeys((*excepted, *_LOOPBACK, *filter(None, hosts)))))


def check_proxies() -> None:
    """Makes sure that all proxies can be used: Prefect's clients fail at one that they can't.

    Raises:
        UsageError: a variable holds something else than an HTTP proxy.
    """
    from fermata.proxies import checked_proxy  # noqa: PLC0415 - as above

    for name in _PROXIES:
        if value := _read(name):
            checked_proxy(value, name.upper())


def _read(name: str) -> str | None:
    return os.environ.get(name) or os.environ.get(name.upper())


def _write(name: str, value: str) -> None:
    # Who reads which of the two first is another thing that they differ in.
    os.environ[name] = os.environ[name.upper()] = value
