"""The node's log: one JSON object a line on stderr. Never content, never keys.

What a request carries is not logged: routes stand as templates, and of an error its kind and its place in the code.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from typing import TextIO

from hanse_ledger.values.patterns import escaped
from hanse_node.base.errors import NodeError

REQUEST: ContextVar[str] = ContextVar("hanse_request", default="")
"""The id of the request that is being answered; empty outside of one."""

_ROOTS = ("hanse_node", "uvicorn")
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class JsonLines(logging.Formatter):
    """Writes a log record as one line of JSON; the logging module asks for a subclass."""

    def format(self, record: logging.LogRecord) -> str:
        """Write time, level, logger, message and request id, then what was given as `extra`."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := REQUEST.get():
            line["request_id"] = request
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            line |= describe(record.exc_info[1])
        # An engine's words, and an error's about another node, may be anything: they must not act on a terminal.
        return escaped(_encode(line))


def describe(error: BaseException) -> dict[str, object]:
    """Say what an error is and where it rose; its own words only where they are the node's, which hold no content."""
    fields: dict[str, object] = {
        "error": type(error).__name__,
        "where": [
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)
        ],
    }
    if isinstance(error, NodeError):
        fields["detail"] = str(error)
    if error.__cause__ is not None:
        fields["cause"] = describe(error.__cause__)
    return fields


@contextmanager
def log_lines(stream: TextIO | None = None) -> Iterator[None]:
    """Send what the node and its HTTP server log to a stream, stderr unless another is given, for a while."""
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in _ROOTS]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
