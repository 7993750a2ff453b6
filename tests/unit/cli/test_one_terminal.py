"""Every command writes to the terminal through the one console that no text steers."""

from pathlib import Path

import fermata

SOURCES = Path(fermata.__file__).parent


def test_no_module_makes_a_console_of_its_own() -> None:
    making = [
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("*.py")
        if " Console(" in (text := path.read_text()) or "=Console(" in text or "(Console(" in text
    ]
    assert making == []
