"""The programs that run the translation: node, Chromium and Firefox, each asked with JSON."""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from playwright.sync_api import sync_playwright
from websockets.sync.client import ClientConnection, connect

from tests.web.asked import Asked

ANSWERING = (Path(__file__).parent / "answering.js").read_text("utf-8")
LINES = """
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(answerAll(line) + "\\n");
});
"""
BATCH, BATCH_BYTES = 200, 4_000_000
SECONDS = 300


class Engine(Protocol):
    """A program that runs JavaScript."""

    def answer(self, batch: str) -> str:
        """Ask several things at once, as JSON."""
        ...


def answers(engine: Engine, asked: Iterable[Asked]) -> Iterator[Any]:
    """Ask many things, in parts that a program takes at once."""
    batch, size = list[str](), 0
    for each in asked:
        batch.append(json.dumps(each))
        size += len(batch[-1])
        if size > BATCH_BYTES or len(batch) >= BATCH:
            yield from json.loads(engine.answer(f"[{','.join(batch)}]"))
            batch, size = [], 0
    if batch:
        yield from json.loads(engine.answer(f"[{','.join(batch)}]"))


class Node:
    """Node, which reads a line and writes one."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def answer(self, batch: str) -> str:
        """Ask several things at once, as JSON."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(batch + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "node has ended"
        return line


@contextmanager
def node(program: Path, script: str, coverage: Path | None = None) -> Iterator[Node]:
    """Run node with a script that says what `Hanse` is.

    Args:
        program: where node is.
        script: the verifier.
        coverage: the folder into which it writes what it has run, when it ends.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "asked.js"
        file.write_text("\n".join((script, ANSWERING, LINES)), "utf-8")
        around = {} if coverage is None else {"NODE_V8_COVERAGE": str(coverage)}
        process = subprocess.Popen(
            [program, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=around
        )
        try:
            yield Node(process)
        finally:
            assert process.stdin is not None
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.wait(60)
            assert process.stdout is not None
            process.stdout.close()


class Chromium:
    """A page in Chromium."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def evaluate(self, script: str) -> Any:
        """Run a script, wait for what it promises, and give its value."""
        return self.page.evaluate(script)

    def answer(self, batch: str) -> str:
        """Ask several things at once, as JSON."""
        return str(self.page.evaluate("(batch) => answerAll(batch)", batch))

    def choose(self, button: str, file: Path) -> None:
        """Choose a file with a button."""
        self.page.set_input_files(button, file)


@contextmanager
def chromium(program: Path, page: Path) -> Iterator[Chromium]:
    """Open a page from the disk in Chromium, and make it answer."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            opened = browser.new_page()
            opened.set_default_timeout(SECONDS * 1_000)
            opened.goto(page.as_uri())
            opened.evaluate(ANSWERING)
            yield Chromium(opened)
        finally:
            browser.close()


class Firefox:
    """A page in Firefox, by WebDriver BiDi (w3.org/TR/webdriver-bidi)."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection, self._numbers = connection, count(1)
        self.command("session.new", capabilities={})
        self._context = self.command("browsingContext.getTree")["contexts"][0]["context"]

    def command(self, method: str, **parameters: Any) -> Any:
        """Give a command and wait for its result; what Firefox tells besides is passed over."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._connection.recv(timeout=SECONDS))
            if said.get("id") == number:
                assert said["type"] == "success", said
                return said["result"]

    def open(self, address: str) -> None:
        """Open a page, and wait until it stands."""
        self.command("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def evaluate(self, script: str) -> Any:
        """Run a script, wait for what it promises, and give its value: nothing, a text, a number or a truth."""
        found = self.command("script.evaluate", expression=script, target={"context": self._context}, awaitPromise=True)
        assert found["type"] == "success", found
        return found["result"].get("value")

    def answer(self, batch: str) -> str:
        """Ask several things at once, as JSON."""
        return str(self.evaluate(f"answerAll({json.dumps(batch)})"))

    def choose(self, button: str, file: Path) -> None:
        """Choose a file with a button."""
        script, target = f"document.querySelector({json.dumps(button)})", {"context": self._context}
        found = self.command("script.evaluate", expression=script, target=target, awaitPromise=False)["result"]
        element = {"sharedId": found["sharedId"]}
        self.command("input.setFiles", context=self._context, element=element, files=[str(file)])


@contextmanager
def firefox(program: Path, page: Path) -> Iterator[Firefox]:
    """Open a page from the disk in Firefox, and make it answer."""
    with TemporaryDirectory() as profile:
        words = [str(program), "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            assert process.stderr is not None
            address = next(filter(None, map(_LISTENS.search, process.stderr)))[1]
            with connect(f"{address}/session", max_size=None, ping_interval=None) as connection:
                opened = Firefox(connection)
                opened.open(page.as_uri())
                opened.evaluate(ANSWERING)
                yield opened
        finally:
            process.terminate()
            process.wait(60)
            assert process.stderr is not None
            process.stderr.close()


_LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
