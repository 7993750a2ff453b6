"""What a recommendation changes in a present configuration, and where in it.

A person's file rarely nests just as the documentation does: it may hold a whole assistant, or
only the innermost object. So each setting is looked for by the names of the objects around
it, then by its own name, and only what is nowhere is added.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fermata.errors import UsageError
from fermata.export.handover import Export, Form, Mark, Settings
from fermata.export.texts import plain

Path = tuple[str, ...]

# So many objects carry these that they show a place only together with their value.
_COMMONPLACE = frozenset({"type", "model"})


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that the recommendation sets to another value.

    Attributes:
        path: the names that lead to it, from the outermost object inwards.
        old: its present value; None where it has none.
        new: its recommended value.
    """

    path: Path
    old: object
    new: object

    @property
    def place(self) -> str:
        """The path as a person writes it."""
        return ".".join(self.path)


def fitting_form(export: Export, present: Settings) -> Form:
    """The form that a present configuration has; the usual one where nothing shows it."""
    values = list(_named_values(present))
    return next(
        (form for form in export.forms if any(_shown(mark, values) for mark in form.marks)),
        export.forms[0],
    )


def outdated_names(form: Form, present: Settings) -> tuple[str, ...]:
    """One line for each name in a present configuration that its stack has given up."""
    present_names = {name for name, _ in _named_values(present)}
    return tuple(
        f"{old} is the old name of {new}: take it out"
        for old, new in (form.renamed or {}).items()
        if old in present_names
    )


def changes_to(present: Settings, wanted: Settings) -> tuple[Change, ...]:
    """What must change in a present configuration for it to hold the wanted settings.

    Raises:
        UsageError: several objects of it could be meant.
    """
    groups = dict(_groups(wanted, ()))
    objects = dict(_objects(present, ()))
    named = {path: _by_name(path, objects) for path in groups if path}
    taken = {place for place in named.values() if place is not None}
    changes: list[Change] = []
    for path, settings in groups.items():
        place = named.get(path)
        if place is None:
            place = _by_setting(settings, objects, taken)
        if place is None:
            place = _new_place(path, objects)
        at_place = objects.get(place, {})
        changes += (
            Change((*place, name), at_place.get(name), value)
            for name, value in settings.items()
            if not _same(at_place.get(name), value)
        )
    return tuple(changes)


def _shown(mark: Mark, values: list[tuple[str, object]]) -> bool:
    return any(
        name == mark.name and plain(value).startswith(mark.beginning) for name, value in values
    )


def _named_values(settings: Settings) -> Iterator[tuple[str, object]]:
    for name, value in settings.items():
        yield name, value
        if isinstance(value, Mapping):
            yield from _named_values(value)


def _groups(settings: Settings, path: Path) -> Iterator[tuple[Path, dict[str, object]]]:
    """The settings by the object that holds them."""
    own = {name: value for name, value in settings.items() if not isinstance(value, Mapping)}
    if own:
        yield path, own
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _groups(value, (*path, name))


def _objects(settings: Settings, path: Path) -> Iterator[tuple[Path, Settings]]:
    yield path, settings
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _objects(value, (*path, name))


def _by_name(path: Path, objects: Mapping[Path, Settings]) -> Path | None:
    """The object with the same names around it, as many as possible, at least its own."""
    alike = {place: _common_end(path, place) for place in objects}
    most = max(alike.values())
    return _only([place for place, names in alike.items() if names == most]) if most else None


def _by_setting(
    settings: Settings, objects: Mapping[Path, Settings], taken: set[Path]
) -> Path | None:
    """The object that has one of the settings already."""
    holders = [
        place
        for place, held in objects.items()
        if place not in taken
        and any(
            name in held and (name not in _COMMONPLACE or held[name] == value)
            for name, value in settings.items()
        )
    ]
    return _only(holders) if holders else None


def _new_place(path: Path, objects: Mapping[Path, Settings]) -> Path:
    """Where the object is to be added: inside the nearest one around it that is there."""
    for length in range(len(path) - 1, 0, -1):
        around = _by_name(path[:length], objects)
        if around is not None:
            return (*around, *path[length:])
    return path


def _only(places: list[Path]) -> Path:
    if len(places) > 1:
        listed = ", ".join(".".join(place) or "the whole" for place in places)
        raise UsageError(f"several parts of the file could be meant ({listed}): give one alone")
    return places[0]


def _common_end(one: Path, other: Path) -> int:
    length = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        length += 1
    return length


def _same(old: object, new: object) -> bool:
    if isinstance(old, str) and not isinstance(new, str):
        return old.lower() == plain(new)
    return old is not None and old == new
