"""A secret that is known is nowhere, however it is written, and an address tells none."""

import base64
import html
import json
import logging
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.environment_secrets import remember_secrets_in
from fermata.assemblyai.address import checked_key
from fermata.errors import FermataError
from fermata.ledger.database import _checked
from fermata.recordings.addresses import filesystem_of
from fermata.redact import (
    MASK,
    RedactingFilter,
    masked,
    masked_answer,
    redacted,
    remember_address,
    remember_secret,
    without_credentials,
)
from fermata.storage import Storage

SECRET = "k3y/of+some&body:9<8"


@pytest.mark.parametrize(
    "write",
    [
        str,
        quote,
        lambda secret: quote(secret, safe=""),
        lambda secret: re.sub("%..", lambda found: found[0].lower(), quote(secret, safe="")),
        quote_plus,
        html.escape,
        json.dumps,
        lambda secret: json.dumps(secret).replace("/", "\\/"),
        lambda secret: base64.b64encode(secret.encode()).decode(),
        lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    ],
    ids=["bare", "path", "percent", "lower", "form", "html", "json", "php", "base64", "url64"],
)
def test_a_secret_is_masked_in_whatever_form_it_is_written(write) -> None:
    remember_secret(SECRET)
    written = write(SECRET).strip('"=')
    for shown in (masked(f"not {written}!"), masked_answer(f"not {written}!".encode()).decode()):
        assert written not in shown
        assert MASK in shown


def test_a_secret_that_was_given_in_percent_signs_is_masked_without_them_too() -> None:
    remember_secret("opens%40nothing%2F77")
    assert masked("opens@nothing/77") == MASK


def test_what_is_too_short_to_be_a_secret_is_left_alone() -> None:
    for each in ("short", "20261128"):
        remember_secret(each)
    assert masked("in short, 120261128.5") == "in short, 120261128.5"


def test_a_key_that_is_a_word_is_masked_in_what_is_told_but_not_in_what_was_said() -> None:
    remember_secret("opensesamedoor")
    assert masked("bad key opensesamedoor") == f"bad key {MASK}"
    assert masked_answer(b'{"text": "opensesamedoor"}') == b'{"text": "opensesamedoor"}'


def test_a_variable_that_holds_a_word_blots_out_no_speech() -> None:
    remember_secrets_in({"OF_SOMEBODY_SECRET": "customer", "X_TOKEN": "123456"})
    assert masked("the customer has 123456") == "the customer has 123456"


@pytest.mark.parametrize(
    ("open_it", "secret"),
    [
        (lambda: Storage("memory://me:memory-p@ss-1@host/a"), "memory-p@ss-1"),
        (lambda: filesystem_of("memory://me:memory-p@ss-2@host/a"), "memory-p@ss-2"),
        (
            lambda: remember_address("wss://host/live?token=token-of-a-session"),
            "token-of-a-session",
        ),
        (lambda: _checked("postgresql://me:ledger-p%40ss-3@host/a"), "ledger-p@ss-3"),
    ],
)
def test_a_secret_is_known_where_it_enters(open_it, secret: str) -> None:
    open_it()
    assert masked(f"refused {secret}") == f"refused {MASK}"


ENVIRONMENT = {
    "ASSEMBLYAI_API_KEY": "key-1-of-a-service",
    "GLADIA_API_KEY": "key-2-of-a-service",
    "PREFECT_API_KEY": "key-3-of-a-server",
    "PREFECT_API_AUTH_STRING": "admin:auth-4-string",
    "PREFECT_SERVER_API_AUTH_STRING": "admin:auth-5-string",
    "PREFECT_CLIENT_CUSTOM_HEADERS": '{"Authorization": "Bearer header-6-token"}',
    "PREFECT_API_DATABASE_CONNECTION_URL": "postgresql+asyncpg://me:data-7-base@host/prefect",
    "PREFECT_SERVER_DATABASE_PASSWORD": "data-8-base",
    "AWS_SECRET_ACCESS_KEY": "secret/9+of/storage",
    "AWS_SESSION_TOKEN": "token-10-of-storage",
    "FERMATA_LEDGER_URL": "postgresql://me:p%40ss-11-word@host/ledger",
    "FERMATA_DATA_DIR": "sftp://me:p@ss-12-word@host/calls",
    "FERMATA_RECORDINGS": "s3://bucket/calls,ftp://me:pass-13-word@host/calls",
    "HTTPS_PROXY": "http://me:pass-14-word@proxy:3128",
    "OPENAI_API_KEY": "key-15-of-another",
}
SECRETS = (
    "key-1-of-a-service", "key-2-of-a-service", "key-3-of-a-server", "auth-4-string",
    "auth-5-string", "header-6-token", "data-7-base", "data-8-base", "secret/9+of/storage",
    "token-10-of-storage", "p@ss-11-word", "p%40ss-11-word", "p@ss-12-word", "pass-13-word",
    "pass-14-word", "key-15-of-another",
)  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_every_secret_of_the_environment_is_masked(secret: str) -> None:
    remember_secrets_in(ENVIRONMENT)
    assert masked(f"<{secret}>") == f"<{MASK}>"


@pytest.mark.parametrize("user_and_password", ["admin:auth-4-string", "me:p@ss-11-word", "me:word"])
def test_a_password_is_masked_as_the_header_that_it_is_sent_in(user_and_password: str) -> None:
    remember_secrets_in(ENVIRONMENT)
    remember_address("https://me:word@host/")
    header = base64.b64encode(user_and_password.encode()).decode()
    assert header.rstrip("=") not in masked(f"Authorization: Basic {header}")


def test_a_password_that_is_a_plain_word_blots_out_no_speech() -> None:
    remember_address("postgresql://fermata:password@host/ledger")
    assert masked("forgot your password?") == "forgot your password?"
    assert "password" not in redacted("no answer from postgresql://fermata:password@host/ledger")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://me:PW@host:5432/ledger?password=PW", "postgresql://host:5432/ledger"),
        ("sftp://me:PW@host/calls", "sftp://host/calls"),
        ("sftp://me:P@W@host/calls", "sftp://host/calls"),
        ("sftp://me:P/W@host/calls", "sftp://host/calls"),
        ("sftp://me:P?W@host/calls", "sftp://host/calls"),
        ("sftp://me:P#W@host/calls", "sftp://host/calls"),
        ("sftp://me:P%40W@host/calls", "sftp://host/calls"),
        ("https://host/a.wav?X-Amz-Signature=PW&X-Amz-Expires=9", "https://host/a.wav"),
        ("https://host/a.wav?sv=1&sig=PW", "https://host/a.wav"),
        ("https://host/a.wav?token=PW#PW", "https://host/a.wav"),
        ("https://host:8080/a@b/c.wav", "https://host:8080/a@b/c.wav"),
        ("http://[::1]:4200/api", "http://[::1]:4200/api"),
        ("http://me:PW@[::1]:4200/api", "http://[::1]:4200/api"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(address: str, shown: str) -> None:
    assert without_credentials(address, "?#") == shown
    assert redacted(f"no answer ({address}): try later") == f"no answer ({shown}): try later"
    assert str(FermataError(f"can't list {address}, twice")) == f"can't list {shown}, twice"


@given(st.text(), st.text())
def test_a_text_without_secrets_or_addresses_stays_as_it_is(before: str, after: str) -> None:
    text = f"{before}ordinary{after}".replace("://", "")
    assert redacted(text) == text


def test_a_key_is_known_from_the_moment_it_is_looked_at() -> None:
    key = checked_key(" key-that-nobody-has-seen ")
    assert str(FermataError(f"bad key {key}")) == f"bad key {MASK}"


def test_a_log_line_tells_no_signature() -> None:
    record = logging.LogRecord("a", logging.INFO, "", 1, "%s", ("https://h/a?sig=PW",), None)
    RedactingFilter().filter(record)
    assert record.getMessage() == "https://h/a"
