"""Tessera's fsck reads a log of three levels of tiles, while it is being written to, and sees a single flipped byte."""

import threading
from hashlib import sha256
from pathlib import Path

import pytest

from hanse_ledger.values.hashing import hash_leaf
from hanse_node.store.databases.sqlite import driver
from tests.system.node.test_log_tools import fetch
from tests.system.stage.outside import check
from tests.system.stage.present import Present
from tests.system.stage.processes import NodeProcess, running_node

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

ENTRIES = 70_000
CHANGED = 40_000
"""An entry that no start reads again, and that lies in a full tile."""


@pytest.fixture(scope="module")
def present() -> Present:
    """Give a ledger that begins now."""
    return Present()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, present: Present) -> Path:
    """Give the folder of a node with more than 70,000 entries, each of them signed, verified and committed."""
    path = tmp_path_factory.mktemp("large") / "node"
    present.fill(path, ENTRIES)
    return path


@pytest.fixture
def vkey(tmp_path: Path) -> Path:
    """Give the file into which a test writes the log's key."""
    return tmp_path / "vkey"


def write_on(node: NodeProcess, present: Present, enough: threading.Event, written: list[int]) -> None:
    """Send records, a few at a time, until it is enough."""
    while not enough.is_set():
        answer = node.submit(*present.invoices(10))
        assert {each["outcome"] for each in answer["results"]} == {"created"}
        written.append(answer["size"])


def test_fsck_accepts_a_log_that_is_being_written(folder: Path, present: Present, fsck: Path, vkey: Path) -> None:
    """Every tile and entry under the checkpoint that fsck fetched is right, though the log grows meanwhile."""
    enough, written = threading.Event(), list[int]()
    with running_node(folder) as node:
        vkey.write_text(fetch(node, "vkey").text)
        writer = threading.Thread(target=write_on, args=(node, present, enough, written))
        writer.start()
        try:
            while not written:
                assert writer.is_alive()
            begun = len(written)
            said = check(fsck, node.url, vkey)
        finally:
            enough.set()
            writer.join()
        node.stop()
    assert "Successfully fsck'd log" in said, said[-2_000:]
    assert len(written) > begun + 10
    assert written[0] > ENTRIES


def change_entry(folder: Path, *, fitting: bool) -> None:
    """Flip a bit of a stored entry; `fitting` changes also what the node would notice it by."""
    database = driver.connect(folder / "ledger.db")
    (data,) = database.execute("SELECT data FROM entry WHERE position = ?", (CHANGED,)).fetchone()
    middle = len(data) // 2
    changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    database.execute("UPDATE entry SET data = ? WHERE position = ?", (changed, CHANGED))
    if fitting:
        database.execute("UPDATE entry SET leaf = ? WHERE position = ?", (hash_leaf(changed), CHANGED))
    database.commit()
    database.close()


def change_tile(folder: Path) -> None:
    """Flip a bit of a stored tile, with its checksum made to fit."""
    database = driver.connect(folder / "ledger.db")
    place = (0, CHANGED // 256)
    (hashes,) = database.execute('SELECT hashes FROM tile WHERE level = ? AND "index" = ?', place).fetchone()
    changed = hashes[:100] + bytes([hashes[100] ^ 1]) + hashes[101:]
    values = (changed, sha256(changed).digest(), *place)
    database.execute('UPDATE tile SET hashes = ?, checksum = ? WHERE level = ? AND "index" = ?', values)
    database.commit()
    database.close()


@pytest.mark.parametrize(
    "how", ["an entry, as a disk would", "an entry, as its owner would", "a tile, as its owner would"]
)
def test_fsck_refuses_a_flipped_byte(folder: Path, fsck: Path, vkey: Path, how: str) -> None:
    """A node gives nobody what its disk has changed; what its owner has changed, and made to fit, the tool sees."""
    kept = (folder / "ledger.db").read_bytes()
    try:
        if how.startswith("a tile"):
            change_tile(folder)
        else:
            change_entry(folder, fitting="owner" in how)
        with running_node(folder) as node:
            vkey.write_text(fetch(node, "vkey").text)
            said = check(fsck, node.url, vkey)
            node.stop()
    finally:
        (folder / "ledger.db").write_bytes(kept)
    assert "Successfully fsck'd log" not in said, said[-2_000:]
    wanted = "error while streaming bundles" if "disk" in how else "log has:"
    assert wanted in said, said[-2_000:]
