"""What is wrong with a node's folder, as it is now."""

import os
from pathlib import Path

from hanse_client.base.clock import now_ms
from hanse_node.operate.diagnosis import Diagnosis
from hanse_node.operate.doctor import examine


def examine_folder(folder: Path) -> list[Diagnosis]:
    """Look at a folder in any state, under this process's own overrides of settings. Nothing is changed."""
    return examine(folder, os.environ, now_ms())
