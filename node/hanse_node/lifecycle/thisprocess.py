"""This process, made fit for a node: whose its files are, what it verifies with, how its threads take turns."""

import gc
import sys

from hanse_node.base.bounds import OPEN_FILES
from hanse_node.base.private import keep_to_itself
from hanse_node.lifecycle.soundness import verify_signature_library

SWITCH_SECONDS = 0.001
"""How long a thread may keep the interpreter from others. Each statement of the one that commits lets go of it, and at
the default of 5 ms it would wait that long, many times a block, for those that read and answer."""


COLLECT_AFTER = (20_000, 10, 50)
"""Objects made and not yet gone before the youngest are looked through for cycles, and rounds of that before the older
are: what a record makes goes without one. At Python's own (700, 10, 10) looking took a twentieth of the node's time."""


def prepare_process() -> None:
    """Make this process fit for a node. Raises CannotStart."""
    keep_to_itself()
    verify_signature_library()
    _allow_open_files()
    sys.setswitchinterval(SWITCH_SECONDS)
    _tidy_seldom()


def _tidy_seldom() -> None:
    """Have Python look for cycles less often, and never again in what is loaded already."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _allow_open_files() -> None:
    """Ask the system for as many open files as the node may need, as far as it gives them."""
    try:
        import resource  # noqa: PLC0415 (Unix has it alone)
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
