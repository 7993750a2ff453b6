"""Custom vocabulary and spelling, which become key terms."""

from collections.abc import Iterable, Mapping

from fermata.migration.draft import SWITCHED_OFF, Draft, Rule, always, by_switch, if_enabled
from fermata.migration.fates import Fate

MOST_KEY_TERMS = 100
LONGEST_KEY_TERM = 50

_PARAMETER = "keyterms_prompt"
_VOCABULARY = "realtime_processing.custom_vocabulary"
_SPELLING = "realtime_processing.custom_spelling"

_LOST_DETAILS = {
    "intensity": "all key terms weigh the same",
    "pronunciations": "only the written form is taken",
    "language": "a key term belongs to no language",
}


def _term(entry: object) -> str | None:
    value = entry.get("value") if isinstance(entry, Mapping) else entry
    return value.strip() if isinstance(value, str) and value.strip() else None


def _add_key_terms(draft: Draft, terms: Iterable[str]) -> dict[str, list[str]]:
    """Adds what fits and gives back the rest, by the reason why it does not fit."""
    kept = draft.parameters.get(_PARAMETER, [])
    assert isinstance(kept, list)
    left_out: dict[str, list[str]] = {}
    for term in dict.fromkeys(terms):
        if len(term) > LONGEST_KEY_TERM:
            reason = f"a key term has {LONGEST_KEY_TERM} characters at most: shorten it"
            left_out.setdefault(reason, []).append(term)
        elif term not in kept and len(kept) >= MOST_KEY_TERMS:
            reason = f"a session takes {MOST_KEY_TERMS} key terms: choose which matter most"
            left_out.setdefault(reason, []).append(term)
        elif term not in kept:
            kept.append(term)
    if kept:
        draft.parameters[_PARAMETER] = kept
    return left_out


def _settle_left_out(draft: Draft, path: str, left_out: Mapping[str, list[str]]) -> None:
    for reason, terms in left_out.items():
        draft.settle(f"{path}[]", tuple(terms), Fate.UNSUPPORTED, reason, _PARAMETER)


def _vocabulary(draft: Draft, path: str, value: object) -> None:
    entries = value if isinstance(value, list) else []
    terms = [term for entry in entries if (term := _term(entry))]
    left_out = _add_key_terms(draft, terms)
    if left_out:
        note = "some terms do not fit; the others, in their order"
        draft.settle(path, value, Fate.CHANGED, note, _PARAMETER)
    else:
        draft.settle(path, value, Fate.MAPPED, "all terms, in their order", _PARAMETER)
    _settle_left_out(draft, path, left_out)
    for detail, note in _LOST_DETAILS.items():
        lost = tuple(
            entry[detail]
            for entry in entries
            if isinstance(entry, Mapping) and entry.get(detail) is not None
        )
        if lost:
            draft.settle(f"{path}[].{detail}", lost, Fate.UNSUPPORTED, note)


def _spelling_dictionary(draft: Draft, path: str, value: object) -> None:
    spellings = value if isinstance(value, Mapping) else {}
    note = (
        "the right spellings became key terms; nothing is replaced in the text any more, so "
        "replace what remains in the final turns"
    )
    draft.settle(path, value, Fate.CHANGED, note, _PARAMETER)
    terms = [term for spelling in spellings if (term := _term(spelling))]
    _settle_left_out(draft, path, _add_key_terms(draft, terms))


def _switch(config_path: str, fate: Fate) -> Rule:
    def on(draft: Draft, path: str, value: object) -> None:
        if draft.given(config_path) is None:
            draft.settle(path, value, Fate.DROPPED, f"without {config_path} it did nothing")
        else:
            draft.settle(path, value, fate, f"by {config_path}", _PARAMETER)

    return by_switch(on, SWITCHED_OFF)


RULES: dict[str, Rule] = {
    _VOCABULARY: _switch(f"{_VOCABULARY}_config", Fate.MAPPED),
    f"{_VOCABULARY}_config.vocabulary": if_enabled(_VOCABULARY, _vocabulary),
    f"{_VOCABULARY}_config.default_intensity": if_enabled(
        _VOCABULARY, always(Fate.UNSUPPORTED, _LOST_DETAILS["intensity"])
    ),
    _SPELLING: _switch(f"{_SPELLING}_config", Fate.CHANGED),
    f"{_SPELLING}_config.spelling_dictionary": if_enabled(_SPELLING, _spelling_dictionary),
}
"""The rule for each field of this subject, by path."""
