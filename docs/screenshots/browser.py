"""Headless Chromium by its DevTools protocol: open a page, wait for a text, take a picture."""

import base64
import itertools
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from websockets.sync.client import connect
from websockets.sync.connection import Connection

WIDTH_PX = 1_280
_TIMEOUT_S = 30.0
_LOOK_EVERY_S = 0.1
# Fonts and charts of a page come after its text.
_SETTLED_AFTER_S = 1.0
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)


class Page:
    """One page of a browser."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)

    def open(self, url: str, text: str, height_px: int = 800, width_px: int = WIDTH_PX) -> None:
        """Opens an address and waits until a text is on the page.

        Raises:
            TimeoutError: the text did not appear.
        """
        size = {"width": width_px, "height": height_px, "deviceScaleFactor": 1, "mobile": False}
        self._do("Emulation.setDeviceMetricsOverride", **size)
        self._do("Page.navigate", url=url)
        self.wait_for(text)

    def wait_for(self, text: str) -> None:
        """Waits until a text is on the page, whatever its case.

        Raises:
            TimeoutError: it did not appear.
        """
        wanted = json.dumps(text.lower())
        self._until(f"document.body.innerText.toLowerCase().includes({wanted})", text)

    def click(self, text: str) -> None:
        """Clicks the tab, button or link that says just this.

        Raises:
            TimeoutError: there is none.
        """
        found = (
            "[...document.querySelectorAll('li, a, button')]"
            f".find(each => each.innerText.trim() === {json.dumps(text)})"
        )
        self._until(f"Boolean({found})", text)
        self._value(f"{found}.click()")

    def type(self, text: str) -> None:
        """Types into the first field of the page."""
        self._until("Boolean(document.querySelector('input'))", "input")
        self._value("document.querySelector('input').focus()")
        self._do("Input.insertText", text=text)

    def scroll_to(self, heading: str) -> None:
        """Puts the first heading that says just this at the top.

        Raises:
            TimeoutError: there is none.
        """
        found = (
            "[...document.querySelectorAll('h1, h2, h3')]"
            f".find(each => each.innerText.trim() === {json.dumps(heading)})"
        )
        self._until(f"Boolean({found})", heading)
        self._value(f"{found}.scrollIntoView()")

    def picture(self) -> bytes:
        """The page as a PNG."""
        time.sleep(_SETTLED_AFTER_S)
        return base64.b64decode(self._do("Page.captureScreenshot", format="png")["data"])

    def _until(self, expression: str, what: str) -> None:
        deadline = time.monotonic() + _TIMEOUT_S
        while self._value(expression) is not True:
            if time.monotonic() > deadline:
                raise TimeoutError(f"not on the page after {_TIMEOUT_S:.0f} s: {what!r}")
            time.sleep(_LOOK_EVERY_S)

    def _value(self, expression: str) -> Any:
        answer = self._do("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def _do(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._connection.recv(timeout=_TIMEOUT_S))
            if answer.get("id") == number:
                return dict(answer.get("result", {}))


@contextmanager
def browser(chromium: str) -> Iterator[Page]:
    """An empty page of a browser that is ended afterwards.

    Args:
        chromium: the program.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [chromium, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
        # Its own complaints, about fonts and the like, are of no use here.
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
        try:
            with connect(_address(Path(profile)), max_size=None) as connection:
                yield Page(connection)
        finally:
            process.terminate()
            process.wait(timeout=_TIMEOUT_S)


def _address(profile: Path) -> str:
    announced = profile / "DevToolsActivePort"
    deadline = time.monotonic() + _TIMEOUT_S
    while not announced.exists() or not announced.read_text().strip():
        if time.monotonic() > deadline:
            raise TimeoutError("Chromium did not start")
        time.sleep(_LOOK_EVERY_S)
    port = announced.read_text().split()[0]
    pages = requests.get(f"http://127.0.0.1:{port}/json/list", timeout=_TIMEOUT_S).json()
    return str(next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page"))
