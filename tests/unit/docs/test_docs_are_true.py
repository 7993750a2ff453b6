"""What the pages name exists: commands, options, settings, targets, files, sections."""

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote

import pytest
from pages import PAGES, code_lines, commands, name, options

from config import PROJECT_ROOT
from config.settings import Settings
from fermata.cli.main import COMMANDS, app

# Of other programs, on pages that show how to call them.
FOREIGN_OPTIONS = {"--all", "--pool", "--prefect-file", "--scale", "--type"}


@cache
def options_of(command: str) -> frozenset[str]:
    """The long options that a command takes."""
    arguments = app[command].assemble_argument_collection(parse_docstring=False)
    names = {each for argument in arguments for each in argument.names}
    return frozenset({each for each in names if each.startswith("--")} | {"--help"})


@cache
def all_options() -> frozenset[str]:
    return frozenset().union(*(options_of(command) for command in COMMANDS))


def variables() -> set[str]:
    fields = Settings.model_fields
    return {f"FERMATA_{field.upper()}" for field in fields}


def anchors(page: Path) -> set[str]:
    found = set()
    for heading in re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading).lower())
        found.add(plain.strip().replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_command_exists_and_takes_the_options_shown(page: Path) -> None:
    for command, given in commands(page):
        assert command in COMMANDS, f"fermata {command}"
        assert set(given) <= options_of(command), f"fermata {command} {' '.join(given)}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_option_that_is_explained_is_one_of_a_command(page: Path) -> None:
    assert options(page) <= all_options() | FOREIGN_OPTIONS | benchmark_options()


@cache
def benchmark_options() -> frozenset[str]:
    """The options of benchmarks, which read them with argparse."""
    sources = (PROJECT_ROOT / "benchmarks").rglob("*.py")
    found = (re.findall(r'"(--[a-z][a-z-]*)"', path.read_text()) for path in sources)
    return frozenset(each for options in found for each in options)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_setting_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"\bFERMATA_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
    assert named <= variables()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_target_and_module_that_is_called_exists(page: Path) -> None:
    makefile = (PROJECT_ROOT / "Makefile").read_text()
    for line in code_lines(page):
        for target in re.findall(r"^make ([a-z]+)\b", line):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), line
        for module in re.findall(r"python -m ((?:benchmarks|deployments|docs)[\w.]*)", line):
            path = PROJECT_ROOT / module.replace(".", "/")
            assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), line


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_link_leads_to_a_file_and_a_section_that_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, section = unquote(target).partition("#")
        leads_to = (page.parent / path).resolve() if path else page
        assert leads_to.exists(), target
        if section:
            assert section in anchors(leads_to), target


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_path_of_the_project_that_is_named_is_there(page: Path) -> None:
    for line in code_lines(page):
        for path in re.findall(
            r"^(?:src|tests|docs|config|deployments|benchmarks|flows|tasks)/\S+$", line
        ):
            assert [*PROJECT_ROOT.glob(path.rstrip("/"))], path


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_name_that_is_imported_from_the_library_is_there(page: Path) -> None:
    found = re.findall(r"^from (fermata[\w.]*) import ([\w, ]+)$", page.read_text(), re.MULTILINE)
    for module, names in found:
        assert all(hasattr(import_module(module), each.strip()) for each in names.split(","))


def test_the_options_of_commands_are_known() -> None:
    assert {"--goal", "--json", "--help"} <= options_of("calibrate")
    assert ("tidy", ["--dry-run"]) in [*commands(PROJECT_ROOT / "README.md")]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_nothing_is_to_be_installed_that_is_not_published(page: Path) -> None:
    assert not re.search(r"pip install\S* '?fermata", page.read_text(encoding="utf-8"))


def test_every_page_is_reached_from_the_readme() -> None:
    seen, to_read = set(), [PROJECT_ROOT / "README.md"]
    while to_read:
        page = to_read.pop()
        if page in seen:
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)#\s]+\.md)", page.read_text(encoding="utf-8"))
        to_read += [(page.parent / link).resolve() for link in links]
    assert set(PAGES) <= seen
