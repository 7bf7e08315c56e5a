"""A folder in which somebody types `hanse`, as a user would, against a real node: each command a process of its own."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from hanse_cli.base.background import running_node
from tests.world.typed.desk import Desk, Ended


def start_process(folder: Path, environment: Mapping[str, str], words: Sequence[str]) -> Ended:
    """Run `hanse` as a process, without a terminal, to its end."""
    ended = subprocess.run(
        [sys.executable, "-m", "hanse_cli.main", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.strip(), ended.stderr.strip())


@contextmanager
def open_desk(folder: Path) -> Iterator[Desk]:
    """Give a corridor whose node runs, with a seller, a buyer and an issued invoice."""
    desk = Desk(folder, start_process)
    made = desk.run("node", "init", "--dir", "node", "--members", "members.toml", "--json").json
    shutil.copy(folder / "node" / "trust.json", folder / "trust.json")
    desk.ids["ledger"] = made["ledger"]
    with running_node(folder / "node", folder / "node.log") as node:
        desk.url = node.url
        desk.begin()
        yield desk
