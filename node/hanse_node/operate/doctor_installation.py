"""Looking at what a node runs on: the interpreter, the system's bounds, the libraries that must be sound."""

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

from hanse_ledger.values.signature_cases import signature_cases
from hanse_node.base.bounds import OPEN_FILES
from hanse_node.lifecycle.soundness import verify_signature_library
from hanse_node.operate.diagnosis import KIB, Diagnosis, Findings, good, warn
from hanse_node.store.databases.sqlite import verify_sqlite

SLOW_FLUSH_SECONDS = 0.05


def measure_flush(folder: Path) -> Diagnosis:
    """Measure how long it takes until a few bytes are on a folder's disk: each commit takes about twice that."""
    path = folder / "doctor.probe"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, bytes(KIB))
            begun = time.perf_counter()
            os.fsync(handle)
            seconds = time.perf_counter() - begun
        finally:
            os.close(handle)
    finally:
        path.unlink(missing_ok=True)
    seen = f"{seconds * 1_000:.1f} ms until bytes are on the disk"
    if seconds > SLOW_FLUSH_SECONDS:
        return warn("flush", seen, "Put the folder on a faster local disk; never on a network file system")
    return good("flush", seen)


def _python() -> Findings:
    yield good("python", f"{platform.python_version()} on {platform.system()}")


def _open_files() -> Findings:
    try:
        import resource  # noqa: PLC0415 (Unix has it alone)
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < OPEN_FILES:
        fix = f"Allow {OPEN_FILES}: LimitNOFILE in the service's unit, or ulimit -Hn"
        yield warn("open files", f"the system allows {hard}", fix)
    else:
        yield good("open files", "as many as the node asks for")


def _sqlite() -> Findings:
    yield good("SQLite", f"{verify_sqlite()}: keeps what was committed")


def _signatures() -> Findings:
    verify_signature_library()
    yield good("signatures", f"{len(signature_cases())} edge cases are decided as the ledger's rule has them")


INSTALLATION: tuple[tuple[str, Callable[[], Findings]], ...] = (
    ("python", _python),
    ("open files", _open_files),
    ("SQLite", _sqlite),
    ("signatures", _signatures),
)
