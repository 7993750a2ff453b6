"""What a transcription is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fermata.assemblyai import MultichannelMode, TranscriptOptions, options_for

MODELS = ("universal-3-5-pro", "universal-2")

any_options = st.builds(
    options_for,
    st.none() | st.integers(1, 8),
    st.sampled_from(MultichannelMode),
    engine=st.sampled_from(["assemblyai", "local"]),
    speech_models=st.sampled_from([MODELS, MODELS[:1], MODELS[::-1]]),
    language_detection=st.booleans(),
)


def options(channels: int | None, mode: MultichannelMode) -> TranscriptOptions:
    return options_for(
        channels, mode, engine="assemblyai", speech_models=MODELS, language_detection=False
    )


@pytest.mark.parametrize(
    ("mode", "channels", "by_channel"),
    [
        (MultichannelMode.AUTO, 1, False),
        (MultichannelMode.AUTO, 2, True),
        (MultichannelMode.AUTO, None, False),
        (MultichannelMode.ON, 1, True),
        (MultichannelMode.ON, None, True),
        (MultichannelMode.OFF, 2, False),
    ],
)
def test_speakers_are_told_apart_by_channel_or_by_voice(mode, channels, by_channel):
    chosen = options(channels, mode)
    assert (chosen.multichannel, chosen.speaker_labels) == (by_channel, not by_channel)


def test_the_request_always_names_the_models():
    body = options(1, MultichannelMode.AUTO).request_body("https://example.com/a.wav")
    assert body == {
        "audio_url": "https://example.com/a.wav",
        "speech_models": ["universal-3-5-pro", "universal-2"],
        "speaker_labels": True,
        "multichannel": False,
        "language_detection": False,
    }


def test_both_ways_to_tell_speakers_apart_are_refused():
    chosen = options(2, MultichannelMode.AUTO).model_dump()
    with pytest.raises(ValidationError, match="exclude each other"):
        TranscriptOptions(**{**chosen, "speaker_labels": True})


@pytest.mark.parametrize("models", [(), ("",), (" ",)])
def test_options_without_a_model_are_refused(models):
    chosen = options(1, MultichannelMode.AUTO).model_dump()
    with pytest.raises(ValidationError):
        TranscriptOptions(**{**chosen, "speech_models": models})


@given(any_options, any_options)
def test_options_have_the_same_hash_only_if_they_are_the_same(one, other):
    assert (one.options_hash == other.options_hash) == (one == other)
    assert len(one.options_hash) == 12
    assert int(one.options_hash, 16) >= 0


def test_the_hash_stays_the_same_from_release_to_release():
    assert options(1, MultichannelMode.AUTO).options_hash == "2351f8f6dbd4"
