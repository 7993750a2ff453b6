"""No secret, and nothing that JSON or UTF-8 can't hold, gets into a file."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.redact import MASK, remember_secret
from fermata.sessions.cleaning import Cleaner

SECRET = "k3y-of-somebody"

json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(json_like)
def test_whatever_a_service_sends_can_be_written(value):
    text = json.dumps(Cleaner().clean(value), ensure_ascii=False, allow_nan=False)
    nothing = value is None or (isinstance(value, float) and not math.isfinite(value))
    assert (json.loads(text.encode()) is None) == nothing


@given(st.text(), st.text())
def test_a_known_secret_is_masked_wherever_it_stands(before, after):
    remember_secret(SECRET)
    cleaned = Cleaner().clean({before: [f"{before}{SECRET}{after}"], SECRET: 1})
    assert SECRET not in json.dumps(cleaned)


@pytest.mark.parametrize(
    "address",
    [
        f"wss://api.gladia.io/v2/live?token={SECRET}",
        f"wss://host/v3/ws?sample_rate=8000&token={SECRET}&x=1",
        f"https://bucket/call.wav?X-Amz-Signature={SECRET}",
        f"https://host/?api_key={SECRET} refused",
    ],
)
def test_a_secret_in_an_address_is_masked(address):
    cleaned = Cleaner().text(f"could not reach {address}")
    assert SECRET not in cleaned
    assert MASK in cleaned


def test_a_field_that_is_called_like_a_secret_is_masked():
    values = {"webhook_auth_header_value": SECRET, "inner": [{"Authorization": SECRET}]}
    assert SECRET not in json.dumps(Cleaner().clean(values))


def test_parameters_that_only_sound_like_secrets_are_kept():
    values = {"max_tokens": 1000, "keyterms_prompt": ["token"], "mode": "balanced"}
    assert Cleaner().clean(values) == values


def test_half_a_character_and_a_number_that_is_none_are_replaced():
    assert Cleaner().clean(["\ud83d", float("nan"), float("inf")]) == ["\ufffd", None, None]
