"""Keeps what readers see whole: many readers at a time, or the one writer that moves the ledger on."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Gate:
    """A lock for many readers or one writer. A writer that waits lets no new reader in, so it does not wait long."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._readers = 0
        self._waiting = 0
        self._writing = False

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Pass as a reader. Never within another pass of the same thread: a writer between them would stop both."""
        with self._changed:
            self._changed.wait_for(lambda: not self._writing and not self._waiting)
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Pass as the writer, when the readers inside have left."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: not self._writing and not self._readers)
                self._writing = True
            finally:
                self._waiting -= 1
        try:
            yield
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()
