"""The commands of `fermata`, which are imported only when they are called."""

import subprocess
import sys
from importlib import import_module

import pytest

from fermata.cli.main import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_the_function_of_its_name(name):
    function = name.replace("-", "_")
    assert callable(getattr(import_module(f"fermata.cli.{function}"), function))


def test_asking_for_the_version_imports_no_command():
    loaded = "import sys, fermata.cli.main; print(*({'pandas', 'prefect'} & {*sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []
