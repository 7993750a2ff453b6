"""Gladia session configurations for the tests."""

GUIDE = {
    "encoding": "wav/pcm",
    "sample_rate": 16000,
    "bit_depth": 16,
    "channels": 1,
    "language_config": {"languages": ["en"]},
}
"""The one in the guide on migrating from Gladia."""

FULL = {
    "encoding": "wav/pcm",
    "bit_depth": 16,
    "sample_rate": 8000,
    "channels": 2,
    "custom_metadata": {"call": "17", "agent": {"name": "Sam"}},
    "model": "solaria-1",
    "endpointing": 0.4,
    "maximum_duration_without_endpointing": 30,
    "language_config": {"languages": ["en", "fr"], "code_switching": True},
    "pre_processing": {"audio_enhancer": True, "speech_threshold": 0.8},
    "realtime_processing": {
        "custom_vocabulary": True,
        "custom_vocabulary_config": {
            "vocabulary": [
                "Westeros",
                {
                    "value": "Night's Watch",
                    "pronunciations": ["Nightz Watch"],
                    "intensity": 0.4,
                    "language": "en",
                },
            ],
            "default_intensity": 0.5,
        },
        "custom_spelling": True,
        "custom_spelling_config": {"spelling_dictionary": {"SQL": ["Sequel"]}},
        "translation": True,
        "translation_config": {
            "target_languages": ["de"],
            "model": "enhanced",
            "match_original_utterances": True,
            "lipsync": True,
            "context_adaptation": True,
            "context": "a support call",
            "informal": True,
        },
        "named_entity_recognition": True,
        "sentiment_analysis": True,
    },
    "post_processing": {
        "summarization": True,
        "summarization_config": {"type": "bullet_points"},
        "chapterization": True,
    },
    "messages_config": {
        "receive_partial_transcripts": True,
        "receive_final_transcripts": True,
        "receive_speech_events": True,
        "receive_pre_processing_events": True,
        "receive_realtime_processing_events": True,
        "receive_post_processing_events": True,
        "receive_acknowledgments": True,
        "receive_errors": True,
        "receive_lifecycle_events": True,
    },
    "callback": True,
    "callback_config": {
        "url": "https://example.com/hook",
        "receive_partial_transcripts": True,
        "receive_final_transcripts": True,
        "receive_speech_events": True,
        "receive_pre_processing_events": True,
        "receive_realtime_processing_events": True,
        "receive_post_processing_events": True,
        "receive_acknowledgments": True,
        "receive_errors": True,
        "receive_lifecycle_events": True,
    },
}
"""Every field that Gladia documents."""

LEAVES_THAT_ARE_OBJECTS = {
    "custom_metadata",
    "realtime_processing.custom_spelling_config.spelling_dictionary",
}


def leaves(config, prefix=""):
    """The paths of all fields that hold a value of their own."""
    for name, value in config.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and value and path not in LEAVES_THAT_ARE_OBJECTS:
            yield from leaves(value, f"{path}.")
        else:
            yield path
