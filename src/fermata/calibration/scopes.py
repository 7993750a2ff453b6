"""Scopes: which calibrations belong together, so that one does not overwrite another's settings.

A calibration belongs to the folders and addresses that its recordings came from, or to a name
that a person gave. The first scope to publish in a data folder is its main one:

```
calibrations/latest.json, publications/                  the main scope
calibrations/scopes/<scope>/latest.json, publications/   each further one
```

A file `scope.json` beside them says which scope it is.

A data folder from before there were scopes has a main scope without a name, until a run that is
meant to replace its settings claims it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError

from fermata.errors import FermataError, UsageError
from fermata.recordings.sources import digest, in_words, is_below, normalised
from fermata.storage import NotStoredError, Storage
from fermata.validation import first_problem

MAIN_FOLDER = "calibrations"
"""Where the settings of the main scope stand below the data folder."""

SCOPES_FOLDER = f"{MAIN_FOLDER}/scopes"
"""Where those of the further ones stand, each in a folder of its own."""

UNNAMED = "default"
"""How a scope without a name is shown."""

_IDENTITY = "scope.json"


@dataclass(frozen=True, slots=True)
class Scope:
    """Calibrations that belong together.

    Attributes:
        name: given by a person, or the sources in words; empty for the main scope of a data
            folder from before there were scopes.
        sources: the folders and addresses whose recordings belong to it, without secrets.
        folder: where its settings stand below the data folder.
        is_given: whether a person gave the name.
    """

    name: str
    sources: tuple[str, ...]
    folder: str
    is_given: bool = False

    @property
    def shown(self) -> str:
        """Its name for people."""
        return self.name or UNNAMED

    @property
    def is_main(self) -> bool:
        """Whether clients that name no scope read its settings."""
        return self.folder == MAIN_FOLDER

    @property
    def latest_path(self) -> str:
        """Its settings in force, below the data folder."""
        return f"{self.folder}/latest.json"

    @property
    def publications_folder(self) -> str:
        """The records of its publications, below the data folder."""
        return f"{self.folder}/publications"

    def holds(self, uri: str) -> bool:
        """Whether a recording lies below one of the sources."""
        return any(is_below(uri, source) for source in self.sources)


MAIN = Scope(name="", sources=(), folder=MAIN_FOLDER)
"""The main scope where nothing is known of it."""


class DamagedScopeError(FermataError):
    """What a scope is cannot be read back."""


class _Identity(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    sources: tuple[str, ...]
    is_given: bool = False


def scope_for(storage: Storage, sources: Sequence[str], name: str = "") -> Scope:
    """The scope that a run over these sources belongs to; it need not be kept yet.

    Args:
        storage: the data folder.
        sources: folders, files and addresses as a person named them. A file stands for its
            folder, so that a list of files is the same scope when one is added.
        name: in place of the sources.

    Raises:
        DamagedScopeError: a scope's file cannot be read back.
        StorageError: the data folder cannot be read.
    """
    given = name.strip()
    below = normalised(sources)
    wanted = Scope(given or in_words(below), below, "", is_given=bool(given))
    return placed(storage, wanted)


def placed(storage: Storage, scope: Scope) -> Scope:
    """A scope with the folder of its settings as things are now, and all its sources so far.

    The main folder is for whoever publishes first. In a data folder from before there were
    scopes, that is a scope by its sources alone: what has a name of its own is kept apart.

    Raises:
        DamagedScopeError: a scope's file cannot be read back.
        StorageError: the data folder cannot be read.
    """
    main = main_scope(storage)
    own = _folder_of(scope.name)
    if main.name:
        is_main = main.name == scope.name
    else:
        is_free = not scope.is_given or not storage.exists(main.latest_path)
        is_main = is_free and not storage.exists(f"{own}/latest.json")
    kept = _read(storage, own)
    sources = {*scope.sources, *(kept.sources if kept else ())}
    return replace(scope, folder=MAIN_FOLDER if is_main else own, sources=tuple(sorted(sources)))


def main_scope(storage: Storage) -> Scope:
    """The scope whose settings are read where none is named.

    Raises:
        DamagedScopeError: its file cannot be read back.
        StorageError: it could not be read.
    """
    return _read(storage, MAIN_FOLDER) or MAIN


def all_scopes(storage: Storage) -> tuple[Scope, ...]:
    """Every scope that a run belonged to, the main one first, the others by name.

    Raises:
        DamagedScopeError: a scope's file cannot be read back.
        StorageError: the data folder cannot be read.
    """
    main = main_scope(storage)
    paths = storage.list(SCOPES_FOLDER, _IDENTITY)
    found = [_read(storage, str(PurePosixPath(path).parent)) for path in paths]
    named = [placed(storage, each) for each in found if each]
    here = next((each for each in named if each.is_main and each.name == main.name), main)
    further = [each for each in named if each.name != main.name]
    return (here, *sorted(further, key=lambda each: each.name))


def scope_named(storage: Storage, name: str) -> Scope:
    """The scope of a name or of the last part of it; the main one where no name is given.

    Raises:
        UsageError: there is none of that name, or there are several.
        FermataError: the data folder cannot be read.
    """
    known = all_scopes(storage)
    if not name:
        return known[0]
    exact = [each for each in known if name in {each.name, each.shown}]
    ending = [each for each in known if each.name.endswith(f"/{name.strip('/')}")]
    found = exact or ending
    if len(found) == 1:
        return found[0]
    listed = ", ".join(each.shown for each in (found or known))
    what = "several scopes end so" if found else "there is no such scope"
    raise UsageError(f"{name}: {what}; name one of: {listed}")


def keep_scope(storage: Storage, scope: Scope) -> None:
    """Writes down what a scope is, with its sources so far.

    Raises:
        StorageError: it could not be written.
    """
    _keep(storage, scope, _folder_of(scope.name))


def claim(storage: Storage, scope: Scope) -> Scope:
    """The scope with the folder that its settings are published in, held for it from now on.

    Raises:
        FermataError: the data folder cannot be read or written.
    """
    now = placed(storage, scope)
    if now.is_main and now.name:
        _keep(storage, now, MAIN_FOLDER)
    return now


def members(storage: Storage, scope: Scope) -> "Members":
    """Which recordings of the archive belong to a scope.

    Raises:
        FermataError: the data folder cannot be read.
    """
    others = tuple(each for each in all_scopes(storage) if not each.is_main)
    return Members(scope, others if scope.is_main else ())


def _keep(storage: Storage, scope: Scope, folder: str) -> None:
    identity = _Identity(name=scope.name, sources=scope.sources, is_given=scope.is_given)
    content = (identity.model_dump_json(indent=2) + "\n").encode()
    path = f"{folder}/{_IDENTITY}"
    if not storage.exists(path) or storage.read(path) != content:
        storage.write_atomically(path, content)


@dataclass(frozen=True, slots=True)
class Members:
    """Which recordings belong to a scope: those below its sources.

    To the main one belong those of no other scope too, such as were transcribed before there
    were scopes.

    Attributes:
        scope: which.
        others: for the main scope, all the others.
    """

    scope: Scope
    others: tuple[Scope, ...]

    def has(self, uri: str) -> bool:
        """Whether a recording belongs to the scope, by its address without secrets."""
        if self.scope.holds(uri):
            return True
        return self.scope.is_main and not any(other.holds(uri) for other in self.others)


def _read(storage: Storage, folder: str) -> Scope | None:
    path = f"{folder}/{_IDENTITY}"
    try:
        found = _Identity.model_validate_json(storage.read(path))
    except NotStoredError:
        return None
    except ValidationError as error:
        raise DamagedScopeError(
            f"{storage.uri(path)} does not say what scope it is of ({first_problem(error)}); "
            "restore it from a copy, or delete it: the next run writes it anew"
        ) from None
    return Scope(found.name, found.sources, folder, found.is_given)


def _folder_of(name: str) -> str:
    """A folder that tells people which scope it is, and no two scopes share."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", name[-40:]).strip("-").lower()
    return f"{SCOPES_FOLDER}/{readable}-{digest(name)}"
