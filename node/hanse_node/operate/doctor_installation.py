"""Looking at what a node runs on: the interpreter, the system's bounds, the libraries that must be sound."""

import platform
from collections.abc import Callable

from hanse_ledger.values.signature_cases import signature_cases
from hanse_node.base.bounds import OPEN_FILES
from hanse_node.lifecycle.soundness import verify_signature_library
from hanse_node.operate.findings import Findings, good, warn
from hanse_node.store.databases.sqlite import verify_sqlite


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
