"""The rule engine as its caller sees it: a process that is started when it is needed, bounded, and replaced."""

import atexit
import os
import subprocess
import sys
import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from msgspec import DecodeError, msgpack

from hanse_documents.rules.ruleworker import STOPPED, Done, Task, receive, send
from hanse_documents.syntax.attachments import Attached

SECONDS = 60.0
"""So long may a document take; then the process is killed. The largest that are read take half of it."""

DOCUMENTS = 1_000
"""After so many documents the process is replaced: native memory is given back with it."""

_PROGRAM = "from hanse_documents.rules.ruleworker import main; main()"


class EngineUnavailable(Exception):
    """No rules have run: the engine is not installed, died, or took too long. It says nothing of the document."""


class EngineRefused(Exception):
    """The engine took the document and its rules failed on it: by their own standard it is not valid."""


class RuleEngine:
    """One process that runs documents through rule sets, one after another; threads take turns."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner, self._served = 0, 0
        self._prepared: set[Path] = set()

    def prepare(self, sheet: Path) -> None:
        """Let the process compile a rule set while its caller does something else; of one process each set once."""
        if sheet in self._prepared or find_spec("saxonche") is None:
            return  # where it is not installed, whoever runs a document is told
        with self._lock:
            try:
                questions, _ = _pipes(self._running())
                send(questions, Task(sheet=str(sheet)))
                self._prepared.add(sheet)
            except OSError:
                self._end()  # likewise

    def run(self, sheet: Path, text: str) -> str:
        """Run a document, which our own reader has parsed and written, through a rule set, and give the SVRL.

        Raises:
            EngineUnavailable: nobody has judged it.
            EngineRefused: the rules failed on it.
        """
        if find_spec("saxonche") is None:
            raise EngineUnavailable("saxonche is not installed: install hanse with its extra `documents`")
        done = self._done(Task(sheet=str(sheet), text=text))
        if done.error:
            raise EngineRefused(done.error)
        return done.svrl

    def unpack(self, pdf: bytes) -> Attached:
        """Take the invoices out of a PDF. Raises EngineUnavailable."""
        done = self._done(Task(pdf=pdf))
        assert done.attached is not None, "what is asked for is answered"
        return done.attached

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _done(self, task: Task) -> Done:
        """Ask for a task, and take no answer from a process that was not able to give one."""
        with self._lock:
            done = self._ask(task)
            if done.error.startswith(STOPPED):
                self._end()
                raise EngineUnavailable(f"the rule engine {done.error}")
        return done

    def _ask(self, task: Task) -> Done:
        if self._served >= DOCUMENTS:
            self._end()
        try:
            process = self._running()
            questions, answers = _pipes(process)
            late = threading.Timer(self._seconds, process.kill)
            late.start()
            try:
                send(questions, task)
                body = receive(answers)
            finally:
                late.cancel()
            self._served += 1
            return msgpack.decode(body, type=Done)
        except (OSError, DecodeError) as error:
            self._end()
            why = f"did not end within {self._seconds:g} s, or its process died"
            raise EngineUnavailable(f"the rule engine {why}") from error
        except BaseException:
            self._end()  # its answer still comes, and would be taken for that to the next document
            raise

    def _running(self) -> subprocess.Popen[bytes]:
        """Give the process, started anew where it is none, has ended, or is a parent's."""
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return self._process
        if self._process is not None and self._owner == os.getpid():
            self._end()
        # -P: no module is taken from the folder in which somebody happens to stand.
        command = [sys.executable, "-P", "-c", _PROGRAM]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing)  # noqa: S603 (our own)
        self._owner, self._served = os.getpid(), 0
        self._prepared.clear()
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue  # what stood in the pipe has no reader any more


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None, "it is a pipe"
    assert process.stdout is not None, "it is a pipe"
    return process.stdin, process.stdout


@cache
def shared_engine() -> RuleEngine:
    """Give the engine that all checks of this process share; it ends with the process."""
    engine = RuleEngine()
    atexit.register(engine.close)
    return engine
