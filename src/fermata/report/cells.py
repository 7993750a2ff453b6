"""Text of others inside markdown."""


def cell(text: str) -> str:
    """The text as one line that is no column of a table, besides what `block` does."""
    # A file name, or what somebody said, may hold what markdown takes for a column.
    return block(text).replace("|", "\\|").replace("\n", " ")


def block(text: str) -> str:
    """The text without tags, and without images, which a page would load from anywhere."""
    return text.replace("<", "&lt;").replace("![", "!\\[")
