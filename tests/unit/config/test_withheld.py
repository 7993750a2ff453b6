"""A flow gets addresses whole that Prefect sees without what opens them."""

from config.withheld import as_parameters, whole

SOURCES = [
    "calls",
    "https://host/a.wav?X-Amz-Signature=PW",
    "https://host/get?id=1&sig=PW",
    "https://host/get?id=2&sig=PW",
    "sftp://me:PW@host/calls",
    "s3://bucket/calls",
]


def test_addresses_are_withheld_and_made_whole_again() -> None:
    shown = as_parameters(SOURCES)
    assert "PW" not in "".join(shown)
    assert len({*shown}) == len(SOURCES)
    assert whole(shown) == SOURCES


def test_the_same_address_has_the_same_name_again() -> None:
    assert as_parameters(SOURCES) == as_parameters(SOURCES)


def test_what_opens_nothing_stays_as_it_is() -> None:
    assert as_parameters(["calls", "https://host/a.wav"]) == ["calls", "https://host/a.wav"]
    assert whole(["https://host/never-seen"]) == ["https://host/never-seen"]
