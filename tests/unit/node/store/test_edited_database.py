"""A host that edits its own node's database, knowing how it is written: the SDK or an audit says what is false."""

import re
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from hanse_client.base.errors import HanseError
from hanse_client.base.identifiers import Id
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.objects import decode_object, encode_object, object_value
from hanse_ledger.trees.object_tree import object_leaf
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import NodeFolder, open_folder
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.store.databases.sqlite import driver
from tests.world.node_ledger import fixed_clock
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import World
from tests.world.typed.desk import make_node_here, node_here

CLOCK = fixed_clock()
Edit = Callable[[driver.Connection], None]


def _invoices(database: driver.Connection) -> list[tuple[int, Invoice]]:
    rows = [(number, decode_object(data)) for number, data in database.execute("SELECT number, data FROM object")]
    return [(number, value) for number, value in rows if isinstance(value, Invoice)]


def current_value(database: driver.Connection) -> None:
    """Make the last invoice one that nobody accepted, and leave its hash."""
    number, value = _invoices(database)[-1]
    database.execute("UPDATE object SET data = ? WHERE number = ?", (encode_object(_unaccepted(value)), number))


def value_under_a_proof(database: driver.Connection) -> None:
    """The same, with the hash that belongs to it: what proofs are made of agrees with itself."""
    number, value = _invoices(database)[-1]
    _put(database, number, _unaccepted(value))


def newest_change(database: driver.Connection) -> None:
    """The same, with the count and head of its history, and the row of its last record taken away."""
    number, value = _invoices(database)[-1]
    earlier = _invoices(database)[0][1].history
    assert earlier.count == 1
    _put(database, number, replace(_unaccepted(value), history=replace(value.history, count=1)))
    database.execute("DELETE FROM history WHERE object = ? AND sequence = 1", (number,))


def entry_of_the_log(database: driver.Connection) -> None:
    """Put an earlier record's bytes, and their hash, in the place of the last record's."""
    rows = database.execute("SELECT position, data, leaf FROM entry ORDER BY position").fetchall()
    database.execute("UPDATE entry SET data = ?, leaf = ? WHERE position = ?", (rows[-3][1], rows[-3][2], rows[-2][0]))


def index(database: driver.Connection) -> None:
    """Say that the last invoice was created by nothing."""
    number, _ = _invoices(database)[-1]
    database.execute("DELETE FROM history WHERE object = ? AND sequence = 0", (number,))


def _unaccepted(value: Invoice) -> Invoice:
    fresh = replace(value, acceptance=None)
    assert fresh != value
    return fresh


def _put(database: driver.Connection, number: int, value: Invoice) -> None:
    leaf = object_leaf(value.id, object_value(value))
    database.execute("UPDATE object SET data = ?, leaf = ? WHERE number = ?", (encode_object(value), leaf, number))


class Pattern(NamedTuple):
    """A world, the invoice that its buyer accepted, and a node's folder that holds both, at rest."""

    world: World
    invoice: Id
    node: Path


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Pattern:
    """Have two invoices issued, and the second accepted."""
    folder = tmp_path_factory.mktemp("pattern")
    corridor = NodeCorridor()
    node = make_node_here(folder / "node", corridor)
    with node_here(node) as url:
        world = World(url, corridor, folder / "home")
        world.issue()
        invoice = world.issue()
        with world.client("buyer") as buyer:
            buyer.submit(world.acceptance(invoice.object_id))
    return Pattern(world, invoice.object_id, node)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "trees", "words"),
    [
        (current_value, "kept", "object 3: what is stored is not what the entries lead to"),
        (value_under_a_proof, "kept", "object 3: what is stored is not what the entries lead to"),
        (value_under_a_proof, "lost", "the object tree has another root than the head's"),
        (newest_change, "kept", "object 3: what is stored is not what the entries lead to"),
        (entry_of_the_log, "kept", r"entry \d+: position \d+ stands there"),
        (index, "kept", r"history \(3, 0\): it is missing"),
    ],
)
def test_an_edit_is_named(pattern: Pattern, tmp_path: Path, edit: Edit, trees: str, words: str) -> None:
    """The SDK never shows what was put there; the node's start, or an audit, says in words where it stands."""
    folder = tmp_path / "node"
    shutil.copytree(pattern.node, folder)
    if trees == "lost":
        (folder / "trees").unlink()
    with open_folder(folder, {}) as opened, closing(driver.connect(str(opened.database.database))) as database:
        edit(database)
        database.commit()
    client = pattern.world.client
    with suppress(CannotStart, HanseError), node_here(folder) as url, client("buyer", url, tmp_path / "home") as buyer:
        assert buyer.invoices.show(pattern.invoice).state == "accepted"
        listed = [record.kind for record in buyer.records(pattern.invoice)]
        assert listed == ["invoice.accept", "invoice.issue"]
    with open_folder(folder, {}) as opened:
        assert re.search(words, audited(opened))


def audited(folder: NodeFolder) -> str:
    """Say what the node's start, or an audit of what it starts with, finds."""
    try:
        store, _ = start_ledger(folder, CLOCK)
    except CannotStart as error:
        return str(error)
    try:
        return audit(store).difference or "nothing"
    finally:
        store.close()
