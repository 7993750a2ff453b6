"""The house rules that a machine can check: who imports whom, sizes, docstrings, flows' forms."""

import ast
import importlib
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("src/fermata", "config", "tasks", "flows", "deployments")
LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
SECRET_WORDS = ("key", "secret", "token", "password")

MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, Function))


def public_definitions(body: list[ast.stmt]) -> Iterator[ast.ClassDef | Function]:
    """Functions, classes and their methods whose names don't begin with an underscore."""
    for node in body:
        if isinstance(node, DEFINITIONS) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body)


def documented(node: ast.ClassDef | Function) -> bool:
    """Whether it is explained; a protocol's attributes are by the protocol's own docstring."""
    is_bare_attribute = isinstance(node, Function) and ast.unparse(node.body[-1]) == "..."
    return is_bare_attribute or ast.get_docstring(node) is not None


def lines_of(function: Function) -> int:
    """How long a function is without its docstring."""
    whole = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    docstring = function.body[0]
    return whole - ((docstring.end_lineno or 0) - docstring.lineno + 1)


def flow_names() -> list[str]:
    """Every flow as its deployment names it: module and function."""
    found = []
    for path in sorted((ROOT / "flows").glob("*.py")):
        for function in functions(path):
            decorators = [ast.unparse(each) for each in function.decorator_list]
            if any(each.startswith("flow(") or each == "flow" for each in decorators):
                found.append(f"flows.{path.stem}.{function.name}")
    return found


def flow_of(entrypoint: str) -> Any:
    module, _, name = entrypoint.rpartition(".")
    return getattr(importlib.import_module(module), name)


def test_dependencies_point_one_way() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "0 broken" in ended.stdout


def test_every_module_fits_into_one_reading() -> None:
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > LONGEST_MODULE} == {}


def test_every_function_fits_on_one_screen() -> None:
    long = {
        f"{name_of(path)}:{function.name}": count
        for path in MODULES
        for function in functions(path)
        if (count := lines_of(function)) > LONGEST_FUNCTION
    }
    assert long == {}


def test_every_module_says_what_lives_there() -> None:
    assert [name_of(path) for path in MODULES if not ast.get_docstring(tree_of(path))] == []


def test_all_that_is_public_says_what_it_does() -> None:
    silent = [
        f"{name_of(path)}:{node.name}"
        for path in MODULES
        for node in public_definitions(tree_of(path).body)
        if not documented(node)
    ]
    assert silent == []


@pytest.mark.parametrize("entrypoint", flow_names())
def test_a_flow_is_reached_by_its_module_path(entrypoint: str) -> None:
    flow = flow_of(entrypoint)
    assert flow.name == entrypoint.rpartition(".")[2].replace("_", "-")
    assert flow.description


@pytest.mark.parametrize("entrypoint", flow_names())
def test_every_parameter_of_a_flow_is_explained_in_the_form(entrypoint: str) -> None:
    from prefect.utilities.callables import parameter_schema

    properties = parameter_schema(flow_of(entrypoint)).properties
    assert properties
    silent = [name for name, field in properties.items() if not field.get("description")]
    assert silent == []


@pytest.mark.parametrize("entrypoint", flow_names())
def test_no_parameter_of_a_flow_is_a_secret(entrypoint: str) -> None:
    from prefect.utilities.callables import parameter_schema

    schema = parameter_schema(flow_of(entrypoint)).model_dump_json()
    names = parameter_schema(flow_of(entrypoint)).properties
    assert not [name for name in names if any(word in name for word in SECRET_WORDS)]
    assert '"format":"password"' not in schema


def test_the_wheel_holds_the_library_alone() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": ["src/fermata"]}
    assert project["project"]["scripts"] == {"fermata": "fermata.cli:main"}


def test_no_machines_path_is_written_down() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    home = str(Path.home())
    texts = {name: ROOT / name for name in listed.stdout.splitlines()}
    suffixes = (".py", ".md", ".toml", ".yaml", ".env", "Makefile", "run")
    holding = [
        name
        for name, path in texts.items()
        if name.endswith(suffixes) and path.exists() and f"{home}/" in path.read_text("utf-8")
    ]
    assert holding == []
