"""A run sends no more audio than it may, unless somebody accepted more for it."""

import pickle

import pytest

from fermata.assemblyai.options import MultichannelMode, options_for
from fermata.recordings import Recording
from fermata.runs.volume import TooMuchAudioError, check_volume
from fermata.runs.worklist import Worklist, work_item

HOUR_S = 3600.0
OPTIONS = options_for(
    1,
    MultichannelMode.AUTO,
    engine="assemblyai",
    speech_models=("universal-2",),
    language_detection=False,
)


def worklist(*durations_s: float | None) -> Worklist:
    """New recordings of these lengths."""
    new = tuple(
        work_item(
            Recording(f"{at}", f"/{at}.wav", f"{at}.wav", "default", "", None, duration_s, 1),
            OPTIONS,
        )
        for at, duration_s in enumerate(durations_s)
    )
    return Worklist(items=new, duplicates=(), rejections=(), new=new, open_jobs=())


@pytest.mark.parametrize(
    ("durations_s", "most_hours", "accepted_hours"),
    [
        ((HOUR_S * 1000,), None, None),
        ((HOUR_S, HOUR_S), 2.0, None),
        ((HOUR_S, HOUR_S), 1.0, 2.0),
        ((HOUR_S + 0.1,), 1.0, 1.01),
        ((HOUR_S / 3,), 0.1, 1 / 3),
        ((None,), None, None),
        ((HOUR_S, None), 0.5, 1.0),
        ((), 0.1, None),
    ],
)
def test_what_is_within_bounds_or_accepted_is_sent(
    durations_s: tuple[float | None, ...], most_hours: float | None, accepted_hours: float | None
) -> None:
    check_volume(worklist(*durations_s), most_hours, accepted_hours)


@pytest.mark.parametrize(
    ("durations_s", "most_hours", "accepted_hours", "hours"),
    [
        ((HOUR_S, HOUR_S), 1.99, None, 2.0),
        ((HOUR_S + 0.1,), 1.0, None, 1.01),
        ((HOUR_S * 2,), 1.0, 1.5, 2.0),
        ((HOUR_S * 2,), 1.0, 0.0, 2.0),
        ((None,), 5.0, None, 0.0),
    ],
)
def test_what_is_more_is_refused_with_what_to_accept(
    durations_s: tuple[float | None, ...],
    most_hours: float,
    accepted_hours: float | None,
    hours: float,
) -> None:
    with pytest.raises(TooMuchAudioError) as refused:
        check_volume(worklist(*durations_s), most_hours, accepted_hours)
    assert refused.value.hours == pickle.loads(pickle.dumps(refused.value)).hours == hours
    check_volume(worklist(*durations_s), most_hours, refused.value.hours)


def test_a_length_that_nobody_knows_is_said() -> None:
    with pytest.raises(TooMuchAudioError) as refused:
        check_volume(worklist(HOUR_S / 2, None, None), 5.0, None)
    assert str(refused.value) == (
        "3 new recordings (0.50 h, and 2 of a length that nobody knows) would be sent, and a run "
        "may send 5 h (FERMATA_MAX_AUDIO_HOURS_PER_RUN); nothing was sent; to send them, pass "
        "accept_audio_hours=0.50 (--accept-audio-hours 0.50)"
    )
