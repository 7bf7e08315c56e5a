"""Where a running node answers: noted in its folder, because `--host` and `--port` may say otherwise than its settings.

`python -m hanse_node.whereabouts FOLDER` asks there whether the process lives, in the clear or over TLS as it listens,
and ends with 0 if it does: for whoever watches it on the same machine, such as a container's health check.
"""

import logging
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hanse_io.durable import SECRET_MODE, read_bounded, replace_durably
from hanse_io.outgoing import Answer, OutgoingError, ask_and_wait

log = logging.getLogger(__name__)

ADDRESS = "address"
ADDRESS_BYTES = 1_024
ANSWER_BYTES = 64 * 1024
LIVE_SECONDS = 4.0

_ALL = {"//0.0.0.0:": "//127.0.0.1:", "//[::]:": "//[::1]:"}
"""Who listens on all addresses is asked on loopback."""


@contextmanager
def noted(folder: Path, url: str) -> Iterator[None]:
    """Have it noted where the node of a folder answers, until the block ends. Where it cannot be, the log says so."""
    try:
        note_address(folder, url)
    except OSError as error:
        log.warning("it cannot be noted where this node answers", extra={"error": error.strerror})
        yield
        return
    try:
        yield
    finally:
        forget_address(folder)


def note_address(folder: Path, url: str) -> None:
    """Note where the node of a folder answers. Raises OSError."""
    replace_durably(folder / ADDRESS, url.encode(), SECRET_MODE)


def forget_address(folder: Path) -> None:
    """Forget it, as the node ends. Raises OSError."""
    (folder / ADDRESS).unlink(missing_ok=True)


def noted_address(folder: Path) -> str | None:
    """Give what was noted, if the node of a folder runs or was ended by force. Raises OSError."""
    try:
        return read_bounded(folder / ADDRESS, ADDRESS_BYTES).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None


def ask_here(url: str, path: str, seconds: float) -> Answer:
    """Ask a node on this machine; that its certificate is good is not asked here. Raises OutgoingError."""
    for everywhere, loopback in _ALL.items():
        url = url.replace(everywhere, loopback)
    return ask_and_wait(url, path, most=ANSWER_BYTES, seconds=seconds, context=_anybody())


def _anybody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def main(folder: Path) -> int:
    """Say whether the node of a folder lives: 0, or 1."""
    try:
        url = noted_address(folder)
        return 0 if url is not None and ask_here(url, "/livez", LIVE_SECONDS).ok else 1
    except (OSError, OutgoingError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
