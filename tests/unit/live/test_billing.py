"""What a session costs that was taken up again after a drop."""

from dataclasses import replace

from fermata.live.billing import resumed
from fermata.live.report import ProviderSession

FIRST = ProviderSession(
    session_id="one",
    sent_s=5.0,
    audio_s=None,
    billed_s=6.0,
    billed_is_estimated=True,
    error="the connection was lost",
)


def test_a_resumed_session_is_billed_once_by_its_own_word():
    second = replace(
        FIRST, sent_s=12.0, audio_s=12.0, billed_s=12.0, billed_is_estimated=False, error=None
    )

    assert resumed(FIRST, second) == replace(second, connections=2)


def test_the_open_times_add_up_where_the_service_says_nothing():
    second = replace(FIRST, sent_s=12.0, billed_s=7.0)

    assert resumed(FIRST, second).billed_s == 13.0
