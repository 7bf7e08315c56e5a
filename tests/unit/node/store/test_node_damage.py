"""One flipped bit in any row of any table, or in the trees' file: found, or without effect; never a wrong answer."""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.trees.claims_map import verify_absence
from hanse_ledger.trees.merkle import verify_inclusion
from hanse_ledger.values import limits
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.verdict import Verdict
from hanse_node.access.caller import ITSELF
from hanse_node.access.quotas import QuotaKeeper
from hanse_node.base.config import Quotas
from hanse_node.base.errors import CannotStart, NodeError, StoreFailed
from hanse_node.base.folder import NodeFolder, open_folder
from hanse_node.base.metrics import Metrics
from hanse_node.base.receipts import Outcome
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.peers.evidences import Evidences, members_of
from hanse_node.queries.prove import From, View
from hanse_node.service import Service
from hanse_node.store.databases.sqlite import driver
from hanse_node.store.index import TABLES
from hanse_node.store.sql import SqlLedgerStore
from tests.world.node_ledger import (
    DEFAULTS,
    GENESIS,
    HOUR,
    OFFICE,
    PARTIES,
    START,
    commit,
    enrol,
    fixed_clock,
    invoice,
    key_of,
    make_folder,
    of_everything,
    party,
    public,
)

CLOCK = fixed_clock()
TRUST = read_trust(write_trust(GENESIS))
ISSUED = 40
PATIENCE_S = 30

COLUMNS = [
    (table.name, column.name)
    for table in TABLES.sorted_tables
    for column in table.columns
    # The embedded engine has none of these, and no entry says the others.
    if table.name not in ("block", "publication", "read_row", "webhook", "webhook_delivery")
]
SOUGHT = {("record", "key")}
"""Keys under which something is sought: what stands under a damaged one is not found, and the audit alone says why."""

UNREAD = {("checkpoint", "size"), ("checkpoint", "note")}
"""What is made anew at each start; of the newest checkpoint nothing is left to be found."""


@pytest.fixture(scope="module", autouse=True)
def _marks_lie_close() -> Iterator[None]:
    """Let a short history pass a way mark."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "WAY_MARK", 16)
        yield


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder whose ledger has a few groups, stopped in good order; tests copy it."""
    path = make_folder(tmp_path_factory.mktemp("pattern") / "node")
    with open_folder(path, {}) as opened:
        store, signer = start_ledger(opened, CLOCK)
        commit(store, *PARTIES, sign=signer.sign)
        commit(store, *of_everything(range(ISSUED)), sign=signer.sign)
        commit(store, enrol("third"), sign=signer.sign)
        store.close()
    return path


@pytest.fixture(params=["after a clean stop", "after a crash"])
def folder(pattern: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[NodeFolder]:
    """Give an open folder; after a crash there are no saved trees."""
    shutil.copytree(pattern, tmp_path / "node")
    if request.param == "after a crash":
        (tmp_path / "node" / "trees").unlink()
    with open_folder(tmp_path / "node", {}) as opened:
        yield opened


def flip(folder: NodeFolder, table: str, column: str, row: int) -> None:
    """Flip one bit of a value in the row at a place, whatever its type is."""
    database = driver.connect(str(folder.database.database))
    database.create_function("flip", 1, _flipped)
    named = TABLES.tables[table]
    keys = [key.name for key in named.primary_key]
    rows = database.execute(f"SELECT {', '.join(quoted(keys))} FROM {table}").fetchall()  # noqa: S608 (names of ours)
    chosen = " AND ".join(f"{name} = ?" for name in quoted(keys))
    change = f'UPDATE {table} SET "{column}" = flip("{column}") WHERE {chosen}'  # noqa: S608 (names of ours)
    database.execute(change, rows[row % len(rows)])
    database.commit()
    database.close()


def quoted(names: Sequence[str]) -> list[str]:
    """Write names as SQL does."""
    return [f'"{name}"' for name in names]


def _flipped(value: bytes | str | int | None) -> bytes | str | int:
    if value is None or isinstance(value, int):
        return (value or 0) ^ 1 << 20  # a high one, so that no other row stands under the changed key
    data = value if isinstance(value, bytes) else value.encode()
    middle = len(data) // 2
    changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    return changed if isinstance(value, bytes) else changed.decode("latin-1")


def ask_everything(store: SqlLedgerStore, service: Service, *, sought: bool) -> None:
    """Ask a node for all that it serves; an answer is right, or it is an error of the node's own.

    With `sought`, something may also not be found.
    """
    tolerated = NodeError if sought else StoreFailed
    for signed in [*PARTIES, *of_everything(range(ISSUED)), enrol("third")]:
        with suppress(tolerated):
            stored = service.records.find(ITSELF, signed.id)
            assert stored.signed.envelope == signed.envelope
            with store.present() as view:
                path, head = view.log_path(stored.row.position), view.standing
            verify_inclusion(hash_leaf(stored.entry), stored.row.position, head.size, path, head.root)
    with suppress(tolerated):
        shown = service.objects.inbox(ITSELF, OFFICE, None, 50)
        assert shown.earlier == NO_HISTORY
        kinds = Counter(record.kind for _, record in shown.records)
        assert kinds == {
            "consignment.open": ISSUED,
            "declaration.lodge": ISSUED // 10,
            "payment.instruct": ISSUED // 10,
        }
    for name in [party("seller"), party("buyer"), party("third")]:
        for kind, begin in ((View.FULL, From.BEGINNING), (View.FULL, From.MARK), (View.STATUS, From.BEGINNING)):
            with suppress(tolerated):
                report = check_proof(service.proofs.of_objects(ITSELF, [name], kind, begin), TRUST, START + HOUR)
                assert report.verdict in (Verdict.VALID, Verdict.VALID_WITH_WARNINGS), report.detail
    with suppress(tolerated), store.present() as view:
        key = claim_key(ClaimKind.REVOKED_KEY, public(key_of("seller")))
        verify_absence(view.standing.claims_root, key, view.claim_proof(key))


@pytest.mark.parametrize("row", [0, 3, 21, 43])
@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=str)
def test_a_flipped_bit_gives_no_wrong_answer(folder: NodeFolder, table: str, column: str, row: int) -> None:
    """Refused at the start, refused when asked, or harmless: and the audit names it where the start has not."""
    flip(folder, table, column, row)
    try:
        store, signer = start_ledger(folder, CLOCK)
    except CannotStart:
        return
    try:
        difference = audit(store).difference
    except NodeError as error:
        difference = str(error)
    assert difference is not None or (table, column) in UNREAD
    engine = EmbeddedEngine(store, signer, clock=CLOCK, bounds=DEFAULTS)
    engine.start()
    ask_everything(
        store,
        Service(
            store,
            engine,
            signer,
            Metrics(),
            QuotaKeeper(Quotas()),
            Evidences(folder.path, members_of(store)),
            folder.config,
            CLOCK,
        ),
        sought=(table, column) in SOUGHT,
    )
    try:
        receipts = engine.submit([invoice(5, tagged=True), invoice(1_000, "seller", "third")]).result(PATIENCE_S)
        # A party that is not found any more is refused; sending again after the repair is harmless.
        then = {Outcome.CREATED, Outcome.REFUSED} if (table, column) in SOUGHT else {Outcome.CREATED}
        assert receipts[0].outcome is Outcome.EXISTS
        assert receipts[1].outcome in then
    except NodeError:
        assert engine.status().failure is not None
    engine.stop()
    store.close()
