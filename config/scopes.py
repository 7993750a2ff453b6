"""Whose settings are meant where a person names a scope, or none."""

from config.settings import settings
from config.wiring import storage
from fermata.calibration import Members, Scope, members, scope_named


def chosen_scope(name: str) -> Scope:
    """The scope of a name; without one that of `FERMATA_SCOPE`, else the main one.

    Raises:
        UsageError: there is none of that name, or there are several.
        FermataError: the data folder cannot be read.
    """
    return scope_named(storage(), name or settings().scope)


def members_of(name: str) -> Members:
    """Which recordings of the archive belong to that scope.

    Raises:
        UsageError: there is none of that name, or there are several.
        FermataError: the data folder cannot be read.
    """
    return members(storage(), chosen_scope(name))
