"""Addresses that a flow needs whole, and that Prefect, which keeps parameters, must not see so.

A command runs its flow in its own process. So a signed address, or one with a password, is handed
to the flow without what opens it, and made whole again where its recordings are listed.
"""

from collections.abc import Iterable

from fermata.recordings import without_secrets

_whole: dict[str, str] = {}


def as_parameters(sources: Iterable[str]) -> list[str]:
    """The sources as they may be a flow's parameters; in this process `whole` knows them again."""
    return [_withheld(each) for each in sources]


def whole(sources: Iterable[str]) -> list[str]:
    """The sources as they were given."""
    return [_whole.get(each, each) for each in sources]


def _withheld(source: str) -> str:
    shown = name = without_secrets(source)
    if shown == source:
        return source
    number = 1
    # Two addresses may differ in their queries alone.
    while _whole.setdefault(name, source) != source:
        number += 1
        name = f"{shown}#{number}"
    return name
