"""What the tests' own streaming service says is held against the vendor's schema."""

import asyncio

import jsonschema
import pytest

from tests.specifications import specification
from tests.unit.live.scripted_server import SPEC, Session


def test_it_cannot_say_what_the_service_would_not():
    assert specification(SPEC)
    session = Session(1, None, {}, {}, 16_000, lambda: False)
    with pytest.raises(jsonschema.ValidationError):
        asyncio.run(session.send({"type": "Turn", "words": "none"}))
