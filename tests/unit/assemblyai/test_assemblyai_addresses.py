"""Where a key may be sent, and which keys can be."""

import pytest

from fermata.errors import UsageError
from tests.unit.assemblyai.peers import client_of


@pytest.mark.parametrize(
    "url",
    [
        "https://api.assemblyai.com",
        "http://127.0.0.1:8000",
        "http://127.8.9.1",
        "http://localhost:1",
        "http://[::1]:8000/base/",
    ],
)
def test_a_key_goes_over_https_or_to_this_machine(url: str):
    with client_of(url) as client:
        assert client.base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.assemblyai.com",
        "http://10.0.0.5:8000",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:8000",
    ],
)
def test_a_key_is_never_sent_in_the_clear_to_another_machine(url: str):
    with pytest.raises(UsageError, match="unencrypted"):
        client_of(url)


def test_a_host_can_be_allowed_by_name():
    client_of("http://Speech.example.com", allow_insecure_hosts={"speech.EXAMPLE.com"}).close()
    with pytest.raises(UsageError, match="unencrypted"):
        client_of("http://other.example.com", allow_insecure_hosts={"speech.example.com"})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.assemblyai.com",
        "ftp://api.assemblyai.com",
        "https://",
        "https://me:hunter2@api.assemblyai.com",
        "https://api.assemblyai.com?key=hunter2",
        "https://[::1",
        "https://host:port",
    ],
)
def test_what_is_no_address_is_wrong_use_and_not_repeated(url: str):
    with pytest.raises(UsageError) as caught:
        client_of(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "  ", "two words", "line\nbreak", "schlüssel"])
def test_a_key_that_can_not_be_sent_is_wrong_use_and_not_repeated(key: str):
    with pytest.raises(UsageError, match="ASSEMBLYAI_API_KEY") as caught:
        client_of("https://api.assemblyai.com", api_key=key)
    assert not key.strip() or key not in str(caught.value)
