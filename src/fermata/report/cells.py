"""Text of others inside markdown, where Prefect shows it: nothing in it is markup."""

import re

from fermata.quoting import visible

_SPECIAL = re.compile(r"[\\`*\[\]|~]|^#|(?<![^\W_])_|_(?![^\W_])")
_LINKS = re.compile(r"\](?=[(\[:])|!(?=\[)")


def cell(text: str) -> str:
    """The text on one line, without markup: a file's name, what somebody said, a reason.

    Prefect's UI reads the cells of table artifacts and descriptions as markdown too.
    """
    line = visible(" ".join(text.split())).replace("<", "&lt;")
    return _SPECIAL.sub(r"\\\g<0>", line)


def block(text: str) -> str:
    """Markdown of a language model, without tags, links and images, which lead anywhere."""
    lines = map(visible, text.replace("<", "&lt;").splitlines())
    return _LINKS.sub(r"\\\g<0>", "\n".join(lines))


def code(text: str) -> str:
    """The text set as code, which may hold backticks itself."""
    line = visible(" ".join(text.split()))
    longest = max(map(len, re.findall("`+", line)), default=0)
    ticks = "`" * (longest + 1)
    return f"{ticks} {line} {ticks}" if longest else f"`{line}`"
