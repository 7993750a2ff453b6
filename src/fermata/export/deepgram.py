"""The choice for Deepgram: Flux, which judges turns, and Nova, which measures silence.

Sources: developers.deepgram.com/docs/flux/configuration (`eot_threshold` 0.5 to 1.0, default
0.7; `eot_timeout_ms` 500 to 60,000, default 5,000; an older version of the page ends at 0.9
and 10,000), /docs/endpointing (default 10 ms, no range), /docs/utterance-end (needs
`interim_results`); the limits of `utterance_end_ms`, 1,000 and 5,000, from
deepgram/deepgram-python-sdk#279 (999 is refused) and jambonz/jambonz-feature-server#740.
"""

from fermata.export.handover import Export, Form, Mark, Stack, carried, lost, lost_threshold
from fermata.export.recommendation import Recommendation
from fermata.export.texts import as_query
from fermata.export.units import Fitted, Range

FLUX_TIMEOUT = Range("eot_timeout_ms", 500, 60_000, "ms")
UTTERANCE_END = Range("utterance_end_ms", 1000, 5000, "ms")

_NO_ADVICE = (
    "eot_threshold and eager_eot_threshold are left as they are: a calibration has nothing to say "
    "on Flux's own confidence (its default is 0.7)"
)
_NO_RANGE = "Deepgram documents no range for endpointing, so none was checked"


def export(recommendation: Recommendation) -> Export:
    """The choice in Deepgram's names, in milliseconds."""
    return Export(
        Stack.DEEPGRAM, (_flux(recommendation), _nova(recommendation)), (_NO_ADVICE, _NO_RANGE)
    )


def _flux(recommendation: Recommendation) -> Form:
    timeout = FLUX_TIMEOUT.fit(recommendation.max_turn_silence_ms)
    settings = {"eot_timeout_ms": timeout.value}
    return Form(
        "flux",
        "Flux: part of the query string of wss://api.deepgram.com/v2/listen",
        settings,
        as_query(settings),
        (
            lost(
                "min_turn_silence",
                recommendation.min_turn_silence_ms,
                "Flux decides by its confidence alone how soon a complete turn ends",
            ),
            carried(
                "max_turn_silence",
                recommendation.max_turn_silence_ms,
                "eot_timeout_ms",
                timeout,
                "silence that ends any turn",
            ),
            *lost_threshold(
                recommendation.end_of_turn_confidence_threshold,
                "eot_threshold is the confidence of another model, on another scale",
            ),
        ),
        marks=(Mark("model", "flux"), Mark("eot_timeout_ms"), Mark("eot_threshold")),
    )


def _nova(recommendation: Recommendation) -> Form:
    gap = UTTERANCE_END.fit(recommendation.max_turn_silence_ms)
    settings = {
        "endpointing": recommendation.min_turn_silence_ms,
        "interim_results": True,
        "utterance_end_ms": gap.value,
    }
    return Form(
        "nova",
        "Nova: part of the query string of wss://api.deepgram.com/v1/listen",
        settings,
        as_query(settings),
        (
            carried(
                "min_turn_silence",
                recommendation.min_turn_silence_ms,
                "endpointing",
                Fitted(recommendation.min_turn_silence_ms),
                "speech_final after pure silence, with no look at the sentence",
            ),
            carried(
                "max_turn_silence",
                recommendation.max_turn_silence_ms,
                "utterance_end_ms",
                gap,
                "UtteranceEnd after a gap between words; it needs interim_results",
            ),
            *lost_threshold(
                recommendation.end_of_turn_confidence_threshold,
                "Nova has no confidence that a turn is over",
            ),
        ),
        marks=(Mark("model", "nova"), Mark("endpointing"), Mark("utterance_end_ms")),
    )
