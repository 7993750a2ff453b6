"""Packages that import what they name when it is first asked for."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import fermata

ROOT = Path(fermata.__file__).parent
PACKAGES = sorted(
    ".".join(("fermata", *path.parent.relative_to(ROOT).parts))
    for path in ROOT.rglob("__init__.py")
    if "deferred(__name__)" in path.read_text("utf-8")
)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_of_a_package_is_found(package: str) -> None:
    module = importlib.import_module(package)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_name_of_a_package_is_that_of_a_module_in_it(package: str) -> None:
    module = importlib.import_module(package)
    folder = Path(str(module.__file__)).parent
    modules = {path.stem for path in folder.iterdir() if path.stem != "__init__"}
    assert modules.isdisjoint(module.__all__)


def test_a_name_that_is_not_there_is_missed_as_in_any_module() -> None:
    module = importlib.import_module("fermata.tables")
    with pytest.raises(AttributeError, match=r"module 'fermata.tables' has no attribute 'nothing'"):
        module.nothing  # noqa: B018


def test_asking_for_an_enum_does_not_load_what_computes() -> None:
    code = "import sys, fermata.calibration; fermata.calibration.ChooseBy; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ended.stdout.split())
    assert "fermata.calibration.choice" in loaded
    assert loaded.isdisjoint({"pandas", "pyarrow", "fermata.calibration.calibration"})
