"""How a session ends before its time: an Error frame with a text, then a close code.

The close reason is the same for every code, as measured on the service; the reason why stands in
the Error frame.
"""

CLOSE_REASON = "See Error message for details"

ENDED_REASON = "Session Ended"

CANCELLED = "Session Cancelled: An error occurred"


class RefusalError(Exception):
    """The session is closed with `code`, after an Error frame with `text` where there is one."""

    def __init__(self, code: int, text: str | None = None) -> None:
        super().__init__(text or f"closed with {code}")
        self.code = code
        self.text = text


def invalid(name: str, problem: str) -> RefusalError:
    """A known parameter with a value that isn't allowed."""
    return RefusalError(3006, f"User Input Validation Error: Invalid '{name}': {problem}")
