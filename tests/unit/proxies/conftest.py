import socket

import pytest

from tests.unit.proxies.http_proxy import VARIABLES, HttpProxy, http_proxy


@pytest.fixture(autouse=True)
def no_proxy_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also gives back afterwards what the code itself has written into these variables."""
    for name in VARIABLES:
        for spelled in (name, name.upper()):
            monkeypatch.setenv(spelled, "")
            monkeypatch.delenv(spelled)


@pytest.fixture
def proxy():
    with http_proxy() as running:
        yield running


@pytest.fixture
def every_name_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has each host be this machine, so that what is not sent to a proxy arrives, too."""
    ask = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda _host, port, *more, **named: ask("127.0.0.1", port, *more, **named),
    )


@pytest.fixture
def set_for_all(monkeypatch: pytest.MonkeyPatch, proxy: HttpProxy) -> HttpProxy:
    """The proxy, set for every scheme and without any exception."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{proxy.address}")
    return proxy
