"""What libraries read of proxies by their own rules is settled once, in the variables."""

import os
import urllib.request

import httpx
import pytest
from botocore.utils import get_environ_proxies
from httpx._utils import URLPattern, get_environment_proxies
from websockets.proxy import get_proxy
from websockets.uri import parse_uri

from config.prefect_client import Connection
from config.proxies import check_proxies, settle_proxies
from config.settings import settings
from fermata.errors import UsageError
from tests.unit.proxies.http_proxy import VARIABLES, HttpProxy


def is_proxied_by_httpx(url: str) -> bool:
    """By the client that Prefect asks its server with."""
    proxies = {URLPattern(name): proxy for name, proxy in get_environment_proxies().items()}
    # As its client does: the most specific pattern that matches decides.
    return next(
        (bool(proxies[each]) for each in sorted(proxies) if each.matches(httpx.URL(url))), False
    )


def is_proxied_by_websockets(url: str) -> bool:
    """By the one that Prefect sends its events with."""
    return get_proxy(parse_uri(url.replace("http", "ws", 1))) is not None


def is_proxied_by_botocore(url: str) -> bool:
    """By the one that `s3://` is read with."""
    return bool(get_environ_proxies(url))


READERS = [is_proxied_by_httpx, is_proxied_by_websockets, is_proxied_by_botocore]
LOOPBACK = ["http://127.0.0.1:4200/api", "http://localhost:4200/api", "https://127.0.0.1:9000"]


@pytest.mark.parametrize("is_proxied", READERS)
@pytest.mark.parametrize("excepted", ["", "example.com", "*", "example.com,*", "localhost"])
def test_loopback_is_excepted_for_every_library(
    excepted: str, is_proxied, set_for_all: HttpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_proxied(LOOPBACK[0])
    monkeypatch.setenv("no_proxy", excepted)
    settle_proxies()
    assert not any(map(is_proxied, LOOPBACK))
    assert is_proxied("https://api.example.org") == ("*" not in excepted)


@pytest.mark.parametrize("is_proxied", READERS)
@pytest.mark.parametrize(
    ("excepted", "url"),
    [
        ("10.0.0.0/8", "http://10.1.2.3:4200/api"),
        (".example.com", "http://example.com:4200/api"),
        ("prefect.example.com:4200", "http://prefect.example.com:4200/api"),
    ],
)
def test_a_prefect_server_that_is_excepted_in_a_form_that_few_know_is_named(
    excepted: str, url: str, is_proxied, set_for_all: HttpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", excepted)
    settle_proxies(url, "https://api.example.org")
    assert not is_proxied(url)
    assert is_proxied("https://api.example.org")


def test_a_proxy_without_a_scheme_is_one_of_http_for_every_library(
    proxy: HttpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy.address)
    settle_proxies()
    whole = f"http://{proxy.address}"
    assert urllib.request.getproxies()["https"] == whole
    assert get_environment_proxies()["https://"] == whole
    assert get_proxy(parse_uri("wss://example.org")) == whole


def test_without_a_proxy_nothing_is_set() -> None:
    settle_proxies("http://127.0.0.1:4200/api")
    assert not {name for name in os.environ if name.lower() in VARIABLES}


def test_whoever_reads_the_settings_has_them_settled(set_for_all: HttpProxy) -> None:
    settings.cache_clear()
    settings()
    assert "127.0.0.1" in os.environ["no_proxy"].split(",")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ALL_PROXY", "socks5://me:secret@host:1080", "ALL_PROXY is set to a socks5:// address"),
        ("all_proxy", "socks5h://host", "ALL_PROXY is set to a socks5h:// address"),
        ("HTTPS_PROXY", "http://:3128", "HTTPS_PROXY holds no address of a proxy"),
        ("http_proxy", "http://host:high", "HTTP_PROXY holds no address of a proxy"),
    ],
)
def test_what_prefects_clients_would_fail_at_is_told_before_one_is_made(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    for check in (check_proxies, lambda: Connection(0)):
        with pytest.raises(UsageError) as refused:
            check()
        assert said in str(refused.value)
        assert "secret" not in str(refused.value)


def test_prefects_clients_reach_the_local_server_past_a_proxy(
    prefect_server: str, set_for_all: HttpProxy
) -> None:
    import asyncio

    from prefect.client.orchestration import get_client
    from prefect.events import Event
    from prefect.events.clients import PrefectEventsClient

    settings.cache_clear()
    settings()

    async def say() -> None:
        async with PrefectEventsClient() as events:
            await events.emit(
                Event(event="fermata.tried", resource={"prefect.resource.id": "fermata.test"})
            )

    with get_client(sync_client=True) as client:
        assert client.hello().status_code == 200
    asyncio.run(say())
    assert not set_for_all.heads
