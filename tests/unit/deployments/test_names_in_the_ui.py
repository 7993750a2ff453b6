"""What a person reads of a run in the Prefect UI: plain words, and a message with each state."""

import ast
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace

import pytest
from prefect import Task

import tasks
from config import PROJECT_ROOT
from tasks import gaps

STATES = {"Cancelled", "Cancelling", "Completed", "Crashed", "Failed", "Paused", "Suspended"}
FOLDERS = ("config", "flows", "tasks")


def all_tasks() -> Iterator[Task]:
    for module in pkgutil.iter_modules(tasks.__path__, "tasks."):
        for found in vars(import_module(module.name)).values():
            if isinstance(found, Task):
                yield found


TASKS = {task.name: task for task in all_tasks()}


def states() -> Iterator[tuple[str, ast.Call]]:
    for folder in FOLDERS:
        for path in sorted((PROJECT_ROOT / folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in STATES:
                    yield f"{path.relative_to(PROJECT_ROOT)}:{node.lineno}", node


@pytest.mark.parametrize("name", sorted(TASKS))
def test_a_task_run_is_named_by_what_it_does_in_words(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = SimpleNamespace(parameters={"batch": "adf2d9ae-be4d-4ea6-8010-89b6154e8cb6-0003"})
    monkeypatch.setattr(gaps, "runtime", SimpleNamespace(task_run=batch))
    given = TASKS[name].task_run_name
    shown = given() if callable(given) else given
    assert shown is not None
    assert len(shown.split()) > 1
    assert not {"-", "_"} & {*shown.split("{")[0].split(",")[0]}
    assert len(shown) < 60


def test_a_batch_is_named_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = SimpleNamespace(parameters={"batch": "adf2d9ae-be4d-4ea6-8010-89b6154e8cb6-0003"})
    monkeypatch.setattr(gaps, "runtime", SimpleNamespace(task_run=batch))
    assert gaps.compute_gaps.task_run_name() == "tabulate transcripts, batch adf2d9ae-0003"


def test_every_state_that_is_set_here_has_a_message() -> None:
    silent = [
        where for where, call in states() if "message" not in {each.arg for each in call.keywords}
    ]
    assert silent == []
