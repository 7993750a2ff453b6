"""Packages that import what they name when it is first asked for.

A package's `__init__` names all that is public in it. Were it to import all of that, whoever
wants an enum would wait for pandas; a command that reads one file must not. So these packages
list their imports for type checkers and readers alone, and each is made on first use:

```python
if TYPE_CHECKING:
    from fermata.tables.files import read_table
else:
    __getattr__ = deferred(__name__)
```

A name must not be that of a module beside it: Python would set the module in its place.
"""

import ast
import importlib
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def deferred(package: str) -> Callable[[str], Any]:
    """The `__getattr__` (PEP 562) of a package that lists its imports under `TYPE_CHECKING`.

    Args:
        package: its `__name__`.
    """
    places: dict[str, str] = {}

    def import_on_first_use(name: str) -> Any:
        if not places:
            places.update(_listed(package))
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(places[name]), name)
        # From now on it is found like any other name.
        setattr(sys.modules[package], name, value)
        return value

    return import_on_first_use


def _listed(package: str) -> dict[str, str]:
    """The names that the package's source imports from modules of its own, and from which."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_bytes())
    return {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("fermata.")
        for alias in node.names
    }
