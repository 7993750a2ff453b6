"""The fields that describe the audio: encoding, bit depth, sample rate, channels."""

from fermata.migration.draft import Draft, Rule
from fermata.migration.fates import Fate

_PCM_BIT_DEPTH = 16


def _encoding(draft: Draft, path: str, value: object) -> None:
    if value == "wav/alaw":
        draft.parameters["encoding"] = "pcm_s16le"
        draft.settle(
            path, value, Fate.CHANGED, "A-law is not taken: decode it to 16-bit PCM", "encoding"
        )
        return
    draft.parameters["encoding"] = "pcm_mulaw" if value == "wav/ulaw" else "pcm_s16le"
    draft.settle(path, value, Fate.MAPPED, "raw samples without a header, as before", "encoding")


def _bit_depth(draft: Draft, path: str, value: object) -> None:
    if draft.given("encoding") in {"wav/ulaw", "wav/alaw"}:
        draft.settle(path, value, Fate.DROPPED, "the encoding implies it", "encoding")
    elif value == _PCM_BIT_DEPTH:
        draft.settle(path, value, Fate.MAPPED, "pcm_s16le is 16-bit", "encoding")
    else:
        note = f"only 16-bit PCM is taken: convert the {value}-bit samples before sending"
        draft.settle(path, value, Fate.CHANGED, note, "encoding")


def _sample_rate(draft: Draft, path: str, value: object) -> None:
    draft.parameters["sample_rate"] = value
    draft.settle(path, value, Fate.MAPPED, "hertz at both", "sample_rate")


def _channels(draft: Draft, path: str, value: object) -> None:
    if not isinstance(value, int) or value == 1:
        draft.settle(path, value, Fate.DROPPED, "a session carries one channel")
        return
    draft.sessions = value
    note = (
        f"open {value} sessions and send one channel to each; each is billed, as Gladia billed "
        "each channel"
    )
    draft.settle(path, value, Fate.CHANGED, note)


RULES: dict[str, Rule] = {
    "encoding": _encoding,
    "bit_depth": _bit_depth,
    "sample_rate": _sample_rate,
    "channels": _channels,
}
"""The rule for each field of this subject, by path."""
