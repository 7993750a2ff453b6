"""The languages that AssemblyAI knows, where it refuses others."""

from typing import Literal, TypeAlias

# fmt: off
PRE_RECORDED = frozenset({
    "en", "en_au", "en_uk", "en_us", "af", "am", "ar", "as", "az", "ba", "be", "bg", "bn", "bo",
    "br", "bs", "ca", "cs", "cy", "da", "de", "el", "es", "et", "eu", "fa", "fi", "fo", "fr", "gl",
    "gu", "ha", "haw", "he", "hi", "hr", "ht", "hu", "hy", "id", "is", "it", "ja", "jw", "ka", "kk",
    "km", "kn", "ko", "la", "lb", "ln", "lo", "lt", "lv", "mg", "mi", "mk", "ml", "mn", "mr", "ms",
    "mt", "my", "ne", "nl", "nn", "no", "oc", "pa", "pl", "ps", "pt", "ro", "ru", "sa", "sd", "si",
    "sk", "sl", "sn", "so", "sq", "sr", "su", "sv", "sw", "ta", "te", "tg", "th", "tk", "tl", "tr",
    "tt", "uk", "ur", "uz", "vi", "yi", "yo", "zh",
})
"""`TranscriptLanguageCode` of the OpenAPI document of the pre-recorded API."""

StreamedLanguage: TypeAlias = Literal[
    "en", "es", "de", "fr", "pt", "it", "tr", "nl", "sv", "no",
    "da", "fi", "hi", "vi", "ar", "he", "ja", "ur", "zh",
]
# fmt: on
"""What Universal-3.5 Pro streaming knows, by the service's list of models and languages."""
