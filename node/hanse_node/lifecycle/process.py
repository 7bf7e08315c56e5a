"""This process, made fit for a node: whose its files are, what it verifies with, how its threads take turns."""

import sys

from hanse_node.base.bounds import OPEN_FILES
from hanse_node.base.private import keep_to_itself
from hanse_node.lifecycle.soundness import verify_signature_library

SWITCH_SECONDS = 0.001
"""How long a thread may keep the interpreter from others. Each statement of the one that commits lets go of it, and at
the default of 5 ms it would wait that long, many times a group, for those that read and answer."""


def prepare_process() -> None:
    """Make this process fit for a node. Raises CannotStart."""
    keep_to_itself()
    verify_signature_library()
    _allow_open_files()
    sys.setswitchinterval(SWITCH_SECONDS)


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
