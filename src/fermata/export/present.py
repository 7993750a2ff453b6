"""A person's present configuration: JSON, a query string or address, or a `.env` file.

Each knows its settings and writes itself anew with some of them changed. Whatever is not
changed stays: in a query or a `.env` file to the letter, in JSON but for the indentation.
"""

import json
import re
from collections.abc import Collection, Iterable
from copy import deepcopy
from typing import Any, Protocol
from urllib.parse import quote_plus, unquote_plus

from fermata.errors import UsageError
from fermata.export.changes import Change
from fermata.export.handover import Settings
from fermata.export.texts import as_json, plain

_LONGEST_LINE = 1_000
_ENV_LINE = re.compile(
    r"""^(?P<before>\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<quote>["']?))"""
    r"""(?P<value>.*?)(?P<after>(?P=quote)\s*(?:\s\#.*)?)$"""
)


class Present(Protocol):
    """A present configuration."""

    @property
    def settings(self) -> Settings:
        """Its settings by name."""

    def with_changes(self, changes: Iterable[Change]) -> str:
        """Its text with the changes made; without any, as this module writes it."""

    def pieces(self, changes: Iterable[Change]) -> list[str]:
        """The same in pieces that hold one setting each at most, to compare two versions."""


class PresentJson:
    """One JSON object."""

    def __init__(self, text: str) -> None:
        """Reads the text.

        Raises:
            UsageError: it is no JSON, or no object.
        """
        try:
            value = json.loads(text)
        except ValueError as error:
            raise UsageError(f"the present file is no JSON ({error}): correct it") from None
        if not isinstance(value, dict):
            raise UsageError("the present file holds no JSON object: give the settings as one")
        self.settings: dict[str, Any] = value

    def with_changes(self, changes: Iterable[Change]) -> str:
        """The object with the changes made, in two-space indentation."""
        merged = deepcopy(self.settings)
        for change in changes:
            part = merged
            for name in change.path[:-1]:
                if not isinstance(part.get(name), dict):
                    part[name] = {}
                part = part[name]
            part[change.path[-1]] = change.new
        return as_json(merged)

    def pieces(self, changes: Iterable[Change]) -> list[str]:
        """The lines with the changes made."""
        return self.with_changes(changes).splitlines()


class PresentQuery:
    """A query string, or an address that has one."""

    def __init__(self, text: str) -> None:
        """Reads the text."""
        address, mark, query = text.strip().rpartition("?")
        self._before = address + mark
        self._parts = [part for part in query.split("&") if part]
        self.settings: dict[str, str] = {
            unquote_plus(name): unquote_plus(value)
            for name, _, value in (part.partition("=") for part in self._parts)
        }

    def with_changes(self, changes: Iterable[Change]) -> str:
        """The address or query with the changes made in place, and what is new at the end."""
        return self._before + "&".join(self.pieces(changes))

    def pieces(self, changes: Iterable[Change]) -> list[str]:
        """The parts of the query with the changes made."""
        new = {change.path[-1]: change.new for change in changes}
        parts = [
            _pair(name, new[name]) if (name := _name_of(part)) in new else part
            for part in self._parts
        ]
        return parts + [_pair(name, new[name]) for name in new if name not in self.settings]


class PresentEnv:
    """A `.env` file, in which a setting may be in capitals and have a prefix."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        """Reads the text, in which `names` are the settings that matter.

        Raises:
            UsageError: no line of it sets anything.
        """
        self._lines = text.splitlines()
        self._names = names
        matches = [match for line in self._lines if (match := _read_line(line))]
        if not matches:
            raise UsageError(
                "the present file is neither JSON nor a query string nor lines NAME=value"
            )
        self._in_capitals = all(match["name"].isupper() for match in matches)
        self.settings: dict[str, str] = {self._setting(m["name"]): m["value"] for m in matches}

    def with_changes(self, changes: Iterable[Change]) -> str:
        """The lines with the changes made in place, and what is new at the end."""
        return "\n".join(self.pieces(changes))

    def pieces(self, changes: Iterable[Change]) -> list[str]:
        """The same, line by line."""
        new = {change.path[-1]: plain(change.new) for change in changes}
        lines = [self._changed(line, new) for line in self._lines]
        added = (name for name in new if name not in self.settings)
        lines += [f"{name.upper() if self._in_capitals else name}={new[name]}" for name in added]
        return lines

    def _changed(self, line: str, new: dict[str, str]) -> str:
        match = _read_line(line)
        if match is None or (name := self._setting(match["name"])) not in new:
            return line
        return f"{match['before']}{new[name]}{match['after']}"

    def _setting(self, variable: str) -> str:
        lowered = variable.lower()
        meant = (name for name in self._names if lowered == name or lowered.endswith(f"_{name}"))
        return next(meant, variable)


def read_present(text: str, names: Collection[str]) -> Present:
    """Reads a present configuration of any shape.

    Args:
        text: the file's text.
        names: the stack's settings outside any object, empty if it has no such settings; only
            with them the text may be a query string or a `.env` file.

    Raises:
        UsageError: it is none of them.
    """
    if not names or text.lstrip().startswith(("{", "[")):
        return PresentJson(text)
    if len(text.split()) == 1 and ("&" in text or "?" in text):
        return PresentQuery(text)
    return PresentEnv(text, names)


def _read_line(line: str) -> re.Match[str] | None:
    """A setting; None for any other line, one among them that is longer than a setting can be."""
    return _ENV_LINE.match(line) if len(line) <= _LONGEST_LINE else None


def _name_of(part: str) -> str:
    return unquote_plus(part.partition("=")[0])


def _pair(name: str, value: object) -> str:
    return f"{quote_plus(name)}={quote_plus(plain(value))}"
