"""The pages of the documentation, and what can be checked in them."""

import re
from collections.abc import Iterator
from pathlib import Path

from config import PROJECT_ROOT

PAGES = (
    PROJECT_ROOT / "README.md",
    *sorted((PROJECT_ROOT / "docs").glob("*.md")),
    *sorted((PROJECT_ROOT / "docs" / "appendix").glob("*.md")),
)

_FENCED = re.compile(r"^```.*?^```|^(?: {4}|\t).*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(r"(?:^|[\s/])fermata ([a-z][a-z-]*)(.*)$")


def name(page: Path) -> str:
    """A page as a test calls it."""
    return str(page.relative_to(PROJECT_ROOT))


def code_lines(page: Path) -> Iterator[str]:
    """The lines of code blocks, continued ones joined, and each piece of code in a sentence."""
    text = page.read_text(encoding="utf-8")
    fenced = False
    block: list[str] = []
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            block.append(line.strip())
        else:
            block.append("")
            yield from (" ".join(found.split()) for found in _CODE.findall(line))
    yield from re.sub(r" *\\\n *", " ", "\n".join(block)).splitlines()


def commands(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Each `fermata COMMAND …`, with the long options that stand behind it."""
    for line in code_lines(page):
        found = _COMMAND.search(line.partition("  #")[0])
        if found:
            yield found[1], re.findall(r"(?<!\S)--[a-z][a-z-]*", found[2])


def options(page: Path) -> set[str]:
    """Each long option that stands alone or first in a piece of code."""
    return {
        found[0]
        for line in code_lines(page)
        if (found := re.match(r"--[a-z][a-z-]*(?=$|[ =`])", line))
    }
