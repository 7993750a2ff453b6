"""What goes out goes through the one place that masks it and takes it for no markup."""

import ast
import re
from pathlib import Path

import pytest

from config import PROJECT_ROOT

ARTIFACTS = "tasks/artifacts.py"
MAKING = re.compile(r"(create|update)_\w*artifact|emit_event")


def calls(path: Path) -> list[str]:
    """The names of the functions that a module calls by their names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [each.id for each in called if isinstance(each, ast.Name)]


@pytest.mark.parametrize("folder", ["tasks", "flows", "config", "deployments"])
def test_no_artifact_and_no_event_goes_to_prefect_by_another_way(folder: str) -> None:
    modules = [*(PROJECT_ROOT / folder).rglob("*.py")]
    assert modules
    past = [
        f"{name} in {path.relative_to(PROJECT_ROOT)}"
        for path in modules
        if path != PROJECT_ROOT / ARTIFACTS
        for name in calls(path)
        if MAKING.fullmatch(name)
    ]
    assert past == []


def test_the_search_would_have_found_one() -> None:
    assert "emit_event" in calls(PROJECT_ROOT / ARTIFACTS)
