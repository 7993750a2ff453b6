"""Every table is there, and the command says what is missing."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from benchmarks.validation.__main__ import tables
from benchmarks.validation.corpora import missing, read_corpora
from benchmarks.validation.study import study

PROJECT = Path(__file__).parents[3]


def run(folder, *arguments):
    command = [sys.executable, "-m", "benchmarks.validation", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=110, check=False
    )


@pytest.mark.skipif(bool(missing()), reason="the development conversations are not on this machine")
def test_two_splits_give_every_table():
    shown = list(tables([study(corpus, 2) for corpus in read_corpora()]))
    assert len(shown) == 9
    assert all(each.startswith("### ") for each in shown)
    for name in ("spjallromur", "spjallromur, one clock", "earnings21", "rhapsodie", "ifadv"):
        assert any(f"| {name} |" in each for each in shown)


def test_missing_conversations_are_named(tmp_path):
    for folder in ("benchmarks", "config"):
        copytree(PROJECT / folder, tmp_path / "project" / folder)
    done = run(tmp_path / "project")
    assert done.returncode == 2
    assert "spjallromur" in done.stderr
    assert "put the conversations there" in done.stderr
