"""The process of the rule engine: it compiles rule sets, and runs each document through the one that it is asked for.

SaxonC is native code with a reader of its own that opens files and addresses which a document names. So it runs apart,
within bounds of memory, and gets text that our own reader has parsed and written: no such name is left in it. PDFs are
unpacked here as well, within the same bounds.
"""

import os
import sys
from importlib import import_module
from typing import IO, Any

from msgspec import Struct, msgpack

from hanse_documents.syntax.attachments import Attached, invoices_in

BOUND = 1024 * 1024 * 1024
"""So many bytes may the process write to; a document of twenty megabytes takes half of it."""

LENGTH_BYTES = 4
"""Each message on the pipes begins with its length, in so many bytes."""


STOPPED = "stopped"
"""An answer that begins so says nothing of the document: the process was not able to look at it."""


class Task(Struct, frozen=True, array_like=True):
    """A document for a rule set, the path of its compiled Schematron; without a text it is compiled, unanswered.

    Or a `pdf`, whose attached invoices are asked for.
    """

    sheet: str = ""
    text: str = ""
    pdf: bytes = b""


class Done(Struct, frozen=True, array_like=True):
    """What came of a task: a report in SVRL, or what a PDF carries, or why there is none."""

    svrl: str = ""
    error: str = ""
    attached: Attached | None = None


def send(stream: IO[bytes], message: Task | Done) -> None:
    """Write one message."""
    body = msgpack.encode(message)
    stream.write(len(body).to_bytes(LENGTH_BYTES, "big") + body)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """Read one message; nothing where the stream has ended."""
    length = int.from_bytes(stream.read(LENGTH_BYTES), "big")
    body = stream.read(length) if length else b""
    return body if len(body) == length else b""


def main() -> None:
    """Serve until the pipe closes."""
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what native code prints is no answer
    _bound_memory()
    engine = _Engine()
    while body := receive(questions):
        task = msgpack.decode(body, type=Task)
        done = _unpacked(task.pdf) if task.pdf else engine.run(task)
        if task.text or task.pdf:
            send(answers, done)


def _unpacked(pdf: bytes) -> Done:
    try:
        return Done(attached=invoices_in(pdf))
    except (ModuleNotFoundError, MemoryError) as error:
        return Done(error=f"{STOPPED}: {type(error).__name__}: {error}")


def _bound_memory() -> None:
    """Bound what the process may write to. Its address space cannot be: SaxonC reserves far more than it ever uses."""
    try:
        import resource  # noqa: PLC0415 (not every system has it)
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (BOUND, BOUND))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class _Engine:
    """SaxonC, and the rule sets that it has compiled."""

    def __init__(self) -> None:
        self._saxon: Any = None
        self._compiled: dict[str, Any] = {}

    def run(self, task: Task) -> Done:
        """Run a document through a rule set. What the engine raises is told: such a document is not valid."""
        try:
            self._start()
        except (ImportError, RuntimeError, MemoryError) as error:
            return Done(error=f"{STOPPED}: {error}")
        try:
            self._compile(task.sheet)
        except Exception as error:  # noqa: BLE001 (the boundary to native code: any error of it is the answer)
            return Done(error=f"{STOPPED}: the rule set does not compile: {type(error).__name__}: {error}"[:500])
        if not task.text:
            return Done()
        try:
            node = self._saxon.parse_xml(xml_text=task.text)
            report = self._compiled[task.sheet].transform_to_string(xdm_node=node)
        except MemoryError as error:
            return Done(error=f"{STOPPED}: MemoryError {error}")
        except Exception as error:  # noqa: BLE001 (the boundary to native code: any error of it is the answer)
            return Done(error=f"{type(error).__name__}: {error}"[:500])
        return Done(svrl=report) if report else Done(error="the rule set gave no report")

    def _compile(self, sheet: str) -> None:
        if sheet not in self._compiled:
            compiler = self._saxon.new_xslt30_processor()
            self._compiled[sheet] = compiler.compile_stylesheet(stylesheet_file=sheet)

    def _start(self) -> None:
        if self._saxon is None:
            self._saxon = import_module("saxonche").PySaxonProcessor(license=False)
