"""The command prints every table, or says what is missing."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from benchmarks.validation.corpora import missing

PROJECT = Path(__file__).parents[3]


def run(folder, *arguments):
    command = [sys.executable, "-m", "benchmarks.validation", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=110, check=False
    )


@pytest.mark.skipif(bool(missing()), reason="the development conversations are not on this machine")
def test_two_splits_give_every_table():
    done = run(PROJECT, "--splits", "2")
    assert done.returncode == 0, done.stderr
    headings = [line for line in done.stdout.splitlines() if line.startswith("### ")]
    assert len(headings) == 9
    for name in ("spjallromur", "spjallromur, one clock", "earnings21", "rhapsodie", "ifadv"):
        assert f"| {name} |" in done.stdout


def test_missing_conversations_are_named(tmp_path):
    for folder in ("benchmarks", "config"):
        copytree(PROJECT / folder, tmp_path / "project" / folder)
    done = run(tmp_path / "project")
    assert done.returncode == 2
    assert "spjallromur" in done.stderr
    assert "put the conversations there" in done.stderr
