"""Takes out of what is kept what must not stand in a file: secrets, and what JSON can't hold."""

import math
import re
from collections.abc import Mapping
from typing import Any

from fermata.redact import MASK, masked

_SECRET_NAMES = frozenset(
    {"authorization", "password", "secret", "token", "webhook_auth_header_value", "x-gladia-key"}
)
_SECRET_ENDINGS = ("api_key", "apikey", "_password", "_secret", "_token")
_SECRET_QUERY = re.compile(
    r"(?i)([?&;](?:[\w.-]*(?:token|key|secret|signature|credential)|sig|auth)=)[^&;\s\"'<>]+"
)


class Cleaner:
    """Makes values fit to be kept as JSON, without secrets.

    Those that the process remembers are masked wherever they stand; so are fields, and queries of
    addresses, that are called like a secret.
    """

    def clean(self, value: Any) -> Any:
        """A copy with secrets masked, numbers finite and text that every encoding can hold."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, Mapping):
            return {
                self.text(str(name)): self._field(str(name), each) for name, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.clean(each) for each in value]
        return value if value is None or isinstance(value, int) else self.text(str(value))

    def text(self, text: str) -> str:
        """The text without secrets and without halves of characters."""
        if not text.isascii():
            # A service may send half of a surrogate pair, which no file could hold.
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = masked(text)
        return _SECRET_QUERY.sub(rf"\1{MASK}", text) if "=" in text else text

    def _field(self, name: str, value: Any) -> Any:
        return MASK if value and isinstance(value, str) and _is_secret(name) else self.clean(value)


def _is_secret(name: str) -> bool:
    lowered = name.lower()
    return lowered in _SECRET_NAMES or lowered.endswith(_SECRET_ENDINGS)
