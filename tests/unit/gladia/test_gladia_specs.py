"""What the tests' own Gladia says is held against Gladia's document."""

import jsonschema
import pytest
from gladia_peer import PeerConnection
from gladia_specs import document


class Unsent:
    def send(self, _text):
        raise AssertionError("it was sent")


def test_the_peer_cannot_say_what_gladia_would_not():
    assert document()
    with pytest.raises(jsonschema.ValidationError):
        PeerConnection(Unsent(), "session").send("transcript", data="no words")
