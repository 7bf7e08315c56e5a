"""Browsers that tests look through: Debian's Chromium by Playwright, Firefox by WebDriver BiDi; neither is fetched."""

import itertools
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser as PlaywrightBrowser
from playwright.sync_api import Page, sync_playwright
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

CHROMIUM = "/usr/bin/chromium"
FIREFOX = "firefox-esr"
PATIENCE_S = 60
MESSAGE_BYTES = 256 * 1024 * 1024
"""A screenshot of a long page is one message."""


class Window(Protocol):
    """A window of a browser, without a past. `requests` are the addresses that it asked for, in order."""

    requests: list[str]

    def open(self, address: str, *, before: str = "") -> None:
        """Open an address, and wait until it is loaded; `before` runs in it before any script of its own."""

    def run(self, function: str, *arguments: Any) -> Any:
        """Call a function of JavaScript in the page; what it promises is waited for. Values go as JSON."""

    def choose(self, selector: str, *files: Path) -> None:
        """Choose files in a file input."""

    def press(self, *keys: str) -> None:
        """Press and release keys in turn, named as the DOM names them: `Tab`, `Enter`, `a`."""

    def resize(self, width: int, height: int) -> None:
        """Give the page so many CSS pixels."""

    def close(self) -> None:
        """Close it."""


class Browser(Protocol):
    """A browser that runs."""

    name: str

    def window(self) -> Window:
        """Open a new window, without anything that another has kept."""


class ChromiumWindow:
    """A window of Chromium; `page` is Playwright's."""

    def __init__(self, browser: PlaywrightBrowser) -> None:
        self._context = browser.new_context(service_workers="allow")
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE_S * 1000)
        self.requests: list[str] = []
        self._context.on("request", lambda request: self.requests.append(request.url))

    def open(self, address: str, *, before: str = "") -> None:
        """Open an address, and wait until it is loaded; `before` runs in it before any script of its own."""
        if before:
            self.page.add_init_script(before)
        self.page.goto(address)

    def run(self, function: str, *arguments: Any) -> Any:
        """Call a function of JavaScript in the page; what it promises is waited for. Values go as JSON."""
        return self.page.evaluate(f"async (given) => await ({function})(...given)", list(arguments))

    def choose(self, selector: str, *files: Path) -> None:
        """Choose files in a file input."""
        self.page.set_input_files(selector, list(files))

    def press(self, *keys: str) -> None:
        """Press and release keys in turn, named as the DOM names them: `Tab`, `Shift+Tab`, `a`."""
        for key in keys:
            self.page.keyboard.press(key)

    def resize(self, width: int, height: int) -> None:
        """Give the page so many CSS pixels."""
        self.page.set_viewport_size({"width": width, "height": height})

    def close(self) -> None:
        """Close it."""
        self._context.close()


class ChromiumBrowser:
    """Debian's Chromium."""

    name = "chromium"

    def __init__(self, browser: PlaywrightBrowser) -> None:
        self._browser = browser

    def window(self) -> ChromiumWindow:
        """Open a new window, without anything that another has kept."""
        return ChromiumWindow(self._browser)

    @contextmanager
    def another(self, *arguments: str) -> Iterator["ChromiumBrowser"]:
        """Start one more, with arguments of its own, and end it afterwards."""
        browser = self._browser.browser_type.launch(executable_path=CHROMIUM, args=["--no-sandbox", *arguments])
        try:
            yield ChromiumBrowser(browser)
        finally:
            browser.close()


@contextmanager
def chromium(*arguments: str) -> Iterator[ChromiumBrowser]:
    """Start Chromium, and end it afterwards. `--no-sandbox`, because tests also run as root in containers."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *arguments])
        try:
            yield ChromiumBrowser(browser)
        finally:
            browser.close()


KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Shift": "\ue008", "Escape": "\ue00c", "ArrowDown": "\ue015", " ": " "}
"""What BiDi calls keys that write nothing."""


class Bidi:
    """A connection that speaks WebDriver BiDi: a command, and what happens until its answer."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection, self._ids = connection, itertools.count(1)
        self.requests: dict[str, list[str]] = {}

    def ask(self, method: str, **params: Any) -> Any:
        """Send a command and wait for its answer. Raises AssertionError with the browser's words."""
        number = next(self._ids)
        self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            heard = json.loads(self._connection.recv(timeout=PATIENCE_S))
            if heard.get("method") == "network.beforeRequestSent":
                asked = heard["params"]
                self.requests.setdefault(asked["context"], []).append(asked["request"]["url"])
            if heard.get("id") == number:
                assert heard["type"] == "success", f"{method}: {heard.get('error')}: {heard.get('message')}"
                return heard["result"]


class FirefoxWindow:
    """A tab of Firefox, in a container of its own."""

    def __init__(self, bidi: Bidi) -> None:
        self.bidi = bidi
        self._container = bidi.ask("browser.createUserContext")["userContext"]
        self.context: str = bidi.ask("browsingContext.create", type="tab", userContext=self._container)["context"]
        self.requests: list[str] = bidi.requests.setdefault(self.context, [])

    def open(self, address: str, *, before: str = "") -> None:
        """Open an address, and wait until it is loaded; `before` runs in it before any script of its own."""
        if before:
            self.bidi.ask(
                "script.addPreloadScript", functionDeclaration=f"() => {{ {before} }}", contexts=[self.context]
            )
        self.bidi.ask("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def run(self, function: str, *arguments: Any) -> Any:
        """Call a function of JavaScript in the page; what it promises is waited for. Values go as JSON."""
        answer = self.bidi.ask(
            "script.callFunction",
            functionDeclaration=(
                f"async (given) => JSON.stringify((await ({function})(...JSON.parse(given))) ?? null)"
            ),
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            awaitPromise=True,
            target={"context": self.context},
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def choose(self, selector: str, *files: Path) -> None:
        """Choose files in a file input."""
        found = self.bidi.ask(
            "browsingContext.locateNodes", context=self.context, locator={"type": "css", "value": selector}
        )["nodes"]
        assert len(found) == 1, f"{len(found)} elements are {selector}"
        self.bidi.ask(
            "input.setFiles",
            context=self.context,
            element={"sharedId": found[0]["sharedId"]},
            files=[str(file) for file in files],
        )

    def press(self, *keys: str) -> None:
        """Press and release keys in turn, named as the DOM names them: `Tab`, `Shift+Tab`, `a`."""
        for key in keys:
            held, _, last = key.rpartition("+")
            codes = [KEYS.get(name, name) for name in (*filter(None, held.split("+")), last)]
            acts = [{"type": "keyDown", "value": code} for code in codes]
            acts += [{"type": "keyUp", "value": code} for code in reversed(codes)]
            self.bidi.ask(
                "input.performActions",
                context=self.context,
                actions=[{"type": "key", "id": "keys", "actions": acts}],
            )

    def resize(self, width: int, height: int) -> None:
        """Give the page so many CSS pixels."""
        self.bidi.ask("browsingContext.setViewport", context=self.context, viewport={"width": width, "height": height})

    def close(self) -> None:
        """Close it."""
        self.bidi.ask("browser.removeUserContext", userContext=self._container)


class FirefoxBrowser:
    """Debian's Firefox."""

    name = "firefox"

    def __init__(self, bidi: Bidi) -> None:
        self._bidi = bidi

    def window(self) -> FirefoxWindow:
        """Open a new window, without anything that another has kept."""
        return FirefoxWindow(self._bidi)


@contextmanager
def firefox(profile: Path) -> Iterator[FirefoxBrowser]:
    """Start Firefox with an empty profile, and end it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    binary = shutil.which(FIREFOX)
    assert binary is not None, f"{FIREFOX} is not installed"
    command = [binary, "--headless", "--no-remote", "--profile", str(profile), f"--remote-debugging-port={port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with _connected(f"ws://127.0.0.1:{port}/session") as connection:
                bidi = Bidi(connection)
                bidi.ask("session.new", capabilities={})
                bidi.ask("session.subscribe", events=["network.beforeRequestSent"])
                yield FirefoxBrowser(bidi)
                with suppress(WebSocketException, AssertionError):  # it may be gone before it has answered
                    bidi.ask("browser.close")
        finally:
            process.terminate()


def _connected(address: str) -> ClientConnection:
    """Connect as soon as somebody listens."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return connect(address, max_size=MESSAGE_BYTES)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
