"""Tools that nobody here wrote read the log: Go's signed notes, and Tessera's fsck."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from hanse_ledger.wire.codec import encode
from hanse_node.main import init_node
from tests.system.stage.outside import check
from tests.system.stage.present import Present
from tests.system.stage.processes import NodeProcess, running_node
from tests.world.node_ledger import COSIGN, LOG

pytestmark = pytest.mark.system

Completed = subprocess.CompletedProcess[str]

ISSUED = 600
TOOL_SECONDS = 100


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """Run a node whose log has full tiles on two levels and partial ones."""
    folder, present = tmp_path_factory.mktemp("log") / "node", Present()
    init_node(folder, encode(present.genesis), "market", log_seed=LOG, cosigning_seed=COSIGN)
    with running_node(folder) as running:
        running.submit(*present.parties)
        running.submit(*present.invoices(ISSUED))
        yield running


@pytest.fixture(scope="module")
def open_note(
    build_go: Callable[[str], Path],
) -> Callable[[str, bytes], Completed]:
    """Build the program around golang.org/x/mod/sumdb/note, and give a function that opens a note with it."""
    program = build_go("note")

    def run(key: str, note: bytes) -> Completed:
        return subprocess.run(
            [program, key], input=note.decode(), capture_output=True, text=True, check=False, timeout=TOOL_SECONDS
        )

    return run


def fetch(node: NodeProcess, path: str) -> httpx2.Response:
    """Read a path of the log."""
    answer = httpx2.get(f"{node.url}/log/{path}")
    assert answer.status_code == 200
    return answer


def test_sumdb_opens_the_checkpoint(node: NodeProcess, open_note: Callable[[str, bytes], Completed]) -> None:
    """Go's own library verifies the log's signature on the checkpoint, and passes over the cosignature."""
    key = fetch(node, "vkey").text.strip()
    note = fetch(node, "checkpoint").content
    opened = open_note(key, note)
    assert opened.returncode == 0, opened.stderr
    name, number, _ = key.split("+", 2)
    text = note.decode().partition("\n\n")[0]
    assert opened.stdout == f"verified {name}+{number}\nunverified 1\n{text}\n"


@pytest.mark.parametrize("place", ["size", "root"])
def test_sumdb_refuses_a_changed_checkpoint(
    node: NodeProcess, open_note: Callable[[str, bytes], Completed], place: str
) -> None:
    """The same library refuses a checkpoint of which the size or the root was changed."""
    origin, size, root, *rest = fetch(node, "checkpoint").text.split("\n")
    changed = (origin, f"{int(size) + 1}", root) if place == "size" else (origin, size, "A" * 43 + "=")
    opened = open_note(fetch(node, "vkey").text.strip(), "\n".join([*changed, *rest]).encode())
    assert opened.returncode == 1
    assert "invalid signature" in opened.stderr


def test_tessera_accepts_the_log(node: NodeProcess, fsck: Path, tmp_path: Path) -> None:
    """Tessera's fsck rebuilds every tile from the entries that the node serves, and finds the signed root."""
    key = tmp_path / "key"
    key.write_text(fetch(node, "vkey").text.strip())
    said = check(fsck, node.url, key)
    size = fetch(node, "checkpoint").text.split("\n")[1]
    assert f"Successfully fsck'd log with size {size}" in said, said


def test_tessera_can_refuse(node: NodeProcess, fsck: Path, tmp_path: Path) -> None:
    """Under another log's key the same run is no success, though it exits with 0 all the same."""
    name, _, rest = fetch(node, "vkey").text.strip().partition("+")
    key = tmp_path / "key"
    key.write_text(f"{name}x+{rest}")
    assert "Successfully fsck'd" not in check(fsck, node.url, key)
