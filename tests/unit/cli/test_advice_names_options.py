"""What an error or a note advises can be typed: its options are those of who prints it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.cli.main import COMMANDS, app

ROOT = Path(__file__).parents[3]
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
COMMAND = re.compile(r"fermata ([a-z-]+)")

PRINTED_BY = {
    **{f"src/fermata/cli/work/{command.replace('-', '_')}.py": (command,) for command in COMMANDS},
    "config/again.py": ("reprocess",),
    "config/streaming.py": ("stream",),
    "config/volume.py": ("calibrate",),
    "src/fermata/cli/work/forget.py": ("forget",),
    "src/fermata/cli/work/migrate.py": ("stream",),
    "src/fermata/cli/work/doctor.py": ("stream",),
    "src/fermata/punctuation/measuring.py": ("measure-punctuation",),
    "src/fermata/runs/addresses.py": ("calibrate", "reprocess"),
    "src/fermata/runs/estimate.py": ("reprocess",),
    "src/fermata/runs/volume.py": ("calibrate",),
    "src/fermata/runs/replaying.py": ("calibrate", "reprocess"),
}
"""Whose option is meant in the texts of a module that do not name the command themselves."""


def texts(path: Path) -> Iterator[str]:
    """The strings of a module that are no docstrings; of one with values in it, all parts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    described = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in described:
                yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value for part in node.values if isinstance(part, ast.Constant))
            yield "".join(map(str, parts))


def advised() -> Iterator[tuple[str, str, str]]:
    """Each option that a text names: the command that is meant, or none, and the module."""
    packages = ("src/fermata", "config", "tasks", "flows")
    for path in sorted(each for package in packages for each in (ROOT / package).rglob("*.py")):
        module = path.relative_to(ROOT).as_posix()
        # What the commands declare, and the words that they pass to Prefect.
        if re.fullmatch(r"src/fermata/cli/\w+\.py|config/prefect_\w+\.py", module):
            continue
        for text in texts(path):
            named = [each for each in COMMAND.findall(text) if each in COMMANDS]
            for option in OPTION.findall(text):
                for command in named[:1] or PRINTED_BY.get(module, ("",)):
                    yield command, option, module


@pytest.mark.parametrize(("command", "option", "module"), sorted(set(advised())))
def test_an_option_that_is_advised_is_one_of_the_command(
    command: str, option: str, module: str
) -> None:
    assert command, f"say in PRINTED_BY which commands print the texts of {module}"
    known = {name for each in app[command].assemble_argument_collection() for name in each.names}
    assert option in known
